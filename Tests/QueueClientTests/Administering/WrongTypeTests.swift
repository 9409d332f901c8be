import Redis
import TestSupport
import Testing

@testable import QueueClient

/// Keys that hold something else than BullMQ keeps there: they are named, what belongs to them is left, and all else is done.
@Suite struct WrongTypeTests {
  /// A root that waits for a parent that waits for a failed job, and for one beside it.
  private func withFlow(breaking key: String, _ body: (RedisClient) async throws -> Void) async throws {
    try await withRedis { redis, _ in
      try await FlowProducer(connection: redis).add(
        node("p/root", node("m/m1", node("c/c1")), node("n/m2", node("d/d1"))))
      for queue in ["c", "d"] {
        try await redis.pipeline([
          ["LREM", .text("bull:\(queue):wait"), "0", .text("\(queue)1")],
          ["ZADD", .text("bull:\(queue):failed"), "1", .text("\(queue)1")],
        ])
      }
      try await redis.pipeline([["DEL", .text(key)], ["SET", .text(key), "oops"]])
      try await body(redis)
    }
  }

  @Test(arguments: ["bull:m:m1:dependencies", "bull:m:waiting-children", "bull:m:active", "bull:m:m1:unsuccessful"])
  func `a release leaves what it cannot read, and names the key`(key: String) async throws {
    try await withFlow(breaking: key) { redis in
      let outcome = try await Changing(redis: redis).apply(.release, "bull:p:root")
      #expect(short(outcome.done) == ["drop d/d1 failed", "release n/m2 nothing-left"])
      let left = try await Changing(redis: redis).plan(.release, "bull:p:root").refusals
      #expect(short(left) == ["leave m/m1 wrong-type"] && left.first?.detail == key)
    }
  }

  @Test(arguments: ["bull:c:failed", "bull:c:c1", "bull:c:c1:unsuccessful"])
  func `a retry leaves what it cannot read, and names the key`(key: String) async throws {
    try await withFlow(breaking: key) { redis in
      let plan = try await Changing(redis: redis).plan(.retry, "bull:p:root")
      #expect(short(plan.changes) == ["retry d/d1 failed"])
      #expect(short(plan.refusals) == ["leave c/c1 wrong-type"] && plan.refusals.first?.detail == key)
      let outcome = try await Changing(redis: redis).apply(.retry, "bull:p:root")
      #expect(short(outcome.done) == ["retry d/d1 failed"] && outcome.refused.isEmpty)
    }
  }

  @Test func `a cancellation leaves what it cannot read, and names the key`() async throws {
    try await withFlow(breaking: "bull:m:active") { redis in
      let outcome = try await Changing(redis: redis).apply(.cancel, "bull:p:root")
      #expect(
        short(outcome.done) == [
          "detach d/d1 failed", "remove n/m2 not-started", "detach m/m1 wrong-type", "remove p/root not-started",
        ])
      #expect(try await redis.send(["EXISTS", "bull:m:m1", "bull:p:root"]).int == 1)
    }
  }

  @Test func `a flow of which a job cannot be read is not cloned in part`() async throws {
    try await withFlow(breaking: "bull:d:d1") { redis in
      await #expect {
        try await Changing(redis: redis).plan(.clone, "bull:p:root")
      } throws: { "\($0)".contains("bull:d:d1") }
    }
  }

  @Test(arguments: ["bull:d:failed", "bull:m:active", "bull:c:c1", "bull:m:m1:unsuccessful"])
  func `a parent below which something cannot be read is not cleaned in part`(key: String) async throws {
    try await withFlow(breaking: key) { redis in
      let before = try await StateDump(of: redis)
      await #expect {
        try await Queue("p", connection: redis).clean(grace: .seconds(-10), state: .waitingChildren)
      } throws: { "\($0)".contains(key) }
      #expect(try await StateDump(of: redis) == before)
    }
  }

  @Test func `a cleaning goes on behind a parent that cannot be read, and names it`() async throws {
    try await withFlow(breaking: "bull:p:root") { redis in
      try await FlowProducer(connection: redis).add(node("p/other", node("c/c2")))
      await #expect {
        try await Queue("p", connection: redis).clean(grace: .seconds(-10), state: .waitingChildren)
      } throws: { "\($0)".contains("bull:p:root") }
      #expect(try await redis.send(["EXISTS", "bull:p:other"]).int == 0)
    }
  }
}
