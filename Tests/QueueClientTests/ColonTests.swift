import Redis
import Testing

@testable import QueueClient

/// Parents whose ids hold colons: a child of theirs frees its own parent, whatever becomes of it.
@Suite struct ColonTests {
  static let parents = ["a:b:c", "repeat:daily:1795000000000"]
  static let prefixes = ["bull", "x", "my:app"]

  /// A parent in another queue, and perhaps with another prefix, than its child.
  private func withFamily(
    _ id: String, _ prefix: String, _ opts: JobOptions = [:], isConsistent: Bool = true,
    _ body: (Hand, JobKey) async throws -> Void
  ) async throws {
    try await withHand(isConsistent: isConsistent, prefixes: Array(Set(["bull", prefix]))) { hand in
      try await hand.add(node("top/\(id)", prefix: prefix, node("kids/one", opts, prefix: "bull")))
      try await body(hand, JobKey(queue: QueueKey(prefix: prefix, name: "top"), id: id))
    }
  }

  private func state(_ key: JobKey, _ hand: Hand) async throws -> JobState {
    try await Job(JobSnapshot(key: key), redis: hand.redis).getState()
  }

  @Test(arguments: parents, prefixes) func `a child that completes frees its parent, and is found from it`(
    id: String, prefix: String
  ) async throws {
    try await withFamily(id, prefix) { hand, parent in
      #expect(try await hand.job("bull:kids:one").parentKey == parent)
      let flow = try await FlowProducer(connection: hand.redis).getFlow(queueName: "top", id: id, prefix: prefix)
      #expect(flow?.children.map(\.job.key.description) == ["bull:kids:one"])
      try await hand.complete("kids", 7)
      let now = try await state(parent, hand)
      #expect(now == .waiting)
      try await hand.job("bull:kids:one").retry(.completed)
      let job = try #require(try await Job.read(parent, from: hand.redis))
      #expect(try await job.getDependenciesCount().unprocessed == 1)
    }
  }

  @Test(arguments: FailurePolicy.allCases, prefixes) func `a child that fails does to it what its policy says`(
    policy: FailurePolicy, prefix: String
  ) async throws {
    for id in Self.parents {
      try await withFamily(id, prefix, [policy.rawValue: true]) { hand, parent in
        try await hand.fail("kids")
        let now = try await state(parent, hand)
        #expect(now == .waiting)
        let job = try #require(try await Job.read(parent, from: hand.redis))
        #expect((job.deferredFailure != nil) == (policy == .failParentOnFailure))
      }
    }
  }

  @Test(arguments: parents, prefixes) func `a child that is removed, or let go, frees it`(
    id: String, prefix: String
  ) async throws {
    try await withFamily(id, prefix) { hand, parent in
      try await hand.job("bull:kids:one").remove()
      let now = try await state(parent, hand)
      #expect(now == .waiting)
    }
    try await withFamily(id, prefix) { hand, parent in
      let wasWaitedFor = try await hand.job("bull:kids:one").removeChildDependency()
      #expect(wasWaitedFor)
      let now = try await state(parent, hand)
      #expect(now == .waiting)
    }
    try await withFamily(id, prefix) { hand, parent in
      try await Queue("kids", connection: hand.redis).drain()
      let now = try await state(parent, hand)
      #expect(now == .waiting)
    }
  }

  @Test(arguments: parents, prefixes) func `children whose ids hold colons go with it`(
    id: String, prefix: String
  ) async throws {
    try await withHand(prefixes: Array(Set(["bull", prefix]))) { hand in
      try await hand.add(node("top/root", prefix: "bull", node("kids/\(id)", prefix: prefix)))
      #expect(try await hand.job("bull:top:root").removeUnprocessedChildren() == 1)
      #expect(try await hand.state("bull:top:root") == .waiting)
      #expect(try await hand.redis.send(["EXISTS", .text("\(prefix):kids:\(id)")]).int == 0)
    }
    try await withHand(prefixes: Array(Set(["bull", prefix]))) { hand in
      try await hand.add(node("top/root", prefix: "bull", node("kids/\(id)", prefix: prefix)))
      try await hand.job("bull:top:root").remove()
      #expect(try await hand.redis.send(["EXISTS", .text("\(prefix):kids:\(id)")]).int == 0)
      #expect(try await hand.redis.send(["EXISTS", .text("\(prefix):kids:wait")]).int == 0)
    }
  }
}
