import Foundation
import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// Job schedulers: whoever takes a job adds the one after it, once.
@Suite struct SchedulerTests {
  private let start = 2_050_000_000_000

  private func newest(_ hand: Hand, _ id: String) async throws -> Int? {
    try await hand.redis.send(["ZSCORE", "bull:q:repeat", .text(id)]).double.map { Int($0) }
  }

  private func chain(_ hand: Hand, clock: WorkerClock = .system) -> SchedulerChain {
    SchedulerChain(queue: QueueKey(name: "q"), redis: hand.redis, clock: clock)
  }

  @Test func `a worker adds the next job of a scheduler before its processor runs`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let first = try #require(
        try await queue.upsertJobScheduler(
          "beat", repeating: RepeatOptions(every: 1000, startDate: start), name: "tick", data: ["n": 1]))
      #expect(first.id == "repeat:beat:\(start)" && first.name == "tick")
      let seen = Locked<[String]>([])
      let redis = hand.redis
      let worker = Worker("q", connection: redis) { job -> String in
        let delayed = try await redis.send(["ZRANGE", "bull:q:delayed", "0", "-1"]).strings
        seen.edit { $0 += delayed }
        return job.id
      }
      let run = Task { try await worker.run() }
      try await first.promote()
      #expect(try await first.waitUntilFinished(timeout: .seconds(10)) == .string(first.id))
      #expect(seen.value == ["repeat:beat:\(start + 1000)"])
      await worker.close()
      try await run.value
      let next = try await hand.job("bull:q:repeat:beat:\(start + 1000)")
      #expect(next.name == "tick" && next.data == #"{"n":1}"# && next.repeatJobKey == "beat")
      #expect(try await hand.redis.send(["HGET", "bull:q:repeat:beat", "ic"]).int == 2)
    }
  }

  @Test func `taken again after its worker died, a job adds no second one`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let job = try #require(
        try await queue.upsertJobScheduler("beat", repeating: RepeatOptions(every: 1000, startDate: start)))
      try await job.promote()
      let taken = try #require(try await hand.take("q"))
      for _ in 0..<3 { try await chain(hand).continue(after: taken) }
      #expect(try await newest(hand, "beat") == start + 1000)
      #expect(try await queue.getJobCounts()[.delayed] == 1)
      try await hand.end(taken, .completed(1))
      // As a retried job of long ago.
      try await chain(hand).continue(after: taken)
      #expect(try await queue.getJobCounts()[.delayed] == 1)
    }
  }

  @Test func `while Redis takes no writes, the next job waits, and is not lost`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let job = try #require(
        try await queue.upsertJobScheduler("beat", repeating: RepeatOptions(every: 1000, startDate: start)))
      try await job.promote()
      let taken = try #require(try await hand.take("q"))
      let redis = hand.redis
      let waits = Locked(0)
      let clock = WorkerClock(now: WorkerClock.system.now) { _ in
        waits.edit { $0 += 1 }
        if waits.value == 3 { try await redis.send(["CONFIG", "SET", "min-replicas-to-write", "0"]) }
      }
      try await redis.send(["CONFIG", "SET", "min-replicas-to-write", "1"])
      let told = Locked(0)
      let isDone = try await chain(hand, clock: clock).continueWhenPossible(after: taken) {
        false
      } tell: { _ in
        told.edit { $0 += 1 }
      }
      #expect(isDone && waits.value == 3 && told.value == 1)
      #expect(try await newest(hand, "beat") == start + 1000)
      try await hand.end(taken, .completed(1))
    }
  }

  @Test func `a limit and an end date end the chain, and a removed scheduler has no next job`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let endings: [(String, RepeatOptions, Int)] = [
        ("limited", RepeatOptions(every: 1000, limit: 3, startDate: start), 3),
        (
          "ended",
          RepeatOptions(pattern: "0 0 1 1 *", tz: "UTC", startDate: start, endDate: start + 2 * 366 * 86_400_000), 2
        ),
        ("removed", RepeatOptions(every: 1000, startDate: start), 1),
      ]
      for (id, options, count) in endings {
        var made = 0
        var next = try await queue.upsertJobScheduler(id, repeating: options)
        while let job = next {
          made += 1
          try await job.promote()
          let taken = try #require(try await hand.take("q"))
          if id == "removed" { #expect(try await queue.removeJobScheduler(id)) }
          try await chain(hand).continue(after: taken)
          try await hand.end(taken, .completed(1))
          next = try await queue.getJobs([.delayed]).first
        }
        #expect(made == count, "\(id)")
      }
      #expect(try await !queue.removeJobScheduler("removed"))
    }
  }

  @Test func `missed beats are not made up for`() {
    #expect(Iterations.next(every: 1000, after: 5000, offset: 0, now: 5500) == 6000)
    #expect(Iterations.next(every: 1000, after: 5000, offset: 0, now: 9500) == 10_000)
    #expect(Iterations.next(every: 1000, after: 5250, offset: 250, now: 9100) == 9250)
    #expect(Iterations.first(every: 1000, offset: 0, startDate: nil, now: 9100) == 9100)
    #expect(Iterations.first(every: 1000, offset: 250, startDate: nil, now: 9100) == 9250)
    #expect(Iterations.first(every: 1000, offset: 0, startDate: 20_000, now: 9100) == 20_000)
  }

  @Test(arguments: [Int.min, Int.max, 0, -1])
  func `whatever numbers stand in Redis, none stops the program`(number: Int) {
    let opts: JSON = [
      "repeat": [
        "pattern": "* * * * *", "count": .int(number), "startDate": .int(number), "limit": .int(.max),
        "offset": .int(number),
      ],
      "prevMillis": .int(number),
    ]
    _ = try? Iterations.next(after: opts, of: "s", record: ["every": .int(number)], previous: number, now: 0)
    _ = try? Iterations.next(after: [:], of: "s", record: ["every": "1e308"], previous: number, now: 0)
    _ = try? Iterations.next(
      after: [:], of: "s", record: ["every": "1", "offset": .int(number)], previous: number, now: 0)
  }

  @Test func `an upsert replaces the job that waits, and nothing else`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      try await queue.upsertJobScheduler("s", repeating: RepeatOptions(every: 1000, startDate: start), data: ["n": 1])
      try await queue.upsertJobScheduler("s", repeating: RepeatOptions(every: 1000), data: ["n": 2])
      #expect(try await queue.getJobs([.delayed]).map(\.id) == ["repeat:s:\(start)"])
      #expect(try await queue.getJobs([.delayed]).map(\.data) == [#"{"n":2}"#])
      try await queue.upsertJobScheduler(
        "s", repeating: RepeatOptions(pattern: "0 0 1 1 *", tz: "UTC", startDate: start))
      #expect(try await queue.getJobs([.delayed]).count == 1)
      #expect(try await queue.getJobSchedulers().map(\.id) == ["s"])
      await #expect(throws: JobError.self) { try await queue.getJobs([.delayed])[0].remove() }
    }
  }

  @Test(arguments: [
    RepeatOptions(), RepeatOptions(pattern: "* * * * *", every: 1), RepeatOptions(pattern: "nonsense"),
    RepeatOptions(pattern: "* * * * *", tz: "Mars/Olympus"), RepeatOptions(every: 0),
    RepeatOptions(pattern: "* * * * *", startDate: 1, immediately: true),
  ])
  func `a scheduler that cannot be is refused, and nothing is changed`(options: RepeatOptions) async throws {
    try await withHand { hand in
      await #expect(throws: JobSchedulerError.self) {
        try await Queue("q", connection: hand.redis).upsertJobScheduler("s", repeating: options)
      }
      let size = try await hand.redis.send(["DBSIZE"]).int
      #expect(size == 0)
    }
  }

  @Test func `a scheduler's job may stall as often as it likes`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let job = try #require(
        try await queue.upsertJobScheduler("beat", repeating: RepeatOptions(every: 1000, startDate: start)))
      try await job.promote()
      for _ in 0..<4 {
        _ = try #require(try await hand.take("q"))
        try await hand.redis.send(["DEL", "bull:q:\(job.id):lock"])
        _ = try await hand.recoverStalled("q")
        #expect(try await hand.recoverStalled("q") == [job.id])
      }
      #expect(try await hand.job("bull:q:\(job.id)").deferredFailure == nil)
    }
  }
}
