import Foundation
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// Random flows, worked on for a while, failed, and robbed of jobs: the ways out bring each to an end.
///
/// Always the same sixty; `BULLFLOW_SEED` and `BULLFLOW_PROGRAMS` choose others.
@Suite struct RandomFlowsTests {
  private static var seeds: Range<UInt64> {
    let environment = ProcessInfo.processInfo.environment
    let first = environment["BULLFLOW_SEED"].flatMap { UInt64($0) } ?? 1
    return first..<first + (environment["BULLFLOW_PROGRAMS"].flatMap { UInt64($0) } ?? 60)
  }

  private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// A flow, and a worker that does with it as a seed says.
  private final class World {
    let hand: Hand
    var random: Random
    var inHand: [Job] = []
    var isRobbed = false
    private var count = 0
    static let queues = [("q0", "bull"), ("q1", "bull"), ("q2", "other")]

    init(_ hand: Hand, seed: UInt64) {
      self.hand = hand
      random = Random(state: seed)
    }

    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    func flow(_ policies: [FailurePolicy?], depth: Int = 3, isRoot: Bool = true) -> FlowNode {
      count += 1
      let (queue, prefix) = isRoot ? Self.queues[0] : Self.queues.randomElement(using: &random) ?? Self.queues[0]
      var opts: JobOptions = ["jobId": .string(isRoot ? "root" : "j\(count)")]
      if !isRoot { opts.failurePolicy = policies.randomElement(using: &random) ?? nil }
      if chance(20) { opts.priority = 5 }
      let children =
        depth == 0 || !isRoot && chance(40)
        ? []
        : (0..<Int.random(in: 1...4, using: &random)).map { _ in flow(policies, depth: depth - 1, isRoot: false) }
      return FlowNode(name: "n", queueName: queue, prefix: prefix, opts: opts, children: children)
    }

    /// Ends a job; one that may not complete fails.
    func end(_ job: Job, failing: Bool) async throws {
      if let reason = job.deferredFailure {
        try await hand.end(job, .failed(reason: reason))
      } else if failing {
        try await hand.end(job, .failed(reason: "kaputt"))
      } else if try await hand.end(job, .completed(1)) != 0 {
        try await hand.end(job, .failed(reason: "refused"))
      }
    }

    /// Takes and ends jobs at random, keeps some, and deletes some that wait.
    func churn(robbing: Bool) async throws {
      for _ in 0..<Int.random(in: 0..<40, using: &random) {
        guard let (queue, prefix) = Self.queues.randomElement(using: &random) else { continue }
        if robbing, chance(8), let id = try await hand.redis.send(["RPOP", .text("\(prefix):\(queue):wait")]).string {
          try await hand.redis.send(["DEL", .text("\(prefix):\(queue):\(id)")])
          isRobbed = true
        }
        guard let job = try await hand.take(queue, prefix: prefix) else { continue }
        if chance(10) { inHand.append(job) } else { try await end(job, failing: chance(35)) }
      }
    }

    /// Ends all that is in hand and all that is ready, without a failure of its own.
    func workOff() async throws {
      for job in inHand { try await end(job, failing: false) }
      inHand = []
      var isBusy = true
      while isBusy {
        isBusy = false
        for (queue, prefix) in Self.queues {
          while let job = try await hand.take(queue, prefix: prefix) {
            try await end(job, failing: false)
            isBusy = true
          }
        }
      }
    }

    var isAtRest: Bool {
      get async throws {
        let places: [QueueKey.Suffix] = [.wait, .active, .prioritized, .delayed, .waitingChildren]
        let keys = Self.queues.flatMap { name, prefix in places.map { QueueKey(prefix: prefix, name: name)[$0] } }
        return try await hand.redis.send(RedisCommand("EXISTS", keys)).int == 0
      }
    }
  }

  private func withWorlds(
    _ policies: [FailurePolicy?], _ body: (World, Changing, String) async throws -> Void
  ) async throws {
    try await withHand(isConsistent: false) { hand in
      for seed in Self.seeds {
        try await hand.redis.send(["FLUSHALL"])
        let world = World(hand, seed: seed)
        try await hand.add(world.flow(policies))
        try await world.churn(robbing: seed % 2 == 0)
        try await body(world, Changing(redis: hand.redis), "seed \(seed)")
        if !world.isRobbed {
          let found = try await ConsistencyCheck(connection: hand.redis, prefixes: ["bull", "other"]).run()
          #expect(found == [], "seed \(seed)")
        }
      }
    }
  }

  private static let policies = [nil] + FailurePolicy.allCases

  @Test func `a release lets every flow end, however little is left of it`() async throws {
    try await withWorlds(Self.policies) { world, changing, seed in
      for _ in 0..<50 {
        try await world.workOff()
        let state = try await world.hand.state("bull:q0:root")
        if state == .completed || state == .failed || state == .unknown { return }
        let outcome = try await changing.apply(.release, "bull:q0:root")
        #expect(!outcome.done.isEmpty && outcome.refused.isEmpty, "\(seed): \(outcome.refused)")
        if outcome.done.isEmpty { return }
      }
      Issue.record("\(seed): it does not end")
    }
  }

  @Test func `retries, and a release of what is gone, let every flow complete`() async throws {
    try await withWorlds(Self.policies) { world, changing, seed in
      for _ in 0..<50 {
        try await world.workOff()
        let state = try await world.hand.state("bull:q0:root")
        if state == .completed || state == .unknown { return }
        var outcome = try await changing.apply(.retry, "bull:q0:root")
        if outcome.done.isEmpty { outcome = try await changing.apply(.release, "bull:q0:root") }
        #expect(!outcome.done.isEmpty && outcome.refused.isEmpty, "\(seed): \(outcome.refused)")
        if outcome.done.isEmpty { return }
      }
      Issue.record("\(seed): it does not complete")
    }
  }

  @Test func `after a cancellation nothing is left that could start`() async throws {
    // A child that its parent has forgotten is not found below it.
    try await withWorlds(Self.policies.filter { $0 != .removeDependencyOnFailure }) { world, changing, seed in
      guard try await world.hand.state("bull:q0:root") != .unknown else { return }
      let outcome = try await changing.apply(.cancel, "bull:q0:root")
      #expect(outcome.refused.isEmpty, "\(seed): \(outcome.refused)")
      for job in world.inHand { try await world.end(job, failing: false) }
      // What lay below a job that is gone is found by nobody.
      let isAtRest = try await world.isAtRest
      #expect(isAtRest || world.isRobbed, "\(seed)")
    }
  }
}
