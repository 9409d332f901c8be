import Redis
import TestSupport
import Testing

@testable import QueueClient

/// What can never be met is dropped, and who then waits for nothing runs.
@Suite struct ReleaseTests {
  @Test func `a pending child that is gone is dropped, and its parent runs`() async throws {
    try await withPeer { redis, peer in
      try await FlowProducer(connection: redis).add(node("p/root", node("c/c1"), node("c/c2")))
      try await redis.send(["LREM", "bull:c:wait", "0", "c1"])
      try await redis.send(["DEL", "bull:c:c1"])
      try await peer.ask("work", ["queue": "c"])
      #expect(try await reaches(redis, "bull:c:c2", .completed))
      try await peer.ask("work", ["queue": "p"])
      let outcome = try await Changing(redis: redis).apply(.release, "bull:p:root")
      #expect(short(outcome.done) == ["drop c/c1 missing", "release p/root nothing-left"])
      #expect(outcome.refused.isEmpty)
      #expect(try await reaches(redis, "bull:p:root", .completed))
      try await peer.ask("stop")
    }
  }

  @Test func `a child that is gone is no job that is changed: its parent is`() async throws {
    try await withRedis { redis, _ in
      try await FlowProducer(connection: redis).add(node("p/root", node("c/c1")))
      try await redis.pipeline([["LREM", "bull:c:wait", "0", "c1"], ["DEL", "bull:c:c1"]])
      let runner = ActionRunner(connection: redis)
      let root = try #require(JobKey("bull:p:root"))
      let preview = try await runner.preview(JobAction(.releaseFlow, [.job(root)]))
      #expect(preview.jobs == 1)
      let outcome = await runner.perform(preview)
      #expect(outcome.jobs == 1 && outcome.subjects == ["bull:p:root"])
    }
  }

  @Test func `a plan changes nothing`() async throws {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(node("p/root", node("c/c1")))
      try await hand.fail("c")
      let before = try await StateDump(of: hand.redis)
      let plan = try await Changing(redis: hand.redis).plan(.release, "bull:p:root")
      #expect(short(plan.steps) == ["drop c/c1 failed", "release p/root nothing-left"])
      #expect(plan.steps.first?.detail == "kaputt")
      #expect(try await StateDump(of: hand.redis) == before)
    }
  }

  @Test func `a failed child without a policy is dropped at any depth, and real workers finish the rest`() async throws
  {
    try await withPeer { redis, peer in
      let fatal: JSON = ["fatal": "no paint"]
      let leaf = FlowNode(name: "leaf", queueName: "c", data: fatal, prefix: "other", opts: ["jobId": "leaf"])
      let middle = FlowNode(name: "middle", queueName: "m", opts: ["jobId": "middle"], children: [leaf])
      try await FlowProducer(connection: redis).add(
        FlowNode(name: "root", queueName: "r", opts: ["jobId": "root"], children: [middle]))
      try await peer.ask("work", ["queue": "c", "prefix": "other"])
      #expect(try await reaches(redis, "other:c:leaf", .failed))
      let outcome = try await Changing(redis: redis).apply(.release, "bull:r:root")
      #expect(short(outcome.done) == ["drop c/leaf failed", "release m/middle nothing-left"])
      try await peer.ask("work", ["queue": "m"])
      try await peer.ask("work", ["queue": "r"])
      #expect(try await reaches(redis, "bull:r:root", .completed))
      #expect(try await redis.send(["HGET", "other:c:leaf", "parentKey"]).isNull)
      try await peer.ask("stop")
    }
  }

  @Test func `a completed child that is still pending is recorded with its value`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1"), node("c/c2")))
      try await hand.complete("c", 7)
      let done = try #require(try await hand.redis.send(["HGETALL", "bull:p:root:processed"]).pairs.first)
      try await hand.redis.send(["DEL", "bull:p:root:processed"])
      try await hand.redis.send(["SADD", "bull:p:root:dependencies", .text(done.name)])
      let outcome = try await Changing(redis: hand.redis).apply(.release, "bull:p:root")
      #expect(outcome.done.map(\.action) == [.record])
      #expect(try await hand.job("bull:p:root").getChildrenValues().values.map { $0 } == [7])
      #expect(try await hand.state("bull:p:root") == .waitingChildren)
      try await hand.complete("c")
      try await hand.complete("p")
    }
  }

  @Test(
    arguments: [
      (["delay": 60_000], .delayed), (["priority": 3], .prioritized), ([:], .waiting),
    ] as [(JobOptions, JobState)])
  func `one in waiting-children with nothing pending goes where its options say`(
    opts: JobOptions, state: JobState
  ) async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", opts, node("c/c1")))
      try await hand.redis.send(["DEL", "bull:p:root:dependencies"])
      let outcome = try await Changing(redis: hand.redis).apply(.release, "bull:p:root")
      #expect(short(outcome.done) == ["release p/root waits-for-nothing"])
      #expect(try await hand.state("bull:p:root") == state)
      try await hand.complete("c")
    }
  }

  @Test func `a paused queue holds who is released, and a marker is set only after it is resumed`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1")))
      let queue = Queue("p", connection: hand.redis)
      try await queue.pause()
      try await hand.redis.send(["DEL", "bull:p:root:dependencies"])
      try await Changing(redis: hand.redis).apply(.release, "bull:p:root")
      #expect(try await hand.state("bull:p:root") == .waiting)
      #expect(try await hand.take("p") == nil)
      #expect(try await hand.redis.send(["EXISTS", "bull:p:marker"]).int == 0)
      try await queue.resume()
      #expect(try await hand.redis.send(["EXISTS", "bull:p:marker"]).int == 1)
      try await hand.complete("p")
      try await hand.complete("c")
    }
  }

  @Test func `a child that names another parent is dropped by the one that it will never tell`() async throws {
    try await withPeer { redis, peer in
      let producer = FlowProducer(connection: redis)
      try await producer.add(node("p/first", node("c/shared")))
      try await producer.add(node("p/second", node("c/own")))
      try await redis.send(["SADD", "bull:p:second:dependencies", "bull:c:shared"])
      let outcome = try await Changing(redis: redis).apply(.release, "bull:p:second")
      #expect(short(outcome.done) == ["drop c/shared other-parent"])
      for queue in ["c", "p"] { try await peer.ask("work", ["queue": .string(queue)]) }
      #expect(try await reaches(redis, "bull:p:first", .completed))
      #expect(try await reaches(redis, "bull:p:second", .completed))
      try await peer.ask("stop")
    }
  }

  @Test func `what can still be met stays, and so does one that waits for it`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1")))
      let changing = Changing(redis: hand.redis)
      #expect(try await changing.plan(.release, "bull:p:root").isEmpty)
      #expect(
        short(try await changing.plan(.release, "bull:p:root", only: "bull:c:c1").steps)
          == ["leave c/c1 can-be-met"])
      #expect(
        short(try await changing.plan(.release, "bull:p:root", only: "bull:c:c9").steps)
          == ["leave c/c9 not-pending"])
      await #expect(throws: JobError.self) { try await changing.plan(.release, "bull:p:nobody") }
    }
  }

  @Test func `only the child named is dropped`() async throws {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(node("p/root", node("c/c1"), node("c/c2")))
      try await hand.fail("c")
      try await hand.fail("c")
      let outcome = try await Changing(redis: hand.redis).apply(.release, "bull:p:root", only: "bull:c:c2")
      #expect(short(outcome.done) == ["drop c/c2 failed"])
      #expect(try await hand.redis.send(["SMEMBERS", "bull:p:root:dependencies"]).strings == ["bull:c:c1"])
      #expect(try await hand.state("bull:p:root") == .waitingChildren)
    }
  }

  @Test func `a circle is broken only where it is named, and real workers finish it then`() async throws {
    try await withPeer { redis, peer in
      try await FlowProducer(connection: redis).add(node("p/a", node("p/b", node("p/x"))))
      // b waits for a as well, and a names b.
      try await redis.send(["SADD", "bull:p:b:dependencies", "bull:p:a"])
      try await redis.send(["HSET", "bull:p:a", "parentKey", "bull:p:b", "parent", #"{"id":"b","queueKey":"bull:p"}"#])
      let changing = Changing(redis: redis)
      let plan = try await changing.plan(.release, "bull:p:a")
      #expect(plan.isEmpty && short(plan.steps) == ["leave p/a circle"])
      let outcome = try await changing.apply(.release, "bull:p:a", only: "bull:p:a")
      #expect(short(outcome.done) == ["drop p/a circle"])
      try await peer.ask("work", ["queue": "p"])
      #expect(try await reaches(redis, "bull:p:a", .completed))
      try await peer.ask("stop")
    }
  }

  @Test func `a job in no list is dropped only where it is named`() async throws {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(node("p/root", node("c/c1")))
      try await hand.redis.send(["DEL", "bull:c:wait"])
      let changing = Changing(redis: hand.redis)
      #expect(short(try await changing.plan(.release, "bull:p:root").steps) == ["leave c/c1 lost"])
      let outcome = try await changing.apply(.release, "bull:p:root", only: "bull:c:c1")
      #expect(short(outcome.done) == ["drop c/c1 lost", "release p/root nothing-left"])
    }
  }

  @Test func `what changed since the plan stays, and is told`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1"), node("c/c2")))
      try await hand.fail("c")
      try await hand.fail("c")
      let changing = Changing(redis: hand.redis)
      let plan = try await changing.plan(.release, "bull:p:root")
      let one = try await hand.job("bull:c:c1")
      try await one.retry()
      let outcome = try await changing.changer.apply(plan)
      #expect(short(outcome.done) == ["drop c/c2 failed"])
      #expect(Set(short(outcome.refused)) == ["leave c/c1 changed", "leave p/root pending-children"])
      try await hand.complete("c")
      try await hand.complete("p")
    }
  }

  @Test func `five thousand are dropped in steps, and an interruption is gone on from`() async throws {
    try await withHand(isConsistent: false) { hand in
      let children = (0..<5000).map { node("c/c\($0)") }
      let wide = FlowNode(name: "root", queueName: "p", opts: ["jobId": "root"], children: children)
      try await hand.add(wide)
      try await hand.redis.send(["DEL", "bull:c:wait"])
      for first in stride(from: 0, to: 5000, by: 500) {
        try await hand.redis.send(RedisCommand("DEL", (first..<first + 500).map { "bull:c:c\($0)" }))
      }
      let changing = Changing(redis: hand.redis)
      let plan = try await changing.plan(.release, "bull:p:root")
      #expect(plan.changes.count == 5001)
      let task = Task { try await changing.changer.apply(plan) }
      _ = try await eventually { try await hand.redis.send(["SCARD", "bull:p:root:dependencies"]).int ?? 0 < 5000 }
      task.cancel()
      _ = try? await task.value
      let again = try await changing.plan(.release, "bull:p:root")
      if !again.isEmpty { try await changing.changer.apply(again) }
      #expect(try await hand.state("bull:p:root") == .waiting)
      #expect(try await hand.redis.send(["LLEN", "bull:p:wait"]).int == 1)
    }
  }
}
