import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// What the monitor counts of all flows, seen or not.
@Suite struct AttentionTests {
  /// A window in which a flow's children are not shown.
  private func folded(_ root: JobKey) -> Window {
    var window = Window()
    window.folds = [root: false]
    return window
  }

  /// A worker of `kid` is connected, and one is woken where a job waits.
  private func connectWorker(to redis: RedisClient) async throws -> RedisConnection {
    try await redis.send(["ZADD", "bull:kid:marker", "0", "0"])
    return try await redis.dedicatedConnection(name: "bull:kid")
  }

  private func put(family root: JobKey, of count: Int, in redis: RedisClient) async throws {
    try await redis.put(root, in: .waitingChildren)
    for index in 0..<count { try await redis.put(job("kid", "c\(index)"), in: .wait, parent: root) }
  }

  private func fail(_ id: String, of root: JobKey, in redis: RedisClient) async throws {
    try await redis.send(["LREM", "bull:kid:wait", "0", .text(id)])
    try await redis.put(job("kid", id), in: .failed, parent: root)
  }

  private let none = KnownCount(0, isExact: true)
  private let one = KnownCount(1, isExact: true)

  /// The search rests for Redis's sake after it has asked something, and not after it has waited for something to ask.
  @Test(arguments: [3, 500])
  func `children that fail while their parent is folded are counted soon, and no longer when they run again`(
    children: Int
  ) async throws {
    try await withRedis { redis, _ in
      let root = job("par", "wide")
      let worker = try await connectWorker(to: redis)
      defer { worker.close() }
      try await put(family: root, of: children, in: redis)
      try await watching(redis, through: folded(root)) { watched in
        try await watched.expect { [none] in $0.problemCount == none }
        try await Task.sleep(for: .seconds(2))
        try await fail("c1", of: root, in: redis)
        try await watched.expect(within: .seconds(20)) { [one] in $0.problemCount == one }
        try await watched.expect { $0.diagnoses[root] != nil }
        try await redis.send(["ZREM", "bull:kid:failed", "c1"])
        try await redis.send(["RPUSH", "bull:kid:wait", "c1"])
        try await watched.expect(within: .seconds(20)) { [none] in $0.problemCount == none }
        try await watched.expect { $0.diagnoses[root] == nil }
      }
    }
  }

  @Test func `a job that nobody held, in another queue than its flow, is counted no longer when the flow has ended`()
    async throws
  {
    try await withRedis { redis, _ in
      let root = job("par", "wide")
      try await redis.put(root, in: .waitingChildren)
      try await redis.put(job("kid", "c0"), in: .active, parent: root)
      try await watching(redis, through: folded(root)) { watched in
        try await watched.expect(within: .seconds(20)) { [one] in $0.problemCount == one }
        try await redis.pipeline([
          ["LREM", "bull:kid:active", "0", "c0"], ["ZADD", "bull:kid:completed", "5", "c0"],
          ["SREM", "bull:par:wide:dependencies", "bull:kid:c0"],
          ["HSET", "bull:par:wide:processed", "bull:kid:c0", "1"], ["ZREM", "bull:par:waiting-children", "wide"],
          ["ZADD", "bull:par:completed", "6", "wide"],
          ["HSET", "bull:par:wide", "finishedOn", "6", "returnvalue", "1"],
        ])
        try await watched.expect(within: .seconds(20)) { [none] in $0.problemCount == none }
      }
    }
  }

  @Test func `an emptied database has no flows, and what comes into it is counted`() async throws {
    try await withRedis { redis, _ in
      let root = job("par", "wide")
      try await put(family: root, of: 3, in: redis)
      try await fail("c1", of: root, in: redis)
      try await watching(redis) { watched in
        try await watched.expect { [one] in $0.problemCount == one }
        try await redis.send(["FLUSHALL"])
        try await watched.expect { [none] in $0.problemCount == none }
        try await watched.expect { [none] in $0.flowCount == none }
        try await put(family: root, of: 3, in: redis)
        try await fail("c2", of: root, in: redis)
        try await watched.expect { [one] in $0.problemCount == one }
        try await watched.expect { [one] in $0.flowCount == one }
      }
    }
  }

  @Test func `flows that come and go are counted again, and the count is about right until then`() async throws {
    try await withRedis { redis, _ in
      for index in 0..<300 { try await redis.put(job("par", "p\(index)"), in: .waitingChildren, score: index) }
      try await watching(redis) { watched in
        try await watched.expect { $0.flowCount == KnownCount(300, .exact) }
        for index in 0..<100 { try await redis.send(["ZREM", "bull:par:waiting-children", "p\(index)"]) }
        try await watched.expect { $0.flowCount == KnownCount(300, .about) }
        try await watched.expect { $0.flowCount == KnownCount(200, .exact) }
      }
    }
  }

  @Test func `who may not look for queues is told so, and sees those that are known otherwise`() async throws {
    try await withRedis { redis, _ in
      try await put(family: job("par", "p"), of: 3, in: redis)
      try await redis.send(["ACL", "SETUSER", "ann", "on", ">pw", "~*", "&*", "+@all", "-scan"])
      var endpoint = redis.configuration.endpoint
      (endpoint.username, endpoint.password) = ("ann", "pw")
      let ann = RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
      defer { ann.close() }
      try await watching(ann) { watched in
        try await watched.expect {
          $0.discoveryRefusal.map { $0.contains("SCAN") && $0.contains("--queue") } == true
        }
        try await watched.expect { $0.flows.roots == [job("par", "p")] }
        #expect(await watched.last?.problemCount.isExact == false)
      }
    }
  }
}
