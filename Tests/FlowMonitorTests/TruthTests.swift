import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// The monitor is right, or says that it is not, whatever happens to flows, connections, and Redis.
///
/// `BULLFLOW_TRUTH_SECONDS` makes the churn longer, `BULLFLOW_SEED` another one.
@Suite(.serialized) struct TruthTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let seconds = environment["BULLFLOW_TRUTH_SECONDS"].flatMap { Int($0) } ?? 5
  private static let seed = environment["BULLFLOW_SEED"].flatMap { UInt64($0) } ?? 12

  private static let options = ["--notify-keyspace-events", "AK", "--enable-debug-command", "yes"]

  /// Watches a Redis while the body runs.
  private func watching(
    _ redis: RedisClient, configuration: MonitorConfiguration = MonitorConfiguration(), isEmpty: Bool = false,
    _ body: (Truth) async throws -> Void
  ) async throws {
    let monitor = FlowMonitor(redis: redis, configuration: configuration)
    var window = Window()
    window.height = 40
    await monitor.look(through: window)
    let truth = Truth(redis: redis, monitor: monitor)
    try await withThrowingTaskGroup { group in
      group.addTask { await monitor.run() }
      group.addTask { await truth.collect() }
      group.addTask { await truth.compareAlways() }
      if try await eventually(within: .seconds(20), { await truth.last.discovery.isComplete }) == nil {
        Issue.record("nothing is seen: \(await truth.last.status)")
      }
      if try await eventually(within: .seconds(5), { await !truth.last.jobs.isEmpty || isEmpty }) == nil {
        Issue.record("no flow is seen: \(await truth.explanation())")
      }
      try await body(truth)
      group.cancelAll()
    }
  }

  /// A flow of a random shape.
  private static func flow(_ random: inout SeededNumbers, depth: Int = 0) -> FlowNode {
    let isLeaf = depth > 0 && (depth > 2 || Int.random(in: 0..<3, using: &random) > 0)
    let width = Int.random(in: 0..<40, using: &random) == 0 ? 30 : Int.random(in: 1...4, using: &random)
    var data: [String: JSON] = ["returns": .int(Int.random(in: 0..<100, using: &random))]
    if isLeaf, Int.random(in: 0..<8, using: &random) == 0 { data["fails"] = "bad luck" }
    let options: JobOptions = Int.random(in: 0..<4, using: &random) == 0 ? ["ignoreDependencyOnFailure": true] : [:]
    return FlowNode(
      name: isLeaf ? "leaf" : "parent", queueName: ["alpha", "beta", "gamma"].randomElement(using: &random) ?? "alpha",
      data: .object(data.map { JSON.Member($0.key, $0.value) }), opts: depth > 0 ? options : [:],
      children: isLeaf ? [] : (0..<width).map { _ in flow(&random, depth: depth + 1) })
  }

  /// Adds, works, and disturbs flows by both clients until cancelled.
  private func churn(_ redis: RedisClient, perSecond: Int) async throws {
    var random = SeededNumbers(seed: Self.seed)
    let producer = FlowProducer(connection: redis)
    while !Task.isCancelled {
      _ = try? await producer.add(Self.flow(&random))
      try await Task.sleep(for: .seconds(1) / perSecond)
      guard Int.random(in: 0..<5, using: &random) == 0 else { continue }
      let queue = Queue(["alpha", "beta", "gamma"].randomElement(using: &random) ?? "alpha", connection: redis)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: try? await queue.retryJobs(.failed)
      case 1:
        try? await queue.pause()
        try? await queue.resume()
      default:
        let key = JobKey(queue: QueueKey(name: "alpha"), id: "none")
        _ = try? await Job.read(key, from: redis)
      }
    }
  }

  private func worker(_ queue: String, _ redis: RedisClient) -> Worker {
    Worker(queue, connection: redis) { job in
      let data = try JSON(parsing: job.snapshot.data)
      if let reason = data["fails"]?.string { throw UnrecoverableError(reason) }
      return data["returns"] ?? 1
    }
  }

  @Test(arguments: [MonitorConfiguration.Notifications.auto, .off])
  func `while real BullMQ and our workers churn, what is held follows, and is equal at rest`(
    notifications: MonitorConfiguration.Notifications
  ) async throws {
    try await withRedis(options: Self.options) { redis, server in
      let peer = try await Peer(on: server.endpoint)
      for queue in ["alpha", "beta"] { try await peer.ask("work", ["queue": .string(queue), "concurrency": 5]) }
      try await watching(redis, configuration: MonitorConfiguration(notifications: notifications), isEmpty: true) {
        truth in
        try await withThrowingTaskGroup { group in
          group.addTask { try await worker("gamma", redis).run() }
          group.addTask { try await churn(redis, perSecond: 20) }
          try await Task.sleep(for: .seconds(Self.seconds))
          group.cancelAll()
          try? await group.waitForAll()
        }
        try await peer.ask("stop")
        let time = try await eventually(within: .seconds(6)) { try await truth.isRight() }
        if time == nil { Issue.record("\(await truth.explanation())") }
        #expect(await truth.longestLie < .seconds(6))
        let times = await truth.staleness.sorted()
        if !times.isEmpty {
          print("staleness as sampled: p50 \(times[times.count / 2]), p99 \(times[times.count * 99 / 100])")
        }
      }
    }
  }

  /// What may happen to a Redis and the ways to it.
  enum Disturbance: String, CaseIterable, Sendable {
    case subscriberKilled, clientsKilled, buffersOverrun, settingChanged, hung, emptied, replaced, changedByHand
  }

  @Test(arguments: Disturbance.allCases)
  func `after a disturbance it is right again, and did not call itself live while it was wrong`(
    disturbance: Disturbance
  ) async throws {
    try await withRedis(options: Self.options) { redis, server in
      var random = SeededNumbers(seed: Self.seed)
      let producer = FlowProducer(connection: redis)
      for _ in 0..<20 { try await producer.add(Self.flow(&random)) }
      try await watching(redis) { truth in
        #expect(try await eventually { await truth.isLive } != nil)
        try await disturb(disturbance, redis, server, truth)
        // A machine that does other things meanwhile may be late; that it comes right, and says so, is what counts.
        let time = try await eventually(within: .seconds(8)) {
          let isWell = await truth.isLive || disturbance == .settingChanged
          return try await truth.isRight() && isWell
        }
        if time == nil { Issue.record("\(await truth.explanation())") }
        #expect(await truth.longestLie < .seconds(6))
      }
    }
  }

  private func disturb(
    _ disturbance: Disturbance, _ redis: RedisClient, _ server: PrivateRedis, _ truth: Truth
  ) async throws {
    // Changes that nobody is told of: their notifications are switched off, or lost with the connection.
    func work() async throws {
      _ = try await FlowProducer(connection: redis).add(
        FlowNode(name: "x", queueName: "beta", children: [FlowNode(name: "y", queueName: "alpha")]))
      try await Queue("alpha", connection: redis).drain()
    }
    switch disturbance {
    case .subscriberKilled:
      try await redis.send(["CLIENT", "KILL", "TYPE", "pubsub"])
      try await work()
    case .clientsKilled:
      try await redis.send(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
      try await work()
    case .buffersOverrun:
      try await redis.send(["CONFIG", "SET", "client-output-buffer-limit", "pubsub 1k 0 0"])
      for _ in 0..<20 { try await work() }
      try await redis.send(["CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 8mb 60"])
    case .settingChanged:
      try await redis.send(["CONFIG", "SET", "notify-keyspace-events", ""])
      try await work()
      #expect(try await eventually(within: .seconds(6)) { await !truth.isLive } != nil)
    case .hung:
      kill(server.processID, SIGSTOP)
      let said = try await eventually(within: .seconds(7)) { await !truth.isLive }
      kill(server.processID, SIGCONT)
      #expect(said != nil)
    case .emptied:
      try await redis.send(["FLUSHALL"])
      #expect(try await eventually(within: .seconds(7)) { await truth.last.flows.roots.isEmpty } != nil)
    case .replaced:
      // Two databases change their places: nothing is announced.
      var endpoint = server.endpoint
      endpoint.database = 1
      let other = RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
      defer { other.close() }
      try await FlowProducer(connection: other).add(
        FlowNode(
          name: "new", queueName: "delta", opts: ["jobId": "new"],
          children: [FlowNode(name: "y", queueName: "epsilon")]))
      try await redis.send(["SWAPDB", "0", "1"])
      let new = JobKey(queue: QueueKey(name: "delta"), id: "new")
      #expect(try await eventually(within: .seconds(8)) { await truth.last.jobs[new] != nil } != nil)
    case .changedByHand:
      let held = await truth.last.jobs.values.first { $0.state == .waiting }
      let key = try #require(held?.key)
      try await redis.send(["ZADD", .text(key.queue[.completed]), "1", .text(key.id)])
      try await redis.send(["LREM", .text(key.queue[.wait]), "0", .text(key.id)])
      #expect(try await eventually(within: .seconds(6)) { await truth.last.jobs[key]?.state == .completed } != nil)
    }
  }

  @Test func `a Redis that is restarted with other data is read anew`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString)")
    let first = try await PrivateRedis.start(directory: folder, options: Self.options)
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: first.endpoint))
    defer { redis.close() }
    var random = SeededNumbers(seed: Self.seed)
    for _ in 0..<5 { try await FlowProducer(connection: redis).add(Self.flow(&random)) }
    try await watching(redis) { truth in
      #expect(try await eventually { await truth.isLive } != nil)
      first.stop()
      #expect(try await eventually { await !truth.isLive } != nil)
      let second = try await PrivateRedis.start(directory: folder, options: Self.options)
      defer { second.stop() }
      let new = FlowNode(
        name: "new", queueName: "delta", opts: ["jobId": "new"], children: [FlowNode(name: "y", queueName: "epsilon")])
      _ = try await eventually { (try? await FlowProducer(connection: redis).add(new)) != nil }
      let time = try await eventually(within: .seconds(8)) {
        let picture = await truth.last
        return picture.status == .live && picture.flows.roots == [JobKey(queue: QueueKey(name: "delta"), id: "new")]
      }
      if time == nil { Issue.record("\(await truth.explanation())") }
    }
  }
}
