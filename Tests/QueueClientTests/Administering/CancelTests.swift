import Redis
import TestSupport
import Testing

@testable import QueueClient

/// What has not started is removed; what runs is told, what is done is kept.
@Suite struct CancelTests {
  @Test func `a flow that has not started goes whole, from the bottom up, across queues and prefixes`() async throws {
    try await withHand(prefixes: ["bull", "other"]) { hand in
      try await hand.add(
        node(
          "r/root", node("m/middle", node("c/leaf", prefix: "other"), node("c/late", ["delay": 60_000])),
          node("m/urgent", ["priority": 1])))
      let outcome = try await Changing(redis: hand.redis).apply(.cancel, "bull:r:root")
      #expect(outcome.refused.isEmpty, "\(outcome.refused)")
      #expect(outcome.done.last?.job.id == "root" && outcome.done.count == 5)
      let places = try #require(outcome.done.firstIndex { $0.job.id == "middle" })
      #expect(outcome.done[..<places].contains { $0.job.id == "leaf" })
      for key in ["r:root", "m:middle", "c:late", "m:urgent"] {
        #expect(try await hand.redis.send(["EXISTS", .text("bull:" + key)]).int == 0)
      }
      #expect(try await hand.redis.send(["EXISTS", "bull:r:waiting-children", "bull:r:wait"]).int == 0)
    }
  }

  @Test func `a parent that goes is never run, however many children left it`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1"), node("c/c2")))
      try await Changing(redis: hand.redis).apply(.cancel, "bull:p:root")
      let events = try await hand.redis.send(["XRANGE", "bull:p:events", "-", "+"])
      let names = (events.array ?? []).compactMap { $0.array?.last?.pairs.first { $0.name == "event" }?.value.string }
      #expect(names == ["added", "waiting-children", "removed"])
    }
  }

  @Test(arguments: [JobState.completed, .failed])
  func `what runs is kept, cut loose, and ended by real workers; what is done is kept`(end: JobState) async throws {
    try await withPeer { redis, peer in
      try await FlowProducer(connection: redis).add(
        node("r/root", node("m/middle", node("c/done"), node("c/runs", ["failParentOnFailure": true]), node("c/waits")))
      )
      let ids = ["done", "runs"]
      for id in ids { #expect(try await peer.ask("take", ["queue": "c"]).string == id) }
      try await peer.ask("complete", ["queue": "c", "id": "done", "value": 1])
      let outcome = try await Changing(redis: redis).apply(.cancel, "bull:r:root")
      #expect(
        Set(short(outcome.done)) == [
          "remove c/waits not-started", "detach c/runs active", "remove m/middle not-started",
          "remove r/root not-started",
        ])
      #expect(short(try await Changing(redis: redis).plan(.cancel, "bull:c:runs").steps) == ["leave c/runs active"])
      let how: JSON = ["queue": "c", "id": "runs", "value": 1, "reason": "no paint"]
      try await peer.ask(end == .completed ? "complete" : "fail", how)
      #expect(try await reaches(redis, "bull:c:runs", end))
      #expect(try await reaches(redis, "bull:c:done", .completed))
      #expect(try await ConsistencyCheck(connection: redis, prefixes: ["bull"]).run() == [])
    }
  }

  @Test func `under a parent that runs, only what has not started goes`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root"))
      let root = try #require(try await hand.take("p"))
      try await hand.add(node("c/c1", ["parent": root.asParent]))
      let outcome = try await Changing(redis: hand.redis).apply(.cancel, "bull:p:root")
      #expect(short(outcome.done) == ["remove c/c1 not-started"])
      try await hand.end(root, .completed(1))
    }
  }

  @Test func `the parent of a cancelled part runs when it waits for nothing else`() async throws {
    try await withHand { hand in
      try await hand.add(node("r/root", node("m/middle", node("c/leaf"))))
      try await Changing(redis: hand.redis).apply(.cancel, "bull:m:middle")
      #expect(try await hand.state("bull:r:root") == .waiting)
      try await hand.complete("r")
    }
  }

  @Test func `a failed job stays, and what it still waited for goes`() async throws {
    try await withHand(isConsistent: false) { hand in
      let opts: JobOptions = ["failParentOnFailure": true]
      try await hand.add(node("p/root", node("c/c1", opts), node("c/c2", opts)))
      try await hand.fail("c")
      try await hand.fail("p")
      let outcome = try await Changing(redis: hand.redis).apply(.cancel, "bull:p:root")
      #expect(short(outcome.done) == ["remove c/c2 not-started"])
      #expect(try await hand.state("bull:p:root") == .failed)
      #expect(try await hand.state("bull:c:c1") == .failed)
    }
  }

  @Test func `one that was taken since the plan stays, and so do those above it`() async throws {
    try await withHand { hand in
      try await hand.add(node("r/root", node("m/middle", node("c/c1"), node("c/c2"))))
      let changing = Changing(redis: hand.redis)
      let plan = try await changing.plan(.cancel, "bull:r:root")
      let taken = try #require(try await hand.take("c"))
      let outcome = try await changing.changer.apply(plan)
      #expect(outcome.done.count == 1 && outcome.refused.count == 3)
      #expect(outcome.refused.map(\.reason) == [.active, .pendingChildren, .pendingChildren])
      try await changing.apply(.cancel, "bull:r:root")
      #expect(try await hand.redis.send(["EXISTS", "bull:r:root", "bull:m:middle"]).int == 0)
      try await hand.end(taken, .completed(1))
    }
  }

  @Test func `a child of another flow is left alone`() async throws {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(node("p/first", node("c/shared")))
      try await hand.add(node("p/second", node("c/own")))
      try await hand.redis.send(["SADD", "bull:p:second:dependencies", "bull:c:shared"])
      try await Changing(redis: hand.redis).apply(.cancel, "bull:p:second")
      #expect(try await hand.redis.send(["EXISTS", "bull:p:second", "bull:c:own"]).int == 0)
      try await hand.complete("c")
      try await hand.complete("p")
    }
  }

  @Test func `a circle goes too`() async throws {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(node("p/a", node("p/b", node("p/x"))))
      try await hand.redis.send(["SADD", "bull:p:b:dependencies", "bull:p:a"])
      try await hand.redis.send([
        "HSET", "bull:p:a", "parentKey", "bull:p:b", "parent", #"{"id":"b","queueKey":"bull:p"}"#,
      ])
      let outcome = try await Changing(redis: hand.redis).apply(.cancel, "bull:p:a")
      #expect(outcome.refused.isEmpty, "\(outcome.refused)")
      #expect(try await hand.redis.send(["EXISTS", "bull:p:a", "bull:p:b", "bull:p:x"]).int == 0)
    }
  }

  @Test func `five thousand go across an interruption`() async throws {
    try await withHand { hand in
      let children = (0..<5000).map { node("c/c\($0)") }
      try await hand.add(FlowNode(name: "root", queueName: "p", opts: ["jobId": "root"], children: children))
      let changing = Changing(redis: hand.redis)
      let plan = try await changing.plan(.cancel, "bull:p:root")
      let task = Task { try await changing.changer.apply(plan) }
      _ = try await eventually { try await hand.redis.send(["LLEN", "bull:c:wait"]).int ?? 0 < 5000 }
      task.cancel()
      _ = try? await task.value
      if try await hand.redis.send(["EXISTS", "bull:p:root"]).int == 1 {
        try await changing.apply(.cancel, "bull:p:root")
      }
      #expect(try await hand.redis.send(["EXISTS", "bull:p:root", "bull:c:wait", "bull:p:waiting-children"]).int == 0)
    }
  }
}
