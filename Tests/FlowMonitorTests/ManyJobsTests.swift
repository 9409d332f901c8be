import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// Flows of very many jobs: what is alike is counted, and only what there is to tell is kept.
@Suite struct ManyJobsTests {
  /// Adds children of a parent to a list or sorted set.
  private func add(_ count: Int, _ name: String, to place: QueueKey.Suffix, of parent: JobKey, _ redis: RedisClient)
    async throws
  {
    let kid = QueueKey(name: "kid")
    let isList = place == .wait || place == .active
    try await redis.pipeline(
      (0..<count).flatMap { number -> [RedisCommand] in
        let child = JobKey(queue: kid, id: "\(name)\(number)")
        return [
          ["HSET", .text(child.description), "name", .text(name), "timestamp", "1795000000000"],
          ["SADD", .text(parent[.dependencies]), .text(child.description)],
          isList
            ? ["LPUSH", .text(kid[place]), .text(child.id)]
            : ["ZADD", .text(kid[place]), "7352320000000000", .text(child.id)],
        ]
      })
  }

  @Test func `of thousands that wait alike some are read, and all are counted, with scripts and without`()
    async throws
  {
    try await withRedis { redis, _ in
      let root = job("par", "r")
      try await redis.put(root, in: .waitingChildren)
      try await add(3000, "ready", to: .wait, of: root, redis)
      try await add(2000, "later", to: .delayed, of: root, redis)
      try await add(3, "bad", to: .failed, of: root, redis)
      try await redis.send(["SADD", .text(root[.dependencies]), "bull:kid:gone"])
      let facts = try #require(try await FactsReader(redis: redis).facts(of: [root]))
      #expect(facts.jobs.count < 150)
      #expect(facts.jobs.values.reduce(0) { $0 + $1.count } == 5005)
      let plain = try await redis.withoutScripts()
      defer { plain.close() }
      for client in [redis, plain] {
        let causes = try #require(try await FlowExplainer(redis: client).explain(root)).causes
        let counts = causes.map { "\($0.code.rawValue) \($0.evidence.count)" }
        #expect(counts == ["failed-child 3", "missing-child 1", "no-worker 5000", "delayed 2000"])
      }
    }
  }

  @Test func `children that two parents wait for are counted once`() async throws {
    try await withRedis { redis, _ in
      let root = job("par", "r")
      try await redis.put(root, in: .waitingChildren)
      for id in ["a", "b"] {
        try await redis.put(job("mid", id), in: .waitingChildren, parent: root)
        try await add(id == "a" ? 300 : 0, "shared", to: .wait, of: job("mid", "a"), redis)
      }
      try await redis.send(["SUNIONSTORE", "bull:mid:b:dependencies", "bull:mid:a:dependencies"])
      let causes = try #require(try await FlowExplainer(redis: redis).explain(root)).causes
      #expect(causes.map(\.code) == [.noWorker] && causes.first?.evidence.count == 300)
    }
  }

  @Test func `the one that stands for others tells how many are taken before the last of them`() async throws {
    try await withRedis { redis, _ in
      let root = job("par", "r")
      try await redis.put(root, in: .waitingChildren)
      try await add(200, "ready", to: .wait, of: root, redis)
      let facts = try #require(try await FactsReader(redis: redis).facts(of: [root]))
      #expect(facts.jobs.values.max { $0.count < $1.count }?.count == 150)
      #expect(facts.jobs.values.compactMap(\.ahead).max() == 199)
    }
  }
}
