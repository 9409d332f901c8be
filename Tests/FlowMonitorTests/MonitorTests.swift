import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// The monitor on a real Redis.
@Suite struct MonitorTests {
  private let flow = FlowNode(
    name: "renovate-interior", queueName: "renovate", opts: ["jobId": "root"],
    children: [
      FlowNode(name: "paint", queueName: "steps", opts: ["jobId": "c1"]),
      FlowNode(name: "fix", queueName: "steps", opts: ["jobId": "c2"]),
    ]
  )
  private let root = JobKey(queue: QueueKey(name: "renovate"), id: "root")
  private let child = JobKey(queue: QueueKey(name: "steps"), id: "c1")

  private func finish(_ id: String, value: String, in redis: RedisClient) async throws {
    let worker = Worker("steps", connection: redis) { _ in JSON.number(value) }
    try await withThrowingTaskGroup { group in
      group.addTask { try await worker.run() }
      let key = JobKey(queue: QueueKey(name: "steps"), id: id)
      _ = try await eventually { try await Job.read(key, from: redis)?.snapshot.finishedOn != nil }
      group.cancelAll()
    }
  }

  @Test(arguments: [MonitorConfiguration.Notifications.enable, .off])
  func `a flow appears, and its changes follow, by notifications or by streams`(
    notifications: MonitorConfiguration.Notifications
  ) async throws {
    try await withRedis { redis, _ in
      _ = try await FlowProducer(connection: redis).add(
        FlowNode(name: "earlier", queueName: "steps", children: [FlowNode(name: "x", queueName: "renovate")]))
      try await watching(redis, MonitorConfiguration(notifications: notifications)) { watched in
        try await watched.expect { $0.discovery.isComplete && $0.flows.roots.count == 1 }
        _ = try await FlowProducer(connection: redis).add(flow)
        try await watched.expect { [root] in $0.jobs[root]?.counts.unprocessed == 2 }
        try await watched.expect { [child] in $0.jobs[child]?.state == .waiting }
        try await finish("c1", value: "2500", in: redis)
        try await watched.expect { [root, child] in
          $0.families[root]?.values[child] == 2500 && $0.jobs[child]?.state == .completed
        }
      }
    }
  }

  @Test func `a client that only reads is enough to watch by`() async throws {
    try await withRedis(options: ["--notify-keyspace-events", "KA"]) { redis, server in
      let reader = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint, isReadOnly: true))
      defer { reader.close() }
      _ = try await FlowProducer(connection: redis).add(flow)
      try await watching(reader, MonitorConfiguration()) { watched in
        try await watched.expect { [root] in $0.status == .live && $0.jobs[root]?.counts.unprocessed == 2 }
        try await finish("c1", value: "1", in: redis)
        try await watched.expect { [child] in $0.jobs[child]?.state == .completed }
      }
    }
  }

  @Test func `letters of the server's setting are kept when notifications are turned on`() async throws {
    try await withRedis(options: ["--notify-keyspace-events", "Ex"]) { redis, _ in
      let monitor = FlowMonitor(redis: redis)
      try await monitor.enableNotifications()
      let letters = try await redis.send(["CONFIG", "GET", "notify-keyspace-events"]).pairs[0].value.string ?? ""
      #expect(letters.contains("E") && letters.contains("x"))
      #expect(NotificationSetting(letters: letters).isSufficient)
    }
  }

  @Test func `without the right for CONFIG it follows the streams, and says why`() async throws {
    try await withRedis { redis, server in
      try await redis.send(["ACL", "SETUSER", "ann", "on", ">pw", "~*", "&*", "+@all", "-config"])
      var endpoint = server.endpoint
      (endpoint.username, endpoint.password) = ("ann", "pw")
      let ann = RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
      defer { ann.close() }
      _ = try await FlowProducer(connection: redis).add(flow)
      try await watching(ann, MonitorConfiguration()) { watched in
        try await watched.expect {
          if case .followingStreams(let reason) = $0.status { reason.contains("CONFIG") } else { false }
        }
        try await finish("c1", value: "1", in: redis)
        try await watched.expect { [root] in $0.jobs[root]?.counts.processed ?? 0 >= 1 }
      }
    }
  }

  @Test func `a Redis that dies and returns: stale meanwhile, then true again by itself`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString)")
    let first = try await PrivateRedis.start(directory: folder)
    let redis = RedisClient(
      configuration: RedisConfiguration(
        endpoint: first.endpoint, backoff: Backoff(base: .milliseconds(10), limit: .milliseconds(100))))
    defer { redis.close() }
    _ = try await FlowProducer(connection: redis).add(flow)
    try await watching(redis, MonitorConfiguration(notifications: .enable)) { watched in
      try await watched.expect { [root] in $0.status == .live && $0.jobs[root] != nil }
      first.stop()
      try await watched.expect { [root] in
        if case .stale = $0.status { return $0.jobs[root] != nil }
        return false
      }
      let second = try await PrivateRedis.start(directory: folder)
      defer { second.stop() }
      let other = flow
      _ = try? await FlowProducer(connection: redis).add(other)
      try await watched.expect { $0.status == .live && $0.discovery.isComplete }
    }
  }

  @Test func `whatever Redis holds, it is read without an error`() async throws {
    try await withRedis { redis, _ in
      _ = try await FlowProducer(connection: redis).add(flow)
      let hostile: [RedisCommand] = [
        ["SET", "bull:wrong:meta", "no hash"], ["HSET", "bull:wrong2:meta", "x", "1"],
        ["SET", "bull:wrong2:waiting-children", "no zset"], ["LPUSH", "bull:wrong2:completed", "no zset"],
        ["ZADD", "bull:renovate:waiting-children", "1", "list"], ["LPUSH", "bull:renovate:list", "no hash"],
        ["HSET", "bull:steps:c1", "opts", "{broken", "parent", "[]", "returnvalue", .bytes([255, 0, 27])],
        ["SADD", "bull:renovate:root:dependencies", "nonsense", ":::", "bull:steps:gone"],
        ["HSET", "bull:renovate:root:processed", "bull:renovate:root", "1", "x", "{"],
        ["HSET", "bull:steps:c2", "progress", .text(String(repeating: "[", count: 100_000))],
      ]
      for line in try await redis.rawReplies(to: hostile).compactMap(\.errorLine) { Issue.record("\(line)") }
      let picture = try await FlowMonitor(redis: redis).picture(of: Window())
      #expect(picture.jobs[root]?.state == .waitingChildren)
      #expect(picture.jobs[child]?.name == "paint")
    }
  }

  @Test func `a large value costs the reading nothing`() async throws {
    try await withRedis { redis, _ in
      _ = try await FlowProducer(connection: redis).add(flow)
      try await redis.send(["HSET", "bull:steps:c1", "returnvalue", .bytes(.init(repeating: 49, count: 50_000_000))])
      let before = try await sent(redis)
      let picture = try await FlowMonitor(redis: redis).picture(of: Window())
      #expect(picture.jobs[child]?.returnvalue == nil)
      #expect(try await sent(redis) - before < 1_000_000)
    }
  }

  private func sent(_ redis: RedisClient) async throws -> Int {
    let info = try await redis.send(["INFO", "stats"]).string ?? ""
    let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("total_net_output_bytes:") }
    return try #require(line.flatMap { Int($0.dropFirst("total_net_output_bytes:".count)) })
  }

  @Test func `an idle monitor asks Redis little, of the server every two seconds and of what is visible every four`()
    async throws
  {
    try await withRedis { redis, _ in
      _ = try await FlowProducer(connection: redis).add(flow)
      try await watching(redis, MonitorConfiguration(notifications: .enable)) { watched in
        try await watched.expect(within: .seconds(90)) {
          $0.status == .live && $0.sweep.isComplete && $0.problemCount.isExact
        }
        try await Task.sleep(for: .seconds(1))
        let before = try await calls(redis)
        try await Task.sleep(for: .seconds(6))
        // Heartbeats; each two seconds a look at the server and its queues; each four the visible rows and
        // their place in the list, by a handful of scripts.
        let asked = try await calls(redis).merging(before) { $0 - $1 }
        let limits = [
          "ping": 7, "config|get": 4, "evalsha": 20, "info": 5, "scan": 0, "subscribe": 0, "client|list": 0,
        ]
        for (name, limit) in limits { #expect(asked[name, default: 0] <= limit, "\(name) in \(asked)") }
      }
    }
  }

  /// How often each command was called, as the server counts.
  private func calls(_ redis: RedisClient) async throws -> [String: Int] {
    let info = try await redis.send(["INFO", "commandstats"]).string ?? ""
    let counts = info.split(whereSeparator: \.isNewline).compactMap { line -> (String, Int)? in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, let calls = parts[1].split(separator: ",").first?.dropFirst("calls=".count) else {
        return nil
      }
      return Int(calls).map { (String(parts[0].dropFirst("cmdstat_".count)), $0) }
    }
    return Dictionary(counts) { $1 }
  }
}
