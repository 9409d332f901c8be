import Redis
import TestSupport
import Testing

@testable import QueueClient

/// A flow is added again, under new ids.
@Suite struct CloneTests {
  @Test func `names, data and options are kept, ids are new, and real workers finish both`() async throws {
    try await withPeer { redis, peer in
      let child = FlowNode(
        name: "paint", queueName: "c", data: ["returns": 3, "place": "a/b"], prefix: "other",
        opts: [
          "jobId": "c1", "attempts": 3, "backoff": ["type": "exponential", "delay": 50], "failParentOnFailure": true,
          "removeOnComplete": false, "keepLogs": 7, "timestamp": 1_700_000_000_000,
        ])
      try await FlowProducer(connection: redis).add(
        FlowNode(name: "root", queueName: "p", data: ["sums": true], opts: ["jobId": "root"], children: [child]))
      try await peer.ask("work", ["queue": "c", "prefix": "other"])
      try await peer.ask("work", ["queue": "p"])
      #expect(try await reaches(redis, "bull:p:root", .completed))
      let changing = Changing(redis: redis)
      let plan = try await changing.plan(.clone, "bull:p:root")
      #expect(short(plan.steps) == ["add p/root part-of-flow", "add c/c1 part-of-flow", "omit c/c1 timestamp"])
      let added = try #require(try await changing.changer.apply(plan).added)
      #expect(added.job.id != "root" && added.job.name == "root" && added.children.count == 1)
      let copy = try #require(try await Job.read(added.children[0].job.key, from: redis))
      #expect(copy.key.queue == QueueKey(prefix: "other", name: "c") && copy.id != "c1")
      #expect(copy.name == "paint" && copy.data == #"{"returns":3,"place":"a/b"}"#)
      #expect(copy.attempts == 3 && copy.failurePolicy == .failParentOnFailure && copy.opts["kl"] == 7)
      #expect(copy.opts["backoff"] == ["type": "exponential", "delay": 50])
      #expect(try await reaches(redis, added.job.key.description, .completed))
      let root = try #require(try await Job.read(added.job.key, from: redis))
      #expect(root.returnvalue == "3")
      try await peer.ask("stop")
    }
  }

  @Test func `deduplication, a parent of its own and children that are gone are left out, and said`() async throws {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(node("r/root", node("m/middle", node("c/c1"), node("c/c2"))))
      try await hand.redis.send(["DEL", "bull:c:c2"])
      let changing = Changing(redis: hand.redis)
      let plan = try await changing.plan(.clone, "bull:m:middle")
      #expect(
        Set(short(plan.steps)) == [
          "add m/middle part-of-flow", "add c/c1 part-of-flow", "omit c/c2 missing", "omit m/middle parent",
        ])
      let added = try #require(try await changing.changer.apply(plan).added)
      #expect(added.job.parentKey == nil && added.children.count == 1)
      let single = try await Queue("q", connection: hand.redis).add(
        "one", opts: ["deduplication": ["id": "once"]])
      let again = try await changing.plan(.clone, single.key.description)
      #expect(again.steps.map(\.action) == [.add, .omit] && again.steps.last?.reason == .deduplication)
      #expect(try await changing.changer.apply(again).added?.job.id != single.id)
    }
  }

  @Test func `a job that stands twice, or in a circle, is added once`() async throws {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(node("p/a", node("p/b", node("p/x"))))
      try await hand.redis.send(["SADD", "bull:p:b:dependencies", "bull:p:a"])
      let plan = try await Changing(redis: hand.redis).plan(.clone, "bull:p:a")
      #expect(plan.steps.filter { $0.action == .add }.count == 3)
      #expect(short(plan.steps).contains("omit p/a part-of-flow"))
    }
  }

  @Test func `five thousand children come along, those that are done and those that are not`() async throws {
    try await withHand { hand in
      let children = (0..<5000).map { node("c/c\($0)") }
      try await hand.add(FlowNode(name: "root", queueName: "p", opts: ["jobId": "root"], children: children))
      try await hand.complete("c")
      let added = try #require(try await Changing(redis: hand.redis).apply(.clone, "bull:p:root").added)
      #expect(added.children.count == 5000)
      #expect(try await hand.redis.send(["SCARD", .text(added.job.key[.dependencies])]).int == 5000)
    }
  }
}
