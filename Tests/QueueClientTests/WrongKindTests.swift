import Foundation
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// What a worker does where one of its queue's keys holds another kind of value.
@Suite(.serialized) struct WrongKindTests {
  /// The keys without which jobs cannot be taken or ended.
  private static let needed: [QueueKey.Suffix] = [
    .meta, .wait, .active, .prioritized, .delayed, .waitingChildren, .completed, .failed, .stalled, .limiter,
  ]

  private static let key = QueueKey(name: "q")

  /// Takes a key's place, and gives it back.
  private func spoil(_ suffix: QueueKey.Suffix, on redis: RedisClient) async throws {
    let keep = "if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('RENAME', KEYS[1], 'kept') end "
    let spoil = suffix.kind == .string ? "redis.call('RPUSH', KEYS[1], 'x')" : "redis.call('SET', KEYS[1], 'x')"
    try await redis.send(["EVAL", .text(keep + spoil), "1", .text(Self.key[suffix])])
  }

  private func mend(_ suffix: QueueKey.Suffix, on redis: RedisClient) async throws {
    let restore = "if redis.call('EXISTS', 'kept') == 1 then redis.call('RENAME', 'kept', KEYS[1]) end"
    try await redis.send(["EVAL", .text("redis.call('DEL', KEYS[1]) " + restore), "1", .text(Self.key[suffix])])
  }

  @Test func `the keys that are needed are those that scripts look at`() {
    for suffix in Self.needed { #expect(QueueKey.Suffix.neededAtWork.contains("':\(suffix.rawValue)'")) }
  }

  @Test(arguments: needed)
  func `a key of another kind is there before the worker: no job is run, the key is named once, and work goes on later`(
    suffix: QueueKey.Suffix
  ) async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.addBulk((0..<5).map { .init("j\($0)") })
      try await spoil(suffix, on: redis)
      let (log, runs) = (RecordingLog(), Locked(0))
      let configuration = WorkerConfiguration(concurrency: 2, limiter: RateLimit(max: 100, duration: .seconds(1)))
      let worker = Worker("q", connection: redis, configuration: configuration, logger: log.logger) { _ in
        runs.edit { $0 += 1 }
      }
      try await running([worker]) {
        #expect(
          try await eventually { log.lines.contains { $0.contains("\"bull:q:\(suffix.rawValue)\" is a") } } != nil)
        try await Task.sleep(for: .milliseconds(700))
        #expect(runs.value == 0 && log.lines.count == 1, "\(log.lines)")
        try await mend(suffix, on: redis)
        #expect(try await eventually { try await queue.getJobCounts()[.completed] == 5 } != nil)
        #expect(runs.value == 5)
      }
      #expect(try await ConsistencyCheck(connection: redis).run() == [])
    }
  }

  @Test(arguments: needed.filter { $0 != .limiter }, ["complete", "fail", "retry", "delay"])
  func `a key becomes another kind while jobs run: their ends are kept until it is mended, and no other is run`(
    suffix: QueueKey.Suffix, end: String
  ) async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      var opts: JobOptions = ["attempts": end == "complete" || end == "fail" ? 1 : 2]
      if end == "delay" { opts.backoff = .fixed(1) }
      try await queue.addBulk((0..<5).map { .init("j\($0)", opts: opts) })
      // Of several, one may have been told of for the first time when the list of active jobs is emptied.
      let lanes = suffix == .active ? 1 : 2
      let (log, runs, mayEnd) = (RecordingLog(), Locked(0), Locked(false))
      let worker = Worker(
        "q", connection: redis, configuration: WorkerConfiguration(concurrency: lanes), logger: log.logger
      ) { job in
        runs.edit { $0 += 1 }
        while !mayEnd.value { try await Task.sleep(for: .milliseconds(5)) }
        if end != "complete", job.attemptsMade == 0 { throw Hand.Reason(description: "no") }
      }
      try await running([worker]) {
        #expect(try await eventually { runs.value == lanes } != nil)
        try await spoil(suffix, on: redis)
        mayEnd.edit { $0 = true }
        let isNamed = try await eventually(within: .seconds(3)) {
          log.lines.contains { $0.contains("\"bull:q:\(suffix.rawValue)\" is a") }
        }
        #expect(log.lines.count <= 3, "\(log.lines)")
        if suffix == .active, isNamed != nil {
          // The ids are gone, as where somebody had overwritten the list.
          try await redis.send(["DEL", .text(Self.key[.active])])
        } else {
          try await mend(suffix, on: redis)
        }
        let state = end == "fail" ? JobState.failed : .completed
        #expect(try await eventually { try await queue.getJobCounts()[state] == 5 } != nil)
        #expect(runs.value == (end == "complete" || end == "fail" ? 5 : 10), "none was run twice")
        for job in try await queue.getJobs([state]) {
          #expect(job.attemptsMade == (end == "complete" || end == "fail" ? 1 : 2))
        }
      }
      try await redis.send(["DEL", "kept"])
      #expect(try await ConsistencyCheck(connection: redis).run() == [])
    }
  }

  @Test(arguments: [QueueKey.Suffix.marker, .events])
  func `without a marker or events work goes on, and the key is named`(suffix: QueueKey.Suffix) async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await spoil(suffix, on: redis)
      let log = RecordingLog()
      let worker = Worker(
        "q", connection: redis, configuration: WorkerConfiguration(concurrency: 2), logger: log.logger
      ) { _ in }
      try await running([worker]) {
        for count in 1...3 {
          try await queue.add("j")
          #expect(try await eventually { try await queue.getJobCounts()[.completed] == count } != nil)
        }
        #expect(try await eventually { log.lines.contains { $0.contains("\"bull:q:\(suffix.rawValue)\"") } } != nil)
        #expect(log.lines.count <= 2, "\(log.lines)")
      }
    }
  }

  @Test func `locks are renewed though the stalled set is of another kind`() async throws {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(node("q/a", [:]))
      let job = try #require(try await hand.take("q"))
      try await hand.redis.send(["SET", "bull:q:stalled", "x"])
      #expect(try await hand.extend([job.lock]) == [])
    }
  }

  @Test func `a job that cannot be put back is still active`() async throws {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(node("q/a", [:]))
      let job = try #require(try await hand.take("q"))
      try await hand.redis.send(["SET", "bull:q:delayed", "x"])
      await #expect(throws: JobError.self) { try await job.moveToDelayed(until: .now + 60) }
      #expect(try await hand.redis.send(["LRANGE", "bull:q:active", "0", "-1"]).strings == ["a"])
      #expect(try await hand.extend([job.lock]) == [])
    }
  }
}
