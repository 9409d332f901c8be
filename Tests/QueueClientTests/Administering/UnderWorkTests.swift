import Redis
import TestSupport
import Testing

@testable import QueueClient

/// Whole flows are changed while real BullMQ workers take their jobs.
@Suite struct UnderWorkTests {
  /// A root over ten parents of ten children each, in three queues.
  private func forest(failing: Bool, policy: JobOptions = [:]) -> FlowNode {
    let middles = (0..<10).map { middle in
      let leaves = (0..<10).map { leaf in
        FlowNode(
          name: "leaf", queueName: "c", data: failing && leaf % 3 == 0 ? ["fatal": "no"] : ["returns": 1],
          opts: policy.overlaid(with: ["jobId": .string("c\(middle)-\(leaf)")]))
      }
      return FlowNode(
        name: "middle", queueName: "m", data: ["sums": true],
        opts: policy.overlaid(with: ["jobId": .string("m\(middle)")]), children: leaves)
    }
    return FlowNode(name: "root", queueName: "r", data: ["sums": true], opts: ["jobId": "root"], children: middles)
  }

  private func work(_ peer: Peer) async throws {
    for queue in ["c", "m", "r"] {
      try await peer.ask("work", ["queue": .string(queue), "concurrency": 5])
    }
  }

  @Test(arguments: [nil, "failParentOnFailure", "ignoreDependencyOnFailure"] as [String?])
  func `a retry under work brings every job to its end, with every value counted`(policy: String?) async throws {
    try await withPeer { redis, peer in
      let opts: JobOptions = policy.map { [$0: true] } ?? [:]
      try await FlowProducer(connection: redis).add(forest(failing: true, policy: opts))
      // Nobody works on the middle: parents that were let go stay where they can be held.
      try await peer.ask("work", ["queue": "c", "concurrency": 5])
      let time = try await eventually(within: .seconds(20)) {
        let counts = try await redis.pipeline([["ZCARD", "bull:c:failed"], ["ZCARD", "bull:c:completed"]])
        return counts.map(\.int) == [40, 60]
      }
      #expect(time != nil)
      for middle in 0..<10 {
        for leaf in stride(from: 0, to: 10, by: 3) {
          try await redis.send(["HSET", "bull:c:c\(middle)-\(leaf)", "data", #"{"returns":1}"#])
        }
      }
      if policy == "failParentOnFailure" {
        try await work(peer)
        #expect(try await reaches(redis, "bull:r:root", .failed))
      }
      if policy != "failParentOnFailure" {
        let outcome = try await Changing(redis: redis).apply(.retry, "bull:r:root")
        #expect(outcome.refused.isEmpty, "\(outcome.refused)")
        try await work(peer)
      }
      // What fails while it is planned is refused, and is there for the next.
      let end = try await eventually(within: .seconds(20)) {
        if try await Hand(redis).state("bull:r:root") == .completed { return true }
        try await Changing(redis: redis).apply(.retry, "bull:r:root")
        return false
      }
      #expect(end != nil)
      #expect(try await Hand(redis).job("bull:r:root").returnvalue == "100")
      #expect(try await ConsistencyCheck(connection: redis, prefixes: ["bull"]).run() == [])
      try await peer.ask("stop")
    }
  }

  @Test func `a cancellation under work removes what waits, until nothing is left to run`() async throws {
    try await withPeer { redis, peer in
      try await FlowProducer(connection: redis).add(forest(failing: false))
      try await work(peer)
      let changing = Changing(redis: redis)
      let root = try #require(JobKey("bull:r:root"))
      let time = try await eventually(within: .seconds(20)) {
        guard try await Job.read(root, from: redis) != nil else { return true }
        let plan = try await changing.plan(.cancel, "bull:r:root")
        try await changing.changer.apply(plan)
        return try await Job(JobSnapshot(key: root), redis: redis).getState() == .completed
      }
      #expect(time != nil)
      let idle = try await eventually(within: .seconds(20)) {
        try await redis.send(["EXISTS", "bull:c:active", "bull:m:active", "bull:r:active"]).int == 0
      }
      #expect(idle != nil)
      try await peer.ask("stop")
      #expect(
        try await redis.send(["EXISTS", "bull:c:wait", "bull:m:wait", "bull:m:waiting-children"]).int == 0)
      #expect(try await ConsistencyCheck(connection: redis, prefixes: ["bull"]).run() == [])
    }
  }

  @Test func `a release under work frees what cannot come, and waits for the rest`() async throws {
    try await withPeer { redis, peer in
      try await FlowProducer(connection: redis).add(forest(failing: true))
      try await work(peer)
      let changing = Changing(redis: redis)
      let time = try await eventually(within: .seconds(20)) {
        let plan = try await changing.plan(.release, "bull:r:root")
        try await changing.changer.apply(plan)
        return try await Hand(redis).state("bull:r:root") == .completed
      }
      #expect(time != nil)
      #expect(try await Hand(redis).job("bull:r:root").returnvalue == "60")
      #expect(try await ConsistencyCheck(connection: redis, prefixes: ["bull"]).run() == [])
      try await peer.ask("stop")
    }
  }

  @Test func `a running parent's dependency is dropped, and the parent is left to its worker`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root"))
      let root = try #require(try await hand.take("p"))
      try await hand.add(node("c/c1", ["parent": root.asParent]))
      try await hand.redis.send(["DEL", "bull:c:c1", "bull:c:wait"])
      let outcome = try await Changing(redis: hand.redis).apply(.release, "bull:p:root")
      #expect(short(outcome.done) == ["drop c/c1 missing"])
      #expect(try await hand.end(root, .completed(1)) == 0)
    }
  }
}
