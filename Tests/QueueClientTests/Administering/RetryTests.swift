import Redis
import TestSupport
import Testing

@testable import QueueClient

/// All failed jobs of a flow run again, and those that failed through them.
@Suite struct RetryTests {
  /// The grandchild fails once more often than it is asked to; then real workers finish everything.
  private func chain(_ policy: JobOptions, prefix: String? = nil) -> FlowNode {
    let fails = FlowNode(
      name: "leaf", queueName: "c", data: ["fatal": "no paint"], prefix: prefix,
      opts: policy.overlaid(with: ["jobId": "leaf"]))
    let middle = FlowNode(
      name: "middle", queueName: "m", opts: policy.overlaid(with: ["jobId": "middle"]), children: [fails])
    return FlowNode(name: "root", queueName: "r", opts: ["jobId": "root"], children: [middle])
  }

  private func mend(_ redis: RedisClient, _ key: String = "bull:c:leaf") async throws {
    try await redis.send(["HSET", .text(key), "data", #"{"returns":5}"#])
  }

  @Test func `a chain that failed from the leaf up runs again from the leaf up, by real workers`() async throws {
    try await withPeer { redis, peer in
      try await FlowProducer(connection: redis).add(chain(["failParentOnFailure": true], prefix: "other"))
      try await peer.ask("work", ["queue": "c", "prefix": "other"])
      for queue in ["m", "r"] { try await peer.ask("work", ["queue": .string(queue)]) }
      #expect(try await reaches(redis, "bull:r:root", .failed))
      try await mend(redis, "other:c:leaf")
      let outcome = try await Changing(redis: redis).apply(.retry, "bull:r:root")
      #expect(
        short(outcome.done) == [
          "retry c/leaf failed", "retry m/middle failed-through-child", "retry r/root failed-through-child",
        ])
      #expect(outcome.refused.isEmpty, "\(outcome.refused)")
      #expect(try await reaches(redis, "bull:r:root", .completed))
      let middle = try await Hand(redis).job("bull:m:middle")
      #expect(try await middle.getChildrenValues().values.map { $0 } == [5])
      #expect(try await ConsistencyCheck(connection: redis, prefixes: ["bull", "other"]).run() == [])
      try await peer.ask("stop")
    }
  }

  @Test func `ancestors wait for their children again, with nothing of their failure left`() async throws {
    try await withHand { hand in
      try await hand.add(chain(["failParentOnFailure": true]))
      for queue in ["c", "m", "r"] { try await hand.fail(queue) }
      #expect(try await hand.state("bull:r:root") == .failed)
      try await Changing(redis: hand.redis).apply(.retry, "bull:r:root")
      #expect(try await hand.state("bull:c:leaf") == .waiting)
      for key in ["bull:m:middle", "bull:r:root"] {
        let job = try await hand.job(key)
        #expect(try await job.getState() == .waitingChildren)
        #expect(try await job.getDependenciesCount() == DependenciesCount(unprocessed: 1))
        #expect(job.failedReason == nil && job.finishedOn == nil && job.deferredFailure == nil)
      }
      for queue in ["c", "m", "r"] { try await hand.complete(queue) }
      #expect(try await hand.state("bull:r:root") == .completed)
    }
  }

  @Test(arguments: [
    ("failParentOnFailure", true), ("ignoreDependencyOnFailure", true), ("continueParentOnFailure", true),
  ])
  func `a parent that was let go by the failure, and not taken, waits again`(policy: String, isHeld: Bool) async throws
  {
    try await withHand { hand in
      try await hand.add(chain([policy: true]))
      try await hand.fail("c")
      #expect(try await hand.state("bull:m:middle") == .waiting)
      let outcome = try await Changing(redis: hand.redis).apply(.retry, "bull:r:root")
      #expect(Set(short(outcome.done)) == ["retry c/leaf failed", "hold m/middle child-retried"])
      #expect(try await hand.state("bull:m:middle") == .waitingChildren)
      #expect(try await hand.job("bull:m:middle").deferredFailure == nil)
      for queue in ["c", "m", "r"] { try await hand.complete(queue) }
      #expect(try await hand.state("bull:r:root") == .completed)
    }
  }

  @Test func `a parent in a worker's hands, or completed, keeps the failure that it ignored`() async throws {
    try await withHand { hand in
      try await hand.add(chain(["ignoreDependencyOnFailure": true]))
      try await hand.fail("c")
      let middle = try #require(try await hand.take("m"))
      let changing = Changing(redis: hand.redis)
      let active = try await changing.plan(.retry, "bull:r:root")
      #expect(active.isEmpty && short(active.steps) == ["leave c/leaf parent-active"])
      try await hand.end(middle, .completed(1))
      #expect(short(try await changing.plan(.retry, "bull:c:leaf").steps) == ["leave c/leaf parent-completed"])
      #expect(try await changing.plan(.retry, "bull:r:root").steps.isEmpty)
      try await hand.complete("r")
    }
  }

  @Test func `a job named in the middle brings those above it that failed through it`() async throws {
    try await withHand { hand in
      try await hand.add(chain(["failParentOnFailure": true]))
      for queue in ["c", "m", "r"] { try await hand.fail(queue) }
      let outcome = try await Changing(redis: hand.redis).apply(.retry, "bull:c:leaf")
      #expect(outcome.done.map(\.job.id) == ["leaf", "middle", "root"])
      for queue in ["c", "m", "r"] { try await hand.complete(queue) }
    }
  }

  @Test func `what was interrupted is gone on with, even where the child has ended meanwhile`() async throws {
    try await withHand { hand in
      try await hand.add(chain(["failParentOnFailure": true]))
      try await hand.fail("c")
      try await hand.fail("m", "child bull:c:leaf failed")
      try await hand.fail("r", "child bull:m:middle failed")
      let changing = Changing(redis: hand.redis)
      var plan = try await changing.plan(.retry, "bull:r:root")
      plan.steps = Array(plan.steps.prefix(1))
      try await changing.changer.apply(plan)
      try await hand.complete("c")
      #expect(try await hand.state("bull:m:middle") == .failed)
      let outcome = try await changing.apply(.retry, "bull:c:leaf")
      #expect(outcome.done.map(\.job.id) == ["middle", "root"], "\(outcome)")
      #expect(try await hand.state("bull:m:middle") == .waiting)
      for queue in ["m", "r"] { try await hand.complete(queue) }
    }
  }

  @Test func `another failed child keeps an ancestor failed, and is named`() async throws {
    try await withHand { hand in
      let opts: JobOptions = ["failParentOnFailure": true]
      try await hand.add(node("p/root", node("c/c1", opts), node("c/c2", opts)))
      for queue in ["c", "c", "p"] { try await hand.fail(queue) }
      let changing = Changing(redis: hand.redis)
      let plan = try await changing.plan(.retry, "bull:c:c1")
      #expect(short(plan.steps) == ["retry c/c1 failed", "leave p/root failed-child"])
      #expect(plan.refusals.first?.detail == "bull:c:c2")
      try await changing.apply(.retry, "bull:p:root")
      for queue in ["c", "c", "p"] { try await hand.complete(queue) }
    }
  }

  @Test func `a failed child that is gone is dropped, and said so`() async throws {
    try await withHand { hand in
      let opts: JobOptions = ["failParentOnFailure": true, "removeOnFail": true]
      try await hand.add(node("p/root", node("c/c1", opts)))
      try await hand.fail("c")
      try await hand.fail("p")
      let outcome = try await Changing(redis: hand.redis).apply(.retry, "bull:p:root")
      #expect(Set(short(outcome.done)) == ["drop c/c1 missing", "retry p/root failed-through-child"])
      try await hand.complete("p")
    }
  }

  @Test func `priorities hold, and what failed on its own account runs`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", ["priority": 4], node("c/c1")))
      try await hand.complete("c")
      try await hand.fail("p")
      try await Changing(redis: hand.redis).apply(.retry, "bull:p:root")
      #expect(try await hand.state("bull:p:root") == .prioritized)
      try await hand.complete("p")
      #expect(try await Changing(redis: hand.redis).plan(.retry, "bull:p:root").steps.isEmpty)
    }
  }

  @Test func `a job that changed since the plan is refused, and nothing of it is done`() async throws {
    try await withHand { hand in
      try await hand.add(chain(["failParentOnFailure": true]))
      for queue in ["c", "m", "r"] { try await hand.fail(queue) }
      let changing = Changing(redis: hand.redis)
      let plan = try await changing.plan(.retry, "bull:r:root")
      let leaf = try await hand.job("bull:c:leaf")
      try await leaf.retry()
      try await hand.fail("c", "again")
      try await leaf.retry()
      let outcome = try await changing.changer.apply(plan)
      #expect(short(outcome.refused) == ["leave c/leaf changed"])
      #expect(outcome.done.map(\.job.id) == ["middle", "root"])
      for queue in ["c", "m", "r"] { try await hand.complete(queue) }
    }
  }

  @Test func `five thousand failed children and their parent are retried across an interruption`() async throws {
    try await withPeer { redis, peer in
      let children = (0..<5000).map { index in
        FlowNode(
          name: "c", queueName: "c", data: ["fatal": "no"],
          opts: ["jobId": .string("c\(index)"), "failParentOnFailure": true])
      }
      try await FlowProducer(connection: redis).add(
        FlowNode(name: "root", queueName: "p", opts: ["jobId": "root"], children: children))
      var configuration = WorkerConfiguration()
      configuration.concurrency = 200
      let worker = Worker("c", connection: redis, configuration: configuration) { _ in throw UnrecoverableError("no") }
      try await withThrowingTaskGroup { group in
        group.addTask { try await worker.run() }
        let time = try await eventually(within: .seconds(60)) {
          try await redis.send(["ZCARD", "bull:c:failed"]).int == 5000
        }
        #expect(time != nil)
        group.cancelAll()
      }
      try await peer.ask("work", ["queue": "p"])
      #expect(try await reaches(redis, "bull:p:root", .failed))
      let changing = Changing(redis: redis)
      let plan = try await changing.plan(.retry, "bull:p:root")
      #expect(plan.changes.count == 5001)
      let task = Task { try await changing.changer.apply(plan) }
      _ = try await eventually { try await redis.send(["ZCARD", "bull:c:failed"]).int ?? 0 < 5000 }
      task.cancel()
      _ = try? await task.value
      let again = try await changing.plan(.retry, "bull:p:root")
      if !again.isEmpty { try await changing.changer.apply(again) }
      #expect(try await redis.send(["ZCARD", "bull:c:failed"]).int == 0)
      #expect(try await redis.send(["SCARD", "bull:p:root:dependencies"]).int == 5000)
      #expect(try await reaches(redis, "bull:p:root", .waitingChildren))
      try await peer.ask("stop")
    }
  }
}
