import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// The monitor is right, or says that it is not, whatever happens to flows, connections, and Redis.
///
/// `BULLFLOW_TRUTH_SECONDS` makes the churn longer, `BULLFLOW_SEED` another one. Here times are asserted, since being
/// late is being wrong: these tests run with the machine to themselves.
@Suite(.serialized) struct TruthTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let seconds = environment["BULLFLOW_TRUTH_SECONDS"].flatMap { Int($0) } ?? 5
  private static let seed = environment["BULLFLOW_SEED"].flatMap { UInt64($0) } ?? 12

  private static let options = ["--notify-keyspace-events", "AK", "--enable-debug-command", "yes"]

  /// Watches a Redis while the body runs.
  private func watching(
    _ redis: RedisClient, configuration: MonitorConfiguration = MonitorConfiguration(), isEmpty: Bool = false,
    order: FlowOrder = .attention, _ body: (Truth) async throws -> Void
  ) async throws {
    let monitor = FlowMonitor(redis: redis, configuration: configuration)
    var window = Window()
    window.height = 40
    window.order = order
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

  private func say(_ what: String, _ truth: Truth) async {
    let times = await truth.staleness.sorted()
    guard !times.isEmpty else { return }
    print("\(what): staleness as sampled p50 \(times[times.count / 2]), p99 \(times[times.count * 99 / 100])")
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
          group.addTask { try await Churn.worker("gamma", redis).run() }
          group.addTask { await Churn(redis, seed: Self.seed).run(perSecond: 20) }
          try await Task.sleep(for: .seconds(Self.seconds))
          group.cancelAll()
          try? await group.waitForAll()
        }
        try await peer.ask("stop")
        let time = try await eventually(within: .seconds(6)) { try await truth.isRight() }
        if time == nil { Issue.record("\(await truth.explanation())") }
        #expect(await truth.longestLie < .seconds(6))
        await say("churn, \(notifications)", truth)
      }
    }
  }

  @Test func `at rest, the list is the flows that there are, in their order`() async throws {
    try await withRedis(options: Self.options) { redis, _ in
      try await watching(redis, isEmpty: true, order: .newest) { truth in
        for round in 0..<4 {
          try await withThrowingTaskGroup { group in
            for queue in Churn.queues { group.addTask { try await Churn.worker(queue, redis).run() } }
            group.addTask { await Churn(redis, seed: Self.seed &+ UInt64(round)).run(perSecond: 30) }
            try await Task.sleep(for: .seconds(1))
            group.cancelAll()
            try? await group.waitForAll()
          }
          let time = try await eventually(within: .seconds(4)) { try await isListRight(truth, redis) }
          if time == nil { Issue.record("\(await truth.explanation())") }
        }
      }
    }
  }

  /// Whether the flows that are listed are those that there are, the newest change first.
  private func isListRight(_ truth: Truth, _ redis: RedisClient) async throws -> Bool {
    Self.isBeginning(await truth.last.flows.roots, of: try await RealFlows(redis: redis).newestFirst())
  }

  /// Where the list begins to differ, in words.
  private func listDifference(_ truth: Truth, _ redis: RedisClient) async throws -> String {
    let real = try await RealFlows(redis: redis).newestFirst()
    let listed = await truth.last.flows.roots
    let missing = Set(real.joined()).subtracting(listed)
    let added = Set(listed).subtracting(real.joined())
    let count = real.reduce(0) { $0 + $1.count }
    return "listed \(listed.count) of \(count); missing \(missing.prefix(3)), too many \(added.prefix(3)); "
      + "listed first \(listed.prefix(4)), really \(real.prefix(4))"
  }

  /// Whether a list goes through groups in order, each in any order, from the first one on.
  private static func isBeginning(_ list: [JobKey], of groups: [Set<JobKey>]) -> Bool {
    var rest = list[...]
    if list.isEmpty { return groups.isEmpty }
    for group in groups {
      let part = rest.prefix(group.count)
      if part.isEmpty { return true }
      guard group.isSuperset(of: part), Set(part).count == part.count else { return false }
      rest = rest.dropFirst(part.count)
    }
    return rest.isEmpty
  }

  @Test(arguments: Disturbance.allCases)
  func `after a disturbance it is right again, and did not call itself live while it was wrong`(
    disturbance: Disturbance
  ) async throws {
    try await withRedis(options: Self.options) { redis, server in
      let churn = Churn(redis, seed: Self.seed)
      let producer = FlowProducer(connection: redis)
      for _ in 0..<20 { try await producer.add(churn.flow()) }
      try await watching(redis, order: .newest) { truth in
        #expect(try await eventually { await truth.isLive } != nil)
        async let wasSaid = eventually(within: .seconds(10)) { await !truth.isLive }
        try await disturbance.happen(to: redis, server)
        if disturbance == .settingChanged || disturbance == .hung { #expect(try await wasSaid != nil) }
        let time = try await eventually(within: disturbance.limit) {
          let isListed = try await isListRight(truth, redis)
          return try await truth.isRight() && isListed
        }
        if time == nil { Issue.record("\(await truth.explanation())") }
        let isWell = try await eventually(within: .seconds(8)) {
          await truth.isLive || disturbance == .settingChanged
        }
        #expect(isWell != nil)
        #expect(await truth.longestLie < .seconds(6))
      }
    }
  }

  @Test func `disturbed at random times while flows churn, it is right again each time, and never lies for long`()
    async throws
  {
    try await withRedis(options: Self.options) { redis, server in
      let churn = Churn(redis, seed: Self.seed)
      let configuration = MonitorConfiguration(notifications: .enable)
      try await watching(redis, configuration: configuration, isEmpty: true, order: .newest) { truth in
        try await withThrowingTaskGroup { group in
          for queue in Churn.queues { group.addTask { try await Churn.worker(queue, redis).run() } }
          group.addTask { await churn.run(perSecond: 20) }
          let end = ContinuousClock.now + .seconds(4 * Self.seconds)
          while ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(churn.draw { Int.random(in: 100...1500, using: &$0) }))
            let disturbance = churn.draw { Disturbance.allCases.randomElement(using: &$0) ?? .hung }
            try await disturbance.happen(to: redis, server)
            churn.holdStill(true)
            let time = try await eventually(within: disturbance.limit) {
              let isListed = try await isListRight(truth, redis)
              return try await truth.isRight() && isListed
            }
            if time == nil {
              Issue.record(
                "after \(disturbance): \(await truth.explanation())\n\(try await listDifference(truth, redis))")
            }
            churn.holdStill(false)
          }
          group.cancelAll()
          try? await group.waitForAll()
        }
        #expect(await truth.longestLie < .seconds(6))
        await say("disturbed churn", truth)
      }
    }
  }

  @Test func `a Redis that is restarted with other data is read anew`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString)")
    let first = try await PrivateRedis.start(directory: folder, options: Self.options)
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: first.endpoint))
    defer { redis.close() }
    let churn = Churn(redis, seed: Self.seed)
    for _ in 0..<5 { try await FlowProducer(connection: redis).add(churn.flow()) }
    try await watching(redis) { truth in
      #expect(try await eventually { await truth.isLive } != nil)
      first.stop()
      #expect(try await eventually { await !truth.isLive } != nil)
      let second = try await PrivateRedis.start(directory: folder, options: Self.options)
      defer { second.stop() }
      let new = FlowNode(
        name: "new", queueName: "delta", opts: ["jobId": "new"], children: [FlowNode(name: "y", queueName: "epsilon")])
      _ = try await eventually { (try? await FlowProducer(connection: redis).add(new)) != nil }
      let time = try await eventually(within: .seconds(2)) {
        let picture = await truth.last
        return picture.status == .live && picture.flows.roots == [JobKey(queue: QueueKey(name: "delta"), id: "new")]
      }
      if time == nil { Issue.record("\(await truth.explanation())") }
    }
  }
}
