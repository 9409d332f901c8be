import FlowMonitor
import QueueClient
import Redis
import TestSupport
import Testing

/// The times of flows that real BullMQ's workers, and ours, have worked on.
@Suite struct TimelineInteropTests {
  /// Whose workers work.
  enum Side: String, Sendable, CaseIterable { case peer, ours }

  private static let root = key("root", "r")
  private static let slow = key("leaf", "slow")
  private static let flaky = key("flaky", "f")
  private static let late = key("late", "d")

  private static func key(_ queue: String, _ id: String) -> JobKey { JobKey(queue: QueueKey(name: queue), id: id) }

  private static let flow: JSON = [
    "name": "root", "queueName": "root", "opts": ["jobId": "r"],
    "children": [
      ["name": "slow", "queueName": "leaf", "data": ["sleeps": 0.3], "opts": ["jobId": "slow"]],
      [
        "name": "flaky", "queueName": "flaky", "data": ["sleeps": 0.1, "fails": "no wheels left"],
        "opts": ["jobId": "f", "attempts": 2, "backoff": 700, "ignoreDependencyOnFailure": true],
      ],
      ["name": "late", "queueName": "late", "data": ["sleeps": 0.1], "opts": ["jobId": "d", "delay": 400]],
    ],
  ]

  /// Works on queues until the body has ended.
  private func working(
    _ side: Side, on queues: [String], _ redis: RedisClient, _ peer: Peer, _ body: () async throws -> Void
  ) async throws {
    guard side == .ours else {
      for queue in queues { try await peer.ask("work", ["queue": .string(queue)]) }
      try await body()
      try await peer.ask("stop")
      return
    }
    try await withThrowingTaskGroup { group in
      for queue in queues {
        let worker = Worker(queue, connection: redis) { job in
          let data = try JSON(parsing: job.data)
          try await Task.sleep(for: .milliseconds(data["sleeps"] == nil ? 0 : data["sleeps"] == 0.3 ? 300 : 100))
          if let reason = data["fails"]?.string { throw Broken(description: reason) }
          return 1
        }
        group.addTask { try await worker.run() }
      }
      try await body()
      group.cancelAll()
    }
  }

  /// Waits until a root has completed.
  private func awaitEnd(_ redis: RedisClient) async throws {
    let taken = try await eventually { try await redis.send(["ZCARD", .text(Self.root.queue[.completed])]).int == 1 }
    #expect(taken != nil)
  }

  private struct Broken: Error, CustomStringConvertible { let description: String }

  private func spans(_ key: JobKey, in timeline: Timeline) -> [JobSpan] {
    timeline.rows.first { $0.id == .job(key) }?.spans ?? []
  }

  @Test(arguments: Side.allCases) func `what workers did is told to the millisecond, attempts and pauses included`(
    side: Side
  ) async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      let reader = TimelineReader(redis: redis)
      try await peer.ask("pause", ["queue": "root"])
      try await peer.ask("add", ["flow": Self.flow])
      try await working(side, on: ["leaf", "flaky", "late", "root"], redis, peer) {
        _ = try await eventually {
          try await redis.send(["LLEN", .text(Self.root.queue[.wait])]).int == 1
        }
        // While it is paused, that is seen, and since when.
        let paused = Timeline(try #require(try await reader.facts(of: Self.slow)))
        #expect(paused.isRunning && paused.rows[0].block == .pausedQueue)
        try await Task.sleep(for: .milliseconds(1100))
        let held = spans(Self.root, in: Timeline(try #require(try await reader.facts(of: Self.root))))
        #expect(held.last?.kind == .blocked && held.last?.end == nil, "\(held)")
        try await peer.ask("resume", ["queue": "root"])
        try await awaitEnd(redis)
      }
      let facts = try #require(try await reader.facts(of: Self.root))
      let timeline = Timeline(facts)
      #expect(!timeline.isRunning && timeline.path.isCertain)
      #expect(timeline.path.steps.map(\.job) == [Self.root, Self.flaky])

      let slow = spans(Self.slow, in: timeline)
      #expect(slow.last?.kind == .active && (slow.last?.duration(at: 0) ?? 0) >= 299)
      #expect(slow.last?.end == facts.jobs[Self.slow]?.job.finishedOn)

      let late = spans(Self.late, in: timeline)
      #expect(late.first?.kind == .delayed && late.first?.duration(at: 0) == 400, "\(late)")

      let flaky = spans(Self.flaky, in: timeline)
      let tried = flaky.filter { $0.kind == .active }
      #expect(tried.map(\.isFailure) == [true, true] && tried.map(\.attempt) == [1, 2], "\(flaky)")
      #expect(tried.allSatisfy { $0.duration(at: 0) >= 95 })
      let backoff = try #require(flaky.first { $0.kind == .backoff })
      #expect(backoff.duration(at: 0) >= 690, "\(flaky)")

      let root = spans(Self.root, in: timeline)
      #expect(root.first?.kind == .waitingChildren && root.first?.end == facts.jobs[Self.flaky]?.job.finishedOn)
      #expect(
        root.contains { $0.kind == .blocked && $0.block == .pausedQueue && $0.duration(at: 0) >= 1000 }, "\(root)")
      await peer.kill()
    }
  }

  @Test func `a second flow is shown beside the first`() async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      func add(_ id: String) async throws {
        let leaf: JSON = ["name": "paint", "queueName": "leaf", "data": ["sleeps": 0.2]]
        try await peer.ask(
          "add",
          [
            "flow": [
              "name": "house", "queueName": "root", "opts": ["jobId": .string(id)], "children": [leaf, leaf],
            ]
          ])
      }
      try await add("one")
      try await working(.peer, on: ["leaf", "root"], redis, peer) {
        try await awaitEnd(redis)
      }
      try await add("two")
      let facts = try #require(try await TimelineReader(redis: redis).facts(of: Self.key("root", "two")))
      #expect(facts.earlier.flows == 1 && (facts.earlier.total ?? 0) >= 399)
      let usual = facts.earlier.steps[.init(queue: QueueKey(name: "leaf"), name: "paint")]
      #expect(usual?.count == 2 && (199...5000).contains(usual?.median ?? 0))
      await peer.kill()
    }
  }

  @Test func `a parent that adds its own children and waits for them is told in this order`() async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      // A job that a worker holds adds a child, and waits for it.
      try await peer.ask("queueAdd", ["queue": "root", "name": "root", "opts": ["jobId": "r"]])
      try await withThrowingTaskGroup { group in
        let worker = Worker("root", connection: redis) { job in
          guard job.attemptsStarted <= 1 else { return 2 }
          try await Task.sleep(for: .milliseconds(100))
          try await FlowProducer(connection: redis).add(
            FlowNode(
              name: "child", queueName: "leaf", data: ["sleeps": 0.2],
              opts: ["jobId": "slow", "parent": job.asParent]))
          if try await job.moveToWaitingChildren() { throw JobMoved.toWaitingChildren }
          return 1
        }
        group.addTask { try await worker.run() }
        #expect(
          try await eventually { try await redis.send(["ZCARD", .text(Self.root.queue[.waitingChildren])]).int == 1 }
            != nil)
        let waiting = Timeline(try #require(try await TimelineReader(redis: redis).facts(of: Self.root)))
        #expect(spans(Self.root, in: waiting).map(\.kind).suffix(2) == [.active, .waitingChildren])
        try await peer.ask("work", ["queue": "leaf"])
        try await awaitEnd(redis)
        group.cancelAll()
      }
      let timeline = Timeline(try #require(try await TimelineReader(redis: redis).facts(of: Self.root)))
      let kinds = spans(Self.root, in: timeline).map(\.kind)
      #expect(kinds.contains(.waitingChildren) && kinds.last == .active, "\(spans(Self.root, in: timeline))")
      await peer.kill()
    }
  }
}
