import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// The search for queues.
@Suite struct DiscoveryTests {
  private func all(_ discovery: QueueDiscovery) async throws -> Set<QueueKey> {
    var found: Set<QueueKey> = []
    while true {
      let step = try await discovery.step(keys: 1000)
      found.formUnion(step.found)
      if step.progress.isComplete { return found }
    }
  }

  @Test(arguments: ["bull", "a:b", "p*[x]?", "{tag}"])
  func `all queues of a prefix are found, whatever signs are in it`(prefix: String) async throws {
    try await withRedis { redis, _ in
      for queue in ["steps", "größe", "a b"] { try await redis.send(["HSET", "\(prefix):\(queue):meta", "x", "1"]) }
      try await redis.send(["HSET", "other:steps:meta", "x", "1"])
      try await redis.send(["HSET", "\(prefix):deeper:steps:meta", "x", "1"])
      try await redis.send(["HSET", "pax:steps:meta", "x", "1"])
      let found = try await all(QueueDiscovery(redis: redis, prefix: prefix, names: [], cacheFolder: nil))
      #expect(found == Set(["steps", "größe", "a b"].map { QueueKey(prefix: prefix, name: $0) }))
    }
  }

  @Test(arguments: ["bull:steps:meta", "bull:steps:1", "bull:steps:1:logs", "bull:steps:repeat:a:b"])
  func `any key tells its queue`(key: String) {
    #expect(QueueKey(ofAnyKey: key, prefix: "bull") == QueueKey(name: "steps"))
  }

  @Test(arguments: ["other:steps:1", "bull:steps", "bull:", "bull::x", "bullet:steps:1", ""])
  func `a key of no queue tells none`(key: String) {
    #expect(QueueKey(ofAnyKey: key, prefix: "bull") == nil)
  }

  @Test func `the large queues of an unknown Redis are there at once`() async throws {
    try await withRedis { redis, _ in
      for queue in ["a", "b"] {
        try await redis.send(["HSET", "bull:\(queue):meta", "x", "1"])
        for id in 0..<50 { try await redis.send(["HSET", "bull:\(queue):\(id)", "name", "x"]) }
      }
      try await redis.send(["SET", "bull:nothing:x", "not a queue"])
      let discovery = QueueDiscovery(redis: redis, prefix: "bull", names: [], cacheFolder: nil)
      let first = try await discovery.first()
      #expect(first == [QueueKey(name: "a"), QueueKey(name: "b")])
    }
  }

  private static let clients = [
    "bull:c3RlcHM=", "bull:Z3LDtsOfZQ==:w:painter", "other:x", "bull:fix:w:ann", "bullflow", "",
  ]
  .map { "id=3 addr=127.0.0.1:1 name=\($0) age=1 idle=7" }.joined(separator: "\n")

  @Test func `the queues of connected workers, of Node's and of Python's, are among those that are looked for`() {
    let found = ClientNames.queues(in: Self.clients, prefix: "bull")
    #expect(found.isSuperset(of: ["steps", "größe", "fix"].map { QueueKey(name: $0) }))
    #expect(found.allSatisfy { $0.prefix == "bull" })
  }

  @Test(arguments: [("steps", [""]), ("größe", ["painter"]), ("fix", ["ann"]), ("x", [])])
  func `a queue's workers are known by their names`(queue: String, workers: [String]) {
    let found = ConnectedWorkers(list: Self.clients).of(QueueKey(name: queue))
    #expect(found.map(\.name) == workers && found.allSatisfy { $0.idle == 7 })
  }

  /// The same Redis, by a user who may neither list the clients nor draw keys.
  private func withoutShortcuts(_ redis: RedisClient, _ server: PrivateRedis) async throws -> RedisClient {
    try await redis.send(["ACL", "SETUSER", "ann", "on", ">pw", "~*", "+@all", "-client|list", "-randomkey"])
    var endpoint = server.endpoint
    (endpoint.username, endpoint.password) = ("ann", "pw")
    return RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
  }

  @Test func `what was found is remembered, and is there at once as far as it still exists`() async throws {
    try await withRedis { redis, server in
      let ann = try await withoutShortcuts(redis, server)
      defer { ann.close() }
      let folder = server.directory.appending(path: "cache")
      for queue in ["a", "b"] { try await redis.send(["HSET", "bull:\(queue):meta", "x", "1"]) }
      let first = QueueDiscovery(redis: ann, prefix: "bull", names: [], cacheFolder: folder)
      let atFirst = try await first.first()
      #expect(atFirst == [])
      await first.remember([QueueKey(name: "a"), QueueKey(name: "b")])
      try await redis.send(["DEL", "bull:b:meta"])
      let second = QueueDiscovery(redis: ann, prefix: "bull", names: [], cacheFolder: folder)
      let atOnce = try await second.first()
      #expect(atOnce == [QueueKey(name: "a")])
      let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first)
      let path = folder.appending(path: file).path
      let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(rights == 0o600)
      try Data([0xff, 0, 1]).write(to: URL(fileURLWithPath: path))
      let broken = try await QueueDiscovery(redis: ann, prefix: "bull", names: [], cacheFolder: folder).first()
      #expect(broken == [])
    }
  }

  @Test func `queues that are named need no search`() async throws {
    try await withRedis { redis, _ in
      let discovery = QueueDiscovery(redis: redis, prefix: "bull", names: ["b", "a"], cacheFolder: nil)
      let first = try await discovery.first()
      #expect(first == [QueueKey(name: "a"), QueueKey(name: "b")])
      let step = try await discovery.step(keys: 1000)
      #expect(step.progress.isComplete)
    }
  }

  @Test func `without the rights for shortcuts the search finds them`() async throws {
    try await withRedis { redis, server in
      try await redis.send(["HSET", "bull:a:meta", "x", "1"])
      let ann = try await withoutShortcuts(redis, server)
      defer { ann.close() }
      let discovery = QueueDiscovery(redis: ann, prefix: "bull", names: [], cacheFolder: nil)
      let atOnce = try await discovery.first()
      #expect(atOnce == [])
      #expect(try await all(discovery) == [QueueKey(name: "a")])
    }
  }

  @Test(arguments: [(Duration.milliseconds(2), 1000), (.milliseconds(205), 5000)])
  func `where the way to Redis takes long, a step of the search looks at more`(elapsed: Duration, keys: Int) {
    #expect(QueueDiscovery.keys(after: elapsed) == keys)
  }
}
