import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// What may happen to a Redis and the ways to it.
enum Disturbance: String, CaseIterable, Sendable {
  case subscriberKilled, clientsKilled, buffersOverrun, settingChanged, hung, blocked, emptied, replaced, changedByHand

  /// How soon it is to be right again: what says that something happened leaves 2 s from when Redis answers; what is
  /// silent is looked for, and has 6 s.
  var limit: Duration {
    switch self {
    case .subscriberKilled, .clientsKilled, .buffersOverrun, .hung, .blocked: .seconds(2)
    case .settingChanged, .emptied, .replaced, .changedByHand: .seconds(6)
    }
  }

  /// Does it; returns when Redis answers again.
  func happen(to redis: RedisClient, _ server: PrivateRedis) async throws {
    switch self {
    case .subscriberKilled: try await redis.send(["CLIENT", "KILL", "TYPE", "pubsub"])
    case .clientsKilled: try await redis.send(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
    case .buffersOverrun:
      try await redis.send(["CONFIG", "SET", "client-output-buffer-limit", "pubsub 1k 0 0"])
      for _ in 0..<20 { try await Self.changeSomething(redis) }
      try await redis.send(["CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 8mb 60"])
    case .settingChanged: try await redis.send(["CONFIG", "SET", "notify-keyspace-events", ""])
    case .hung:
      kill(server.processID, SIGSTOP)
      try? await Task.sleep(for: .seconds(4))
      kill(server.processID, SIGCONT)
    case .blocked:
      // A script or a large command of somebody else holds Redis up.
      try await redis.send(["DEBUG", "SLEEP", "3"], timeout: .seconds(10))
    case .emptied: try await redis.send(["FLUSHALL"])
    case .replaced:
      // Two databases change their places: nothing is announced.
      var endpoint = server.endpoint
      endpoint.database = 1
      let other = RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
      defer { other.close() }
      try await FlowProducer(connection: other).add(
        FlowNode(name: "other", queueName: "delta", children: [FlowNode(name: "y", queueName: "epsilon")]))
      try await redis.send(["SWAPDB", "0", "1"])
    case .changedByHand:
      for queue in Churn.queues {
        let key = QueueKey(name: queue)
        guard let id = try await redis.send(["LINDEX", .text(key[.wait]), "-1"]).string else { continue }
        try await redis.send(["LREM", .text(key[.wait]), "0", .text(id)])
        try await redis.send(["ZADD", .text(key[.completed]), "1", .text(id)])
        return
      }
    }
    // Changes that nobody is told of: their notifications are switched off, or lost with the connection.
    if self == .subscriberKilled || self == .clientsKilled || self == .settingChanged {
      try await Self.changeSomething(redis)
    }
  }

  private static func changeSomething(_ redis: RedisClient) async throws {
    _ = try await FlowProducer(connection: redis).add(
      FlowNode(name: "x", queueName: "beta", children: [FlowNode(name: "y", queueName: "alpha")]))
    try await Queue("alpha", connection: redis).drain()
  }
}
