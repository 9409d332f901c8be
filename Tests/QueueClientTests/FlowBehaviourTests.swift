import Foundation
import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// How flows are added and run, as BullMQ's guide has it.
@Suite struct FlowBehaviourTests {
  @Test func `a chain runs from its leaf up`() async throws {
    try await withHand { hand in
      try await hand.add(node("q/a", node("q/b", node("q/c", node("q/d")))))
      var order: [String] = []
      for _ in 0..<4 { order.append(try await hand.complete("q").id) }
      #expect(order == ["d", "c", "b", "a"])
    }
  }

  @Test func `an empty list of children is as none`() async throws {
    try await withHand { hand in
      var lonely = node("q/lonely")
      lonely.children = []
      try await hand.add(lonely)
      #expect(try await hand.state("bull:q:lonely") == .waiting)
    }
  }

  @Test func `options are those of the queue, with the node's own over them`() async throws {
    try await withHand { hand in
      let flow = node("top/a", node("below/b", ["attempts": 7]), node("below/c"))
      try await FlowProducer(connection: hand.redis).add(
        flow, queuesOptions: ["below": ["attempts": 3, "priority": 5]])
      #expect(try await hand.job("bull:below:b").attempts == 7)
      #expect(try await hand.job("bull:below:b").priority == 5)
      #expect(try await hand.job("bull:below:c").attempts == 3)
      #expect(try await hand.job("bull:top:a").attempts == 1)
    }
  }

  @Test func `a parent's priority and delay take effect when it is released`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/urgent", ["priority": 3], node("c/c1")))
      try await hand.add(node("p/late", ["delay": 60_000], node("c/c2")))
      try await hand.complete("c")
      #expect(try await hand.state("bull:p:urgent") == .prioritized)
      try await hand.complete("c")
      #expect(try await hand.state("bull:p:late") == .delayed)
      #expect(try await hand.take("p")?.id == "urgent")
      #expect(try await hand.take("p") == nil)
      hand.pass(60_001)
      #expect(try await hand.take("p")?.id == "late")
    }
  }

  @Test func `a paused queue holds its released parent until it is resumed`() async throws {
    try await withHand { hand in
      let queue = Queue("p", connection: hand.redis)
      try await hand.add(node("p/root", node("c/c1")))
      try await queue.pause()
      try await hand.complete("c")
      #expect(try await hand.take("p") == nil)
      try await queue.resume()
      #expect(try await hand.take("p")?.id == "root")
    }
  }

  @Test func `a failed child without a policy blocks its parent until it is retried`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1")))
      try await hand.fail("c")
      #expect(try await hand.state("bull:p:root") == .waitingChildren)
      try await hand.job("bull:c:c1").retry()
      try await hand.complete("c", 7)
      #expect(try await hand.state("bull:p:root") == .waiting)
      #expect(try await hand.job("bull:p:root").getChildrenValues().values.map(\.text) == ["7"])
    }
  }

  @Test func `attempts are made, with a backoff between them, before a job has failed`() async throws {
    try await withHand { hand in
      try await hand.add(node("q/a", ["attempts": 3, "backoff": ["type": "exponential", "delay": 1000]]))
      for wait in [1000, 2000] {
        try await hand.fail("q")
        #expect(try await hand.state("bull:q:a") == .delayed)
        hand.pass(wait - 10)
        #expect(try await hand.take("q") == nil)
        hand.pass(20)
      }
      try await hand.fail("q", "the third")
      let job = try await hand.job("bull:q:a")
      #expect(try await job.getState() == .failed)
      #expect(job.attemptsMade == 3 && job.attemptsStarted == 3)
      #expect(job.stacktrace == ["kaputt", "kaputt", "the third"])
    }
  }

  // MARK: The four policies

  @Test func `failParentOnFailure fails the parent, and on up by each one's own policy`() async throws {
    try await withHand { hand in
      try await hand.add(
        node(
          "g/grand",
          node("p/root", ["failParentOnFailure": true], node("c/c1", ["failParentOnFailure": true]), node("c/c2"))))
      try await hand.fail("c")
      let root = try #require(try await hand.take("p"))
      #expect(root.deferredFailure == "child bull:c:c1 failed")
      try await hand.end(root, .failed(reason: root.deferredFailure ?? ""))
      let grand = try #require(try await hand.take("g"))
      #expect(grand.deferredFailure == "child bull:p:root failed")
      #expect(try await grand.getDependencies().failed.map(\.description) == ["bull:p:root"])
      try await hand.end(grand, .failed(reason: grand.deferredFailure ?? ""))
      #expect(try await hand.state("bull:g:grand") == .failed)
    }
  }

  @Test func `two failing children fail their parent once`() async throws {
    try await withHand { hand in
      let fails: JobOptions = ["failParentOnFailure": true]
      try await hand.add(node("p/root", node("c/c1", fails), node("c/c2", fails)))
      try await hand.fail("c")
      try await hand.fail("c")
      let root = try #require(try await hand.take("p"))
      #expect(try await hand.take("p") == nil)
      try await hand.end(root, .failed(reason: root.deferredFailure ?? ""))
      #expect(try await root.getDependenciesCount().failed == 2)
      #expect(try await hand.take("p") == nil)
    }
  }

  @Test func `continueParentOnFailure releases the parent at once, with the reason`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1", ["continueParentOnFailure": true]), node("c/c2")))
      try await hand.fail("c", "no paint")
      let root = try #require(try await hand.take("p"))
      #expect(try await root.getIgnoredChildrenFailures().map(\.value) == ["no paint"])
      #expect(try await root.getFailedChildrenValues().count == 1)
      // The other child is pending still: completing is refused, going on without it is the parent's own doing.
      #expect(try await hand.end(root, .completed(1)) == -4)
      #expect(try await root.removeUnprocessedChildren() == 1)
      #expect(try await hand.end(root, .completed(1)) == 0)
    }
  }

  @Test func `ignoreDependencyOnFailure and removeDependencyOnFailure let the parent wait for the rest`() async throws {
    for (policy, ignored) in [("ignoreDependencyOnFailure", 1), ("removeDependencyOnFailure", 0)] {
      try await withHand { hand in
        try await hand.add(node("p/root", node("c/c1", [policy: true]), node("c/c2")))
        try await hand.fail("c")
        #expect(try await hand.state("bull:p:root") == .waitingChildren)
        try await hand.complete("c")
        let root = try #require(try await hand.take("p"))
        #expect(try await root.getDependenciesCount() == DependenciesCount(processed: 1, ignored: ignored))
        try await hand.end(root, .completed(nil))
      }
    }
  }

  @Test(arguments: ["ignoreDependencyOnFailure", "removeDependencyOnFailure", "continueParentOnFailure"])
  func `a failure goes up only as far as a policy lets it`(policy: String) async throws {
    try await withHand { hand in
      try await hand.add(node("g/grand", node("p/root", [policy: true], node("c/c1", ["failParentOnFailure": true]))))
      try await hand.fail("c")
      let root = try #require(try await hand.take("p"))
      try await hand.end(root, .failed(reason: root.deferredFailure ?? ""))
      let grand = try #require(try await hand.take("g"))
      #expect(grand.deferredFailure == nil)
      #expect(try await hand.end(grand, .completed(1)) == 0)
    }
  }

  @Test func `a parent that is active or prioritized learns of a failed child when it ends or begins`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/busy"))
      let active = try #require(try await hand.take("p"))
      try await hand.add(node("c/c1", ["failParentOnFailure": true, "parent": active.asParent]))
      try await hand.fail("c")
      #expect(try await hand.end(active, .completed(1)) == -9)
      try await hand.end(active, .failed(reason: "a child failed"))
      #expect(try await hand.state("bull:p:busy") == .failed)

      try await hand.add(node("p/later", ["priority": 1]))
      try await hand.add(node("c/c2", ["failParentOnFailure": true, "parent": ["id": "later", "queue": "bull:p"]]))
      try await hand.fail("c")
      #expect(try await hand.take("p")?.deferredFailure == "child bull:c:c2 failed")
    }
  }

  // MARK: What is kept

  @Test(arguments: [true, 1, ["count": 0], ["age": 10, "count": 1]] as [JSON])
  func `however little is kept of children, no parent is stranded`(keep: JSON) async throws {
    try await withHand { hand in
      let opts: JobOptions = ["removeOnComplete": keep, "removeOnFail": keep]
      try await hand.add(node("p/root", opts, node("c/c1", opts), node("c/c2", opts), node("c/c3", opts)))
      try await hand.complete("c", 1)
      hand.pass(20_000)
      try await hand.complete("c", 2)
      hand.pass(20_000)
      try await hand.complete("c", 3)
      let root = try #require(try await hand.take("p"))
      #expect(try await root.getChildrenValues(as: Int.self).values.sorted() == [1, 2, 3])
      try await hand.end(root, .completed(6))
      let kept = try await hand.redis.send(["ZCARD", "bull:c:completed"]).int
      #expect(kept == (keep == true || keep["count"] == 0 ? 0 : 1))
    }
  }

  @Test func `a failed child that is not kept is no longer waited for`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1", ["removeOnFail": true])))
      try await hand.fail("c")
      #expect(try await hand.state("bull:p:root") == .waiting)
    }
  }

  @Test func `a failed child that makes room for another is no longer waited for`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1")))
      try await hand.fail("c")
      #expect(try await hand.state("bull:p:root") == .waitingChildren)
      try await hand.add(node("c/c2", ["removeOnFail": 1]))
      hand.pass(1)
      try await hand.fail("c")
      #expect(try await hand.state("bull:c:c1") == .unknown)
      #expect(try await hand.state("bull:p:root") == .waiting)
    }
  }

  // MARK: Adding again

  @Test func `a child added again is linked, and one that has completed hands its value over`() async throws {
    try await withHand { hand in
      try await hand.add(node("c/old"))
      try await hand.complete("c", 42)
      try await hand.add(node("c/young"))
      try await hand.add(node("p/root", node("c/young"), node("c/old")))
      #expect(
        try await hand.job("bull:p:root").getDependenciesCount() == DependenciesCount(processed: 1, unprocessed: 1))
      try await hand.complete("c", 1)
      let root = try #require(try await hand.take("p"))
      #expect(try await root.getChildrenValues(as: Int.self).values.sorted() == [1, 42])
    }
  }

  @Test func `a job that another living parent waits for cannot be taken from it`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/first", node("c/c1")))
      let before = try await StateDump(of: hand.redis)
      await #expect(
        throws: FlowError.parentCannotBeReplaced(
          node: "flow.children[1]", job: "bull:c:c1", parent: "bull:p:first")
      ) { try await hand.add(node("p/second", node("c/c2"), node("c/c1"))) }
      #expect(try await StateDump(of: hand.redis) == before)
    }
  }

  @Test func `a job that would wait for itself is refused`() async throws {
    try await withHand { hand in
      try await hand.add(node("q/a", node("q/b")))
      await #expect(throws: FlowError.self) { try await hand.add(node("q/b", node("q/a"))) }
      await #expect(throws: FlowError.self) { try await hand.add(node("q/x", node("q/y", node("q/x")))) }
      #expect(try await hand.redis.send(["EXISTS", "bull:q:x"]).int == 0)
    }
  }

  @Test func `of jobs with one deduplication id, one is added`() async throws {
    try await withHand { hand in
      let opts: JobOptions = ["deduplication": ["id": "one"]]
      try await hand.add(node("q/first", opts))
      #expect(try await hand.add(node("q/second", opts)).job.id == "first")
      try await hand.complete("q")
      #expect(try await hand.add(node("q/third", opts)).job.id == "third")
    }
  }

  @Test func `a bulk is added whole, over queues and prefixes`() async throws {
    try await withHand(prefixes: ["bull", "shop"]) { hand in
      let trees = try await FlowProducer(connection: hand.redis).addBulk([
        node("a/r1", node("b/c1", prefix: "shop")), node("a/r2", node("b/c2")),
      ])
      #expect(trees.map(\.job.id) == ["r1", "r2"])
      #expect(trees[0].children[0].job.key.description == "shop:b:c1")
      try await hand.complete("b", prefix: "shop")
      #expect(try await hand.state("bull:a:r1") == .waiting)
      #expect(try await hand.state("bull:a:r2") == .waitingChildren)
    }
  }

  @Test func `large flows are added in steps, and are whole or not there at all`() async throws {
    try await withHand(isConsistent: false) { hand in
      let children = (0..<3000).map { FlowNode(name: "c", queueName: "c", data: .int($0)) }
      try await hand.add(FlowNode(name: "wide", queueName: "p", opts: ["jobId": "wide"], children: children))
      let wide = try await hand.job("bull:p:wide")
      #expect(try await wide.getDependenciesCount().unprocessed == 3000)
      #expect(try await hand.redis.send(["LLEN", "bull:c:wait"]).int == 3000)
      let first = try #require(try await hand.take("c"))
      #expect(first.data == "0")
      #expect(try await hand.redis.send(["TTL", .text("\(first.key)")]).int == -1)

      let size = try await hand.redis.send(["DBSIZE"]).int
      await #expect(throws: FlowError.self) {
        try await FlowProducer(connection: hand.redis).add(
          FlowNode(
            name: "orphan", queueName: "p", opts: ["parent": ["id": "nobody", "queue": "bull:p"]], children: children))
      }
      #expect(try await hand.redis.send(["DBSIZE"]).int == size)
    }
  }

  @Test func `a Redis that goes in mid-call is told, with what was asked of it`() async throws {
    try await withRedis { redis, server in
      let producer = FlowProducer(connection: redis)
      try await producer.add(node("q/before"))
      try await redis.send(["CLIENT", "PAUSE", "10000", "ALL"])
      let adding = Task { _ = try await producer.add(node("p/root", node("c/c1"))) }
      try await Task.sleep(for: .milliseconds(200))
      kill(server.processID, SIGKILL)
      let error = await #expect(throws: RedisError.self) { try await adding.value }
      #expect(error?.isConnectionFailure == true && error?.description.contains("EVALSHA") == true, "\(error as Any)")
    }
  }

  @Test func `a chain of a thousand levels is added, read and run`() async throws {
    try await withHand(isConsistent: false) { hand in
      let deep = (1...1000).reduce(node("q/level-0")) { below, level in node("q/level-\(level)", [:], below) }
      try await hand.add(deep)
      var tree = try await FlowProducer(connection: hand.redis).getFlow(queueName: "q", id: "level-1000", depth: 2000)
      var levels = 0
      while let here = tree {
        levels += 1
        tree = here.children.first
      }
      #expect(levels == 1001)
      #expect(try await hand.complete("q").id == "level-0")
      #expect(try await hand.complete("q").id == "level-1")
    }
  }

  // MARK: At run time

  @Test func `a job adds children as it runs, step by step, and waits for them`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root"))
      for step in 1...3 {
        let root = try #require(try await hand.take("p"))
        #expect(root.attemptsStarted == step)
        try await hand.add(node("c/step-\(step)", ["parent": root.asParent]))
        #expect(try await root.moveToWaitingChildren())
        #expect(try await hand.state("bull:p:root") == .waitingChildren)
        try await hand.complete("c", .int(step))
      }
      let root = try #require(try await hand.take("p"))
      #expect(try await root.moveToWaitingChildren() == false)
      #expect(try await root.getChildrenValues(as: Int.self).values.sorted() == [1, 2, 3])
      #expect(try await hand.end(root, .completed(6)) == 0)
    }
  }

  @Test func `a job with a failed child does not wait, and is told why`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root"))
      let root = try #require(try await hand.take("p"))
      try await hand.add(node("c/c1", ["failParentOnFailure": true, "parent": root.asParent]))
      try await hand.fail("c")
      await #expect(throws: JobError.failedChildren(of: root.key)) { try await root.moveToWaitingChildren() }
      try await hand.end(root, .failed(reason: "a child failed"))
    }
  }
}
