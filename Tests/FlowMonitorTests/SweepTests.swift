import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// The search for problems.
@Suite struct SweepTests {
  private let queues = ["par", "mid", "kid"].map { QueueKey(name: $0) }

  /// What is told of a flow: its most important cause.
  private struct Told: Equatable, CustomStringConvertible {
    var code: CauseCode
    var at: JobKey
    var reason: String?
    var description: String { "\(code) \(at) \(reason ?? "")" }

    init(_ code: CauseCode, _ at: JobKey, _ reason: String? = nil) {
      (self.code, self.at, self.reason) = (code, at, reason)
    }
  }

  /// Sweeps until everything was looked at.
  private func sweep(_ sweep: AttentionSweep, _ found: inout [JobKey: Told]) async throws -> AttentionSweep.Step {
    var last = AttentionSweep.Step()
    for _ in 0..<500 {
      last = try await sweep.step(queues: queues)
      for finding in last.findings {
        found[finding.root] = finding.causes.first.map { Told($0.code, $0.job, $0.evidence.reason) }
      }
      for root in last.cleared { found[root] = nil }
      if last.progress.isComplete, await sweep.isIdle { break }
    }
    return last
  }

  @Test func `each kind of problem is found at the root of its flow, and flows without one are left alone`()
    async throws
  {
    try await withRedis { redis, _ in
      for id in ["fine", "failedChild", "gone", "done", "nothing", "deep"] {
        try await redis.put(job("par", id), in: .waitingChildren)
      }
      try await redis.put(job("kid", "a"), in: .wait, parent: job("par", "fine"))
      try await redis.put(
        job("kid", "b"), in: .failed, name: "convert", parent: job("par", "failedChild"),
        fields: ["failedReason", "503"])
      try await redis.send(["SADD", "bull:par:gone:dependencies", "bull:kid:nobody"])
      try await redis.put(job("kid", "c"), in: .completed, name: "paint", parent: job("par", "done"))
      try await redis.put(job("mid", "m"), in: .waitingChildren, parent: job("par", "deep"))
      try await redis.put(job("kid", "d"), in: .failed, name: "leaf", parent: job("mid", "m"))
      try await redis.put(job("par", "broke"), in: .failed, fields: ["failedReason", "no wheels"])
      try await redis.put(job("kid", "e"), in: .completed, parent: job("par", "broke"), isPending: false)
      // A plain job that failed is no flow.
      try await redis.put(job("kid", "plain"), in: .failed)
      var found: [JobKey: Told] = [:]
      let last = try await sweep(AttentionSweep(redis: redis), &found)
      #expect(
        found == [
          job("par", "fine"): Told(.noWorker, job("kid", "a")),
          job("par", "failedChild"): Told(.failedChild, job("kid", "b"), "503"),
          job("par", "gone"): Told(.missingChild, job("kid", "nobody")),
          job("par", "done"): Told(.completedStillPending, job("kid", "c")),
          job("par", "nothing"): Told(.waitsForNothing, job("par", "nothing")),
          job("par", "deep"): Told(.failedChild, job("kid", "d")),
          job("par", "broke"): Told(.failed, job("par", "broke"), "no wheels"),
        ])
      #expect(last.flowCount == KnownCount(7, isExact: true))
    }
  }

  @Test func `what is put right is cleared, at once where something changed`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "p"), in: .waitingChildren)
      try await redis.put(job("kid", "b"), in: .failed, parent: job("par", "p"))
      let search = AttentionSweep(redis: redis)
      var found: [JobKey: Told] = [:]
      _ = try await sweep(search, &found)
      #expect(found.keys.map(\.id) == ["p"])
      try await redis.send(["ZREM", "bull:kid:failed", "b"])
      try await redis.send(["RPUSH", "bull:kid:wait", "b"])
      await search.changed([QueueKey(name: "kid"), QueueKey(name: "par")])
      for _ in 0..<8 { _ = try await sweep(search, &found) }
      #expect(found == [job("par", "p"): Told(.noWorker, job("kid", "b"))])
    }
  }

  @Test func `one failed child among thousands is found, and one that is still waited for whatever its policy says`()
    async throws
  {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "wide"), in: .waitingChildren)
      try await redis.pipeline(
        (0..<3000).flatMap { number -> [RedisCommand] in
          [
            ["HSET", "bull:kid:n\(number)", "name", "n"], ["RPUSH", "bull:kid:wait", "n\(number)"],
            ["SADD", "bull:par:wide:dependencies", "bull:kid:n\(number)"],
          ]
        })
      try await redis.put(job("par", "kept"), in: .waitingChildren)
      try await redis.put(job("kid", "x"), in: .failed, parent: job("par", "kept"))
      try await redis.send(["HSET", "bull:kid:x", "parent", #"{"id":"kept","queueKey":"bull:par","idof":true}"#])
      try await redis.send(["ZADD", "bull:kid:failed", "1", "n777"])
      var found: [JobKey: Told] = [:]
      _ = try await sweep(AttentionSweep(redis: redis), &found)
      #expect(
        found == [
          job("par", "wide"): Told(.failedChild, job("kid", "n777")),
          job("par", "kept"): Told(.failedChild, job("kid", "x")),
        ])
    }
  }

  @Test(
    "the search takes a twentieth of Redis's time, later a fiftieth, and does not take the way to Redis for it",
    arguments: [
      (Duration?.some(.milliseconds(2)), Duration.microseconds(500), false, Duration.microseconds(9500)),
      (.milliseconds(2), .microseconds(500), true, .microseconds(24500)),
      (.milliseconds(2), .milliseconds(200), false, .milliseconds(38)),
      (nil, .milliseconds(10), false, .milliseconds(190)), (nil, .zero, false, .milliseconds(5)),
      (nil, .seconds(9), false, .seconds(3)),
    ])
  func rest(cost: Duration?, elapsed: Duration, isRepeated: Bool, rest: Duration) {
    #expect(SweepPace.rest(after: cost, within: elapsed, isRepeated: isRepeated) == rest)
  }

  @Test func `what may be over in a moment is told when a later look finds it, too`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "p"), in: .waitingChildren)
      try await redis.put(job("kid", "a"), in: .active, parent: job("par", "p"))
      try await redis.put(job("kid", "alone"), in: .active)
      // The worker was there until just now.
      try await redis.send(["SET", "bull:kid:stalled-check", "1", "PX", "600000"])
      let time = Locked(ContinuousClock.now)
      let search = AttentionSweep(redis: redis) { time.value }
      var found: [JobKey: Told] = [:]
      _ = try await sweep(search, &found)
      #expect(found.isEmpty)
      #expect(await search.secondLook == VerdictBook.patience)
      time.edit { $0 += .seconds(3) }
      _ = try await sweep(search, &found)
      #expect(found == [job("par", "p"): Told(.stalled, job("kid", "a"))])
    }
  }

  @Test func `problems of the queues known are found while others are still looked for, and nothing is said to be all`()
    async throws
  {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "p"), in: .waitingChildren)
      try await redis.put(job("kid", "a"), in: .failed, parent: job("par", "p"))
      let search = AttentionSweep(redis: redis)
      var findings: [AttentionSweep.Finding] = []
      var last = AttentionSweep.Step()
      repeat {
        last = try await search.step(queues: queues, areAll: false)
        findings += last.findings
      } while await !search.isIdle
      #expect(findings.map(\.root) == [job("par", "p")])
      #expect(!last.progress.isComplete && last.flowCount.precision == .atLeast)
      let all = try await search.step(queues: queues, areAll: true)
      #expect(all.progress.isComplete && all.flowCount == KnownCount(1, .exact))
    }
  }

  @Test func `flows that wait in a paused queue say so`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "p"), in: .waitingChildren)
      try await redis.put(job("kid", "a"), in: .wait, parent: job("par", "p"))
      try await redis.send(["HSET", "bull:kid:meta", "paused", "1"])
      var found: [JobKey: Told] = [:]
      _ = try await sweep(AttentionSweep(redis: redis), &found)
      #expect(found == [job("par", "p"): Told(.queuePaused, job("kid", "a"))])
    }
  }

  @Test func `of a queue that is held up all jobs are followed to their flows, each of which is one`() async throws {
    try await withRedis { redis, _ in
      for number in 0..<300 {
        let parent = job("par", "p\(number)")
        try await redis.put(parent, in: .waitingChildren)
        for child in ["a", "b"] { try await redis.put(job("kid", "\(child)\(number)"), in: .wait, parent: parent) }
      }
      // Nobody's jobs, too.
      for number in 0..<300 { try await redis.put(job("kid", "plain\(number)"), in: .wait) }
      try await redis.send(["HSET", "bull:kid:meta", "paused", "1"])
      var found: [JobKey: Told] = [:]
      let last = try await sweep(AttentionSweep(redis: redis), &found)
      #expect(found.count == 300 && found.values.allSatisfy { $0.code == .queuePaused })
      #expect(last.isExact)
    }
  }

  @Test func `a root that is in no list is found by what it keeps of its children`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "lost"), in: nil)
      try await redis.put(job("kid", "a"), in: .completed, parent: job("par", "lost"), isPending: false)
      try await redis.put(job("par", "fine"), in: .wait)
      try await redis.put(job("kid", "b"), in: .completed, parent: job("par", "fine"), isPending: false)
      var found: [JobKey: Told] = [:]
      let last = try await sweep(AttentionSweep(redis: redis), &found)
      #expect(found[job("par", "lost")] == Told(.lostJob, job("par", "lost")))
      #expect(last.isExact)
    }
  }

  @Test func `where the keys may not be gone through, nobody says that all is known`() async throws {
    try await withRedis { redis, _ in
      try await redis.send(["ACL", "SETUSER", "plain", "on", ">pw", "~*", "&*", "+@all", "-scan"])
      var endpoint = redis.configuration.endpoint
      (endpoint.username, endpoint.password) = ("plain", "pw")
      let plain = RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
      defer { plain.close() }
      try await redis.put(job("par", "p"), in: .waitingChildren)
      var found: [JobKey: Told] = [:]
      let last = try await sweep(AttentionSweep(redis: plain), &found)
      #expect(found[job("par", "p")]?.code == .waitsForNothing && last.progress.isComplete && !last.isExact)
    }
  }

  @Test func `of more flows that are held up than are looked at, the number found is not said to be all`() async throws
  {
    try await withRedis { redis, _ in
      for index in 0..<2400 {
        try await redis.put(job("par", "p\(index)"), in: .waitingChildren)
        try await redis.put(job("kid", "c\(index)"), in: .wait, parent: job("par", "p\(index)"))
      }
      let search = AttentionSweep(redis: redis)
      var last = AttentionSweep.Step()
      repeat { last = try await search.step(queues: queues) } while await !search.isIdle
      #expect(last.progress.isComplete && !last.isExact)
      #expect(last.flowCount == KnownCount(2400, .exact))
    }
  }

  @Test func `circles and broken keys end the search as they end everything else`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "a"), in: .waitingChildren, parent: job("par", "b"))
      try await redis.put(job("par", "b"), in: .waitingChildren, parent: job("par", "a"))
      try await redis.send(["SET", "bull:kid:failed", "no zset"])
      var found: [JobKey: Told] = [:]
      let last = try await sweep(AttentionSweep(redis: redis), &found)
      // A circle counts when a second look finds it, too.
      #expect(found.values.allSatisfy { $0.code == .circle })
      #expect(last.flowCount == KnownCount(1, isExact: true))
    }
  }
}
