import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// The search for problems.
@Suite struct SweepTests {
  private let queues = ["par", "mid", "kid"].map { QueueKey(name: $0) }

  /// Sweeps until everything was looked at.
  private func sweep(_ sweep: AttentionSweep, _ found: inout [JobKey: Diagnosis]) async throws -> AttentionSweep.Step {
    var last = AttentionSweep.Step()
    for _ in 0..<500 {
      last = try await sweep.step(queues: queues)
      for finding in last.findings { found[finding.root] = finding.diagnosis }
      for root in last.cleared { found[root] = nil }
      if last.progress.isComplete { break }
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
      var found: [JobKey: Diagnosis] = [:]
      let last = try await sweep(AttentionSweep(redis: redis), &found)
      #expect(
        found == [
          job("par", "failedChild"): .blockedByFailedChild(job("kid", "b"), name: "convert", reason: "503"),
          job("par", "gone"): .missingChild(job("kid", "nobody")),
          job("par", "done"): .completedStillPending(job("kid", "c"), name: "paint"),
          job("par", "nothing"): .waitsForNothing,
          job("par", "deep"): .blockedByFailedChild(job("kid", "d"), name: "leaf", reason: "no reason given"),
          job("par", "broke"): .failed(reason: "no wheels"),
        ])
      #expect(last.flowCount == KnownCount(7, isExact: true))
    }
  }

  @Test func `what is put right is cleared, at once where something changed`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "p"), in: .waitingChildren)
      try await redis.put(job("kid", "b"), in: .failed, parent: job("par", "p"))
      let search = AttentionSweep(redis: redis)
      var found: [JobKey: Diagnosis] = [:]
      _ = try await sweep(search, &found)
      #expect(found.keys.map(\.id) == ["p"])
      try await redis.send(["ZREM", "bull:kid:failed", "b"])
      try await redis.send(["RPUSH", "bull:kid:wait", "b"])
      await search.changed([QueueKey(name: "kid"), QueueKey(name: "par")])
      for _ in 0..<8 { _ = try await sweep(search, &found) }
      #expect(found.isEmpty)
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
      var found: [JobKey: Diagnosis] = [:]
      _ = try await sweep(AttentionSweep(redis: redis), &found)
      #expect(
        found == [
          job("par", "wide"): .blockedByFailedChild(job("kid", "n777"), name: "n", reason: "no reason given"),
          job("par", "kept"): .blockedByFailedChild(job("kid", "x"), name: "x", reason: "no reason given"),
        ])
    }
  }

  @Test func `an active job without a lock is stalled only when it still has none a while later`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "p"), in: .waitingChildren)
      try await redis.put(job("kid", "a"), in: .active, parent: job("par", "p"))
      try await redis.put(job("kid", "alone"), in: .active)
      let time = Locked(ContinuousClock.now)
      let search = AttentionSweep(redis: redis) { time.value }
      var found: [JobKey: Diagnosis] = [:]
      _ = try await sweep(search, &found)
      #expect(found.isEmpty)
      time.edit { $0 += .seconds(3) }
      await search.changed([QueueKey(name: "kid")])
      for _ in 0..<8 { _ = try await sweep(search, &found) }
      #expect(found == [job("par", "p"): .withoutLock])
    }
  }

  @Test func `flows that wait in a paused queue say so`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "p"), in: .waitingChildren)
      try await redis.put(job("kid", "a"), in: .wait, parent: job("par", "p"))
      try await redis.send(["HSET", "bull:kid:meta", "paused", "1"])
      var found: [JobKey: Diagnosis] = [:]
      _ = try await sweep(AttentionSweep(redis: redis), &found)
      #expect(found == [job("par", "p"): .queuePaused])
    }
  }

  @Test func `circles and broken keys end the search as they end everything else`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "a"), in: .waitingChildren, parent: job("par", "b"))
      try await redis.put(job("par", "b"), in: .waitingChildren, parent: job("par", "a"))
      try await redis.send(["SET", "bull:kid:failed", "no zset"])
      var found: [JobKey: Diagnosis] = [:]
      let last = try await sweep(AttentionSweep(redis: redis), &found)
      #expect(found.isEmpty)
      #expect(last.flowCount == KnownCount(1, isExact: true))
    }
  }
}
