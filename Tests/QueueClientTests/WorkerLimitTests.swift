import Foundation
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// What keeps workers from taking jobs holds, whatever their number, and ends in time, whatever else is on.
@Suite struct WorkerLimitTests {
  /// A worker that nothing but a call wakes: who misses one sleeps for a minute.
  private static func configuration(_ concurrency: Int, limiter: RateLimit? = nil) -> WorkerConfiguration {
    WorkerConfiguration(concurrency: concurrency, drainDelay: .seconds(60), stalledInterval: nil, limiter: limiter)
  }

  /// When jobs were taken, by Redis's own clock, in milliseconds.
  private func starts(_ queue: String, on redis: RedisClient) async throws -> [Int] {
    (try await redis.send(["XRANGE", "bull:\(queue):events", "-", "+"]).array ?? []).compactMap { entry in
      guard let parts = entry.array, parts.count == 2,
        parts[1].pairs.contains(where: { $0.name == "event" && $0.value.string == "active" })
      else { return nil }
      return parts[0].string.flatMap { $0.split(separator: "-").first }.flatMap { Int($0) }
    }
  }

  /// The most jobs that were taken in one window: each begins with the first job behind the last one.
  private func mostInAWindow(_ starts: [Int], of duration: Int) -> Int {
    var (begin, count, most) = (Int.min, 0, 0)
    for start in starts {
      if begin == Int.min || start > begin + duration { (begin, count) = (start, 0) }
      count += 1
      most = max(most, count)
    }
    return most
  }

  @Test(arguments: [(1, 40, 1), (1, 40, 4), (3, 60, 4)])
  func `a rate limit is never exceeded, whatever the number of workers`(
    max: Int, duration: Int, concurrency: Int
  ) async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      let limit = RateLimit(max: max, duration: .milliseconds(duration))
      let jobs = 25 * max
      for isGlobal in [true, false] {
        try await redis.send(["FLUSHALL"])
        if isGlobal { try await queue.setGlobalRateLimit(limit) }
        try await queue.addBulk((0..<jobs).map { _ in .init("j") })
        let workers = (0..<3).map { _ in
          Worker(
            "q", connection: redis, configuration: Self.configuration(concurrency, limiter: isGlobal ? nil : limit)
          ) { _ in }
        }
        try await running(workers) {
          let took = try await eventually(within: .seconds(60)) { try await queue.getJobCounts()[.completed] == jobs }
          #expect(took != nil)
        }
        let starts = try await starts("q", on: redis)
        #expect(mostInAWindow(starts, of: duration) == max)
      }
    }
  }

  @Test func `a limiter in its last millisecond counts still, and one without an end does not`() async throws {
    try await withHand(isConsistent: false) { hand in
      for id in ["a", "b"] { try await hand.add(node("q/\(id)")) }
      let limit = RateLimit(max: 1, duration: .milliseconds(300))
      #expect(try await hand.take("q", limiter: limit) != nil)
      let expiry = try await hand.redis.send(["PEXPIRETIME", "bull:q:limiter"]).int ?? 0
      // Asked without a pause until it is granted.
      var taken: Job?
      while taken == nil { taken = try await hand.take("q", limiter: limit) }
      let second = try await starts("q", on: hand.redis).last ?? 0
      #expect(second > expiry)
      try await hand.add(node("q/c"))
      try await hand.redis.send(["SET", "bull:q:limiter", "5"])
      #expect(try await hand.take("q", limiter: limit) != nil)
    }
  }

  @Test func `a job that only fails, with the failure of a child, counts against no limit`() async throws {
    try await withHand(isConsistent: false) { hand in
      for id in ["dead", "alive"] { try await hand.add(node("q/\(id)")) }
      try await hand.redis.send(["HSET", "bull:q:dead", "defa", "child failed"])
      let limit = RateLimit(max: 1, duration: .seconds(60))
      #expect(try await hand.take("q", limiter: limit)?.id == "dead")
      #expect(try await hand.take("q", limiter: limit)?.id == "alive")
    }
  }

  @Test func `the queue's rate limit goes before a worker's own`() async throws {
    try await withHand(isConsistent: false) { hand in
      for id in ["a", "b"] { try await hand.add(node("q/\(id)")) }
      try await Queue("q", connection: hand.redis).setGlobalRateLimit(RateLimit(max: 1, duration: .seconds(60)))
      let own = RateLimit(max: 100, duration: .milliseconds(1))
      #expect(try await hand.take("q", limiter: own) != nil)
      #expect(try await hand.take("q", limiter: own) == nil)
    }
  }

  @Test func `one at a time and one each 200 ms: nobody sleeps through the end of either`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.setGlobalConcurrency(1)
      try await queue.setGlobalRateLimit(RateLimit(max: 1, duration: .milliseconds(200)))
      try await queue.addBulk((0..<8).map { _ in .init("j") })
      let worker = Worker("q", connection: redis, configuration: Self.configuration(4)) { _ in }
      try await running([worker]) {
        // 1.4 seconds, or the minute of who sleeps on.
        let took = try await eventually(within: .seconds(30)) { try await queue.getJobCounts()[.completed] == 8 }
        #expect(took != nil)
      }
    }
  }

  @Test func `a limit that is lifted wakes the workers that sleep through it`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.setGlobalConcurrency(1)
      try await queue.addBulk([.init("long"), .init("short")])
      let mayEnd = Locked(false)
      let worker = Worker("q", connection: redis, configuration: Self.configuration(1)) { job in
        while job.name == "long", !mayEnd.value { try await Task.sleep(for: .milliseconds(5)) }
      }
      let other = Worker("q", connection: redis, configuration: Self.configuration(1)) { _ in }
      try await running([worker]) {
        #expect(try await eventually { try await queue.getJobCounts()[.active] == 1 } != nil)
        try await running([other]) {
          // It has asked, and sleeps.
          #expect(try await eventually { try await blocked(on: redis) == 1 } != nil)
          try await queue.setGlobalConcurrency(nil)
          #expect(try await eventually { try await queue.getJobCounts()[.completed] == 1 } != nil)
        }
        mayEnd.edit { $0 = true }
      }
    }
  }

  @Test func `a place that another worker's job leaves free is taken at once`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.setGlobalConcurrency(1)
      try await queue.addBulk([.init("a"), .init("b")])
      // A hand ends its job without taking another.
      let hand = Hand(redis)
      let job = try #require(try await hand.take("q"))
      let worker = Worker("q", connection: redis, configuration: Self.configuration(1)) { _ in }
      try await running([worker]) {
        #expect(try await eventually { try await blocked(on: redis) == 1 } != nil)
        try await hand.end(job, .completed(1))
        #expect(try await eventually { try await queue.getJobCounts()[.completed] == 2 } != nil)
      }
    }
  }

  @Test func `a worker that is woken and has no hand free wakes another`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      let mayEnd = Locked(false)
      let busy = Worker("q", connection: redis, configuration: Self.configuration(2)) { job in
        while job.name == "long", !mayEnd.value { try await Task.sleep(for: .milliseconds(5)) }
      }
      let idle = Worker("q", connection: redis, configuration: Self.configuration(1)) { _ in }
      try await running([busy]) {
        // It has one job, and waits for a second; when that one comes with the end of a first, it waits still.
        try await queue.addBulk([.init("long"), .init("long")])
        #expect(try await eventually { try await queue.getJobCounts()[.active] == 2 } != nil)
        try await running([idle]) {
          try await queue.add("short")
          #expect(try await eventually { try await queue.getJobCounts()[.completed] == 1 } != nil)
        }
        mayEnd.edit { $0 = true }
      }
    }
  }

  @Test func `a worker that was woken and pauses wakes another`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      let worker = Worker("q", connection: redis, configuration: Self.configuration(1)) { _ in }
      let paused = Worker("q", connection: redis, configuration: Self.configuration(1)) { _ in }
      try await running([paused]) {
        #expect(try await eventually { try await blocked(on: redis) == 1 } != nil)
        await paused.pause()
        try await running([worker]) {
          for count in 1...20 {
            try await queue.add("j")
            #expect(try await eventually { try await queue.getJobCounts()[.completed] == count } != nil)
          }
        }
      }
    }
  }

  // MARK: All at once

  /// What is on in one queue, drawn from a seed.
  private struct Situation {
    var workers: [Int]
    var limiter: RateLimit?
    var globalLimit: RateLimit?
    var globalConcurrency: Int?
    var jobs: [JobOptions]
    var disturbances: [Int]

    init(seed: UInt64) {
      var random = Seeded(state: seed)
      func one<Value>(of values: [Value], _ random: inout Seeded) -> Value { values.randomElement(using: &random)! }
      let limits: [RateLimit?] = [
        nil, RateLimit(max: 1, duration: .milliseconds(30)), RateLimit(max: 2, duration: .milliseconds(50)),
      ]
      workers = (0..<Int.random(in: 1...3, using: &random)).map { _ in one(of: [1, 2, 4], &random) }
      limiter = one(of: limits, &random)
      globalLimit = one(of: limits, &random)
      globalConcurrency = one(of: [nil, 1, 2], &random)
      jobs = (0..<16).map { _ in
        var options: JobOptions = ["attempts": 2]
        if Int.random(in: 0..<4, using: &random) == 0 { options.delay = Int.random(in: 1...300, using: &random) }
        if Int.random(in: 0..<4, using: &random) == 0 { options.priority = 1 }
        if Int.random(in: 0..<4, using: &random) == 0 { options["backoff"] = 20 }
        return options
      }
      disturbances = (0..<6).map { _ in Int.random(in: 0..<8, using: &random) }
    }
  }

  private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }

  @Test func `no combination of limits, pauses, delays and workers leaves a job that could run`() async throws {
    try await withRedis { redis, _ in
      try await withThrowingTaskGroup { group in
        for seed in 1...40 { group.addTask { try await play(Situation(seed: UInt64(seed)), "q\(seed)", on: redis) } }
        try await group.waitForAll()
      }
    }
  }

  private func play(_ situation: Situation, _ name: String, on redis: RedisClient) async throws {
    let queue = Queue(name, connection: redis)
    try await queue.setGlobalConcurrency(situation.globalConcurrency)
    try await queue.setGlobalRateLimit(situation.globalLimit)
    let workers = situation.workers.map { concurrency in
      Worker(
        name, connection: redis, configuration: Self.configuration(concurrency, limiter: situation.limiter)
      ) { job in
        try await Task.sleep(for: .milliseconds(3))
        if job.attemptsMade == 0, job.id.hasSuffix("3") { throw Hand.Reason(description: "once more") }
      }
    }
    try await running(workers) {
      for (index, options) in situation.jobs.enumerated() {
        try await queue.add("j", opts: options)
        guard index % 3 == 2 else { continue }
        try await Task.sleep(for: .milliseconds(10))
        try await disturb(situation.disturbances[index / 3], queue, workers)
      }
      try await queue.resume()
      for worker in workers { worker.resume() }
      let took = try await eventually(within: .seconds(20)) {
        try await queue.getJobCounts()[.completed] == situation.jobs.count
      }
      // Sixteen jobs and some attempts more, one each 30 ms at the worst, on a machine that has other work.
      let counts = try await queue.getJobCounts()
      #expect(took != nil, "\(name): \(counts) of \(situation)")
    }
  }

  private func disturb(_ kind: Int, _ queue: Queue, _ workers: [Worker]) async throws {
    switch kind {
    case 0: try await queue.pause()
    case 1: try await queue.resume()
    case 2: await workers[0].pause()
    case 3: workers[0].resume()
    case 4: try await queue.setGlobalConcurrency(nil)
    case 5: try await queue.setGlobalConcurrency(1)
    case 6: try await queue.setGlobalRateLimit(nil)
    default: try await queue.rateLimit(.milliseconds(100))
    }
  }

  // MARK: Help

  private func blocked(on redis: RedisClient) async throws -> Int {
    let info = try await redis.send(["INFO", "clients"]).string ?? ""
    return info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("blocked_clients:") }
      .flatMap { Int($0.dropFirst("blocked_clients:".count)) } ?? 0
  }
}

/// Runs a test while workers run.
func running(_ workers: [Worker], _ body: () async throws -> Void) async throws {
  let runs = workers.map { worker in Task { try await worker.run() } }
  do {
    try await body()
  } catch {
    await Worker.close(workers, within: .zero)
    throw error
  }
  await Worker.close(workers, within: .zero)
  for run in runs { try await run.value }
}
