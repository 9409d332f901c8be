import FlowMonitor
import Foundation
import QueueClient
import Redis
import TestSupport
import Testing

/// Flows in random states, which real BullMQ's workers made who were paused, killed and started again: what is said of
/// them, and what becomes of them.
///
/// `BULLFLOW_STATES` says how many; a seed decides ten of them.
@Suite struct ExplanationTruthTests {
  private static let flowsASeed = 10
  static let seeds: Range<Int> = {
    let states = ProcessInfo.processInfo.environment["BULLFLOW_STATES"].flatMap { Int($0) } ?? 40
    let first = ProcessInfo.processInfo.environment["BULLFLOW_SEED"].flatMap { Int($0) } ?? 1
    return first..<first + max(1, states / flowsASeed)
  }()

  /// Workers of the peer that soon find out what others lost.
  private static func work(_ peer: Peer, _ queue: String) async throws {
    try await peer.ask(
      "work",
      [
        "queue": .string(queue), "concurrency": 3,
        "opts": ["lockDuration": 1500, "stalledInterval": 1000, "maxStalledCount": 3],
      ])
  }

  @Test(arguments: seeds) func `who is stuck never ends by itself, and who waits does, or gets stuck`(seed: Int)
    async throws
  {
    try await withRedis { redis, server in
      var random = Program.Random(state: UInt64(seed))
      let (people, workers) = (try await Peer(on: server.endpoint), try await Peer(on: server.endpoint))
      let flows = (0..<Self.flowsASeed).map { RandomFlow($0, &random) }
      for flow in flows { try await people.ask("add", ["flow": flow.json]) }
      for queue in RandomFlow.queues where Int.random(in: 0..<8, using: &random) > 0 {
        try await Self.work(workers, queue)
      }
      try await Self.disturb(flows, people, workers, server.endpoint, redis, &random)

      // From here on nobody does anything but the workers.
      let early = try await Self.explain(flows, redis)
      let isQuiet = try await eventually(within: .seconds(60)) { try await Self.isQuiet(redis) }
      #expect(isQuiet != nil)
      let late = try await Self.explain(flows, redis)
      for flow in flows {
        guard let root = flow.jobs.first else { continue }
        let state = try await people.ask("state", ["queue": .string(root.queue.name), "id": .string(root.id)])
        let isDone = state == "completed"
        let (before, after) = (early[root], late[root])
        let told = "seed \(seed) \(root) \(state): \(Self.words(before)), then \(Self.words(after))"
        #expect(after?.verdict == (isDone ? .done : .stuck), "\(told)")
        if isDone {
          #expect(before?.verdict != .stuck, "\(told)")
        } else {
          #expect(before?.verdict != .done, "\(told)")
        }
      }
      await workers.kill()
    }
  }

  private static func words(_ explanation: Explanation?) -> String {
    guard let explanation else { return "nothing" }
    let causes = explanation.causes.map { "\($0.code.rawValue) at \($0.job.id) by \($0.chain.count)" }
    return "\(explanation.verdict) \(causes.joined(separator: ", "))"
  }

  /// What people do: pause, resume, retry; and machines: kill the workers, and start others or none.
  private static func disturb(
    _ flows: [RandomFlow], _ people: Peer, _ workers: Peer, _ endpoint: RedisEndpoint, _ redis: RedisClient,
    _ random: inout Program.Random
  ) async throws {
    for _ in 0..<Int.random(in: 2...6, using: &random) {
      try await Task.sleep(for: .milliseconds(Int.random(in: 0...500, using: &random)))
      let queue = JSON.string(RandomFlow.queues.randomElement(using: &random) ?? "a")
      switch Int.random(in: 0..<8, using: &random) {
      case 0: try await people.ask("pause", ["queue": queue])
      case 1, 2: try await people.ask("resume", ["queue": queue])
      case 3, 4: _ = try? await people.ask("retryJobs", ["queue": queue, "state": "failed"])
      case 5:
        await workers.kill()
        guard Int.random(in: 0..<3, using: &random) > 0 else { continue }
        for queue in RandomFlow.queues { try await work(people, queue) }
      default:
        guard let job = flows.randomElement(using: &random)?.jobs.randomElement(using: &random) else { continue }
        _ = try? await people.ask("retry", ["queue": .string(job.queue.name), "id": .string(job.id)])
      }
    }
  }

  private static func explain(_ flows: [RandomFlow], _ redis: RedisClient) async throws -> [JobKey: Explanation] {
    try await withThrowingTaskGroup(of: (JobKey, Explanation?).self) { group in
      for root in flows.compactMap(\.jobs.first) {
        group.addTask { (root, try await FlowExplainer(redis: redis).explain(root)) }
      }
      var found: [JobKey: Explanation] = [:]
      for try await (root, explanation) in group { found[root] = explanation }
      return found
    }
  }

  /// Whether nothing has changed for a while, and workers have nothing to do: longer than a lock lasts, than the checks of
  /// stalled jobs rest and than workers sleep.
  private static func isQuiet(_ redis: RedisClient) async throws -> Bool {
    var before = try await print(redis)
    for _ in 0..<7 {
      try await Task.sleep(for: .seconds(1))
      let now = try await print(redis)
      if now != before { return false }
      before = now
    }
    return true
  }

  /// The last event of each queue.
  private static func print(_ redis: RedisClient) async throws -> [RESPValue] {
    try await redis.pipeline(
      RandomFlow.queues.map { ["XREVRANGE", .text(QueueKey(name: $0)[.events]), "+", "-", "COUNT", "1"] })
  }
}
