import FlowMonitor
import QueueClient
import Redis
import TestSupport
import Testing

/// What ends by itself, brought about by real BullMQ's workers: what is said of it, and that nobody is called for.
@Suite struct ExplainWaitingTests {
  /// One way in which a flow is not done yet.
  struct Case: Sendable, CustomTestStringConvertible {
    var code: CauseCode
    /// The job that it lies with.
    var job = leaf
    /// The leaf's data and options; its parents fail with it where the options say so.
    var leafData: JSON = [:]
    var leafOptions: [JSON.Member] = []
    /// Is done before the flow is added.
    var before: @Sendable (RedisClient, Peer) async throws -> Void = { _, _ in }
    /// What else the cause says.
    var isTold: @Sendable (Cause) -> Bool = { _ in true }
    var testDescription: String { code.rawValue }
  }

  private static let root = JobKey(queue: QueueKey(name: "root"), id: "r")
  private static let leaf = JobKey(queue: QueueKey(name: "leaf"), id: "l")
  private static let sleeper = JobKey(queue: QueueKey(name: "leaf"), id: "sleeper")

  /// A job that keeps a worker of a queue busy.
  private static func occupy(_ queue: String, _ peer: Peer, count: Int = 1) async throws {
    for number in 0..<count {
      try await peer.ask(
        "queueAdd",
        [
          "queue": .string(queue), "name": "sleeper", "data": ["sleeps": 30],
          "opts": ["jobId": .string(number == 0 ? "sleeper" : "sleeper-\(number)")],
        ])
    }
    try await peer.ask("work", ["queue": .string(queue)])
  }

  static let cases: [Case] = [
    Case(
      code: .backlog, before: { _, peer in try await occupy("leaf", peer, count: 3) },
      isTold: { $0.evidence.ahead == 2 }),
    Case(
      code: .delayed, leafOptions: [.init("delay", 60_000)],
      before: { _, peer in try await peer.ask("work", ["queue": "leaf"]) },
      isTold: { ($0.until ?? 0) > ($0.since ?? .max) && $0.fixes == [.promote(leaf)] }),
    Case(
      code: .retrying, leafData: ["fails": "no wheels left"],
      leafOptions: [.init("attempts", 3), .init("backoff", 60_000)],
      before: { _, peer in try await peer.ask("work", ["queue": "leaf"]) },
      isTold: {
        $0.evidence.reason == "no wheels left" && $0.evidence.attempts?.made == 1 && $0.evidence.attempts?.most == 3
      }),
    Case(
      code: .rateLimited,
      before: { redis, peer in
        try await redis.send(["HSET", .text(leaf.queue[.meta]), "max", "1", "duration", "60000"])
        try await peer.ask("queueAdd", ["queue": "leaf", "name": "first"])
        try await peer.ask("work", ["queue": "leaf"])
        _ = try await eventually { try await redis.send(["ZCARD", .text(leaf.queue[.completed])]).int == 1 }
      }, isTold: { $0.evidence.limit == 1 && $0.until != nil }),
    Case(
      code: .concurrencyFull,
      before: { redis, peer in
        try await redis.send(["HSET", .text(leaf.queue[.meta]), "concurrency", "1"])
        try await occupy("leaf", peer)
        try await peer.ask("work", ["queue": "leaf"])
      }, isTold: { $0.evidence.limit == 1 && $0.evidence.holders == [sleeper] }),
    Case(
      code: .active, leafData: ["sleeps": 30], before: { _, peer in try await peer.ask("work", ["queue": "leaf"]) },
      isTold: { ($0.evidence.lock ?? 0) > 0 && $0.since != nil }),
    Case(
      code: .deferredFailure, job: root, leafData: ["fatal": "no wheels left"],
      leafOptions: [.init("failParentOnFailure", true)],
      before: { _, peer in
        try await occupy("root", peer)
        try await peer.ask("work", ["queue": "leaf"])
      }, isTold: { $0.evidence.reason == "child \(leaf) failed" }),
    Case(
      code: .ignoredFailures, job: root, leafData: ["fatal": "no wheels left"],
      leafOptions: [.init("ignoreDependencyOnFailure", true)],
      before: { _, peer in
        try await occupy("root", peer)
        try await peer.ask("work", ["queue": "leaf"])
      }, isTold: { $0.evidence.count == 1 }),
  ]

  @Test(arguments: cases) func `what ends by itself is told, and needs nobody`(example: Case) async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      try await example.before(redis, peer)
      try await peer.ask(
        "add",
        [
          "flow": [
            "name": "root", "queueName": "root", "opts": ["jobId": "r"],
            "children": [
              [
                "name": "leaf", "queueName": "leaf", "data": example.leafData,
                "opts": .object([.init("jobId", "l")] + example.leafOptions),
              ]
            ],
          ]
        ])
      // A queue that nobody works on is another matter.
      if example.job == Self.leaf { try await peer.ask("work", ["queue": "root"]) }
      var found: Explanation?
      let isTold = try await eventually {
        found = try await FlowExplainer(redis: redis).explain(Self.root)
        return found?.causes.contains { $0.code == example.code && example.isTold($0) } == true
      }
      #expect(isTold != nil, "\(String(describing: found))")
      #expect(found?.verdict == .waits)
      let cause = found?.causes.first { $0.code == example.code }
      #expect(cause?.job == example.job)
      #expect(cause?.chain == (example.job == Self.root ? [Self.root] : [Self.root, Self.leaf]))
      // What was ignored holds nobody up: it is told behind what does.
      if example.code != .ignoredFailures { #expect(found?.causes.first?.code == example.code) }
      await peer.kill()
    }
  }
}
