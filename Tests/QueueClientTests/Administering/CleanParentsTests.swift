import Redis
import TestSupport
import Testing

@testable import QueueClient

/// Parents that wait are cleaned with all below them, by the rules of removal.
@Suite struct CleanParentsTests {
  private func clean(_ hand: Hand, _ queue: String = "p", grace: Duration = .seconds(-10), limit: Int = 0) async throws
    -> [String]
  {
    try await Queue(queue, connection: hand.redis).clean(grace: grace, limit: limit, state: .waitingChildren)
  }

  @Test func `a waiting parent goes with its children, in other queues and prefixes`() async throws {
    try await withHand(prefixes: ["bull", "other"]) { hand in
      try await hand.add(node("p/root", node("c/c1"), node("c/c2", prefix: "other", node("d/deep"))))
      #expect(try await clean(hand) == ["root"])
      for key in ["bull:p:root", "bull:c:c1", "other:c:c2", "bull:d:deep"] {
        #expect(try await hand.redis.send(["EXISTS", .text(key)]).int == 0)
      }
      let last = try await hand.redis.send(["XREVRANGE", "bull:p:events", "+", "-", "COUNT", "1"])
      let fields = last.array?.first?.array?.last?.pairs.map { "\($0.name)=\($0.value.string ?? "")" }
      #expect(fields == ["event=cleaned", "count=1"])
    }
  }

  @Test func `one below which a worker has a job stays whole`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/a", node("c/c1", node("d/deep"))))
      try await hand.add(node("p/b", node("c/c2")))
      let deep = try #require(try await hand.take("d"))
      #expect(try await clean(hand) == ["b"])
      #expect(try await hand.state("bull:p:a") == .waitingChildren)
      try await hand.end(deep, .completed(1))
      try await hand.complete("c")
      try await hand.complete("p")
    }
  }

  @Test func `a parent within the queue goes with the one above it, which is not run`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/z-root", node("p/a-middle", node("c/c1"))))
      #expect(try await clean(hand) == ["z-root"])
      #expect(try await hand.redis.send(["EXISTS", "bull:p:wait", "bull:p:a-middle"]).int == 0)
    }
  }

  @Test func `younger ones stay, and so do those beyond the limit`() async throws {
    try await withHand { hand in
      for index in 0..<3 { try await hand.add(node("p/r\(index)", node("c/c\(index)"))) }
      #expect(try await clean(hand, grace: .seconds(60)) == [])
      #expect(try await clean(hand, limit: 2).count == 2)
      try await hand.complete("c")
      try await hand.complete("p")
    }
  }

  @Test func `an id without a job is cleaned too`() async throws {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(node("p/root", node("c/c1")))
      try await hand.redis.send(["DEL", "bull:p:root"])
      #expect(try await clean(hand) == ["root"])
      #expect(try await hand.redis.send(["EXISTS", "bull:p:waiting-children"]).int == 0)
    }
  }

  @Test func `a dependency is removed by parent and child, though the child is gone or names another`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1"), node("c/c2")))
      let (parent, gone) = (try #require(JobKey("bull:p:root")), try #require(JobKey("bull:c:c1")))
      try await hand.redis.send(["DEL", "bull:c:c1"])
      try await hand.redis.send(["LREM", "bull:c:wait", "0", "c1"])
      #expect(try await Job.removeChildDependency(of: gone, from: parent, connection: hand.redis))
      #expect(try await hand.state("bull:p:root") == .waitingChildren)
      #expect(try await !Job.removeChildDependency(of: gone, from: parent, connection: hand.redis))
      let other = try #require(JobKey("bull:c:c2"))
      #expect(try await Job.removeChildDependency(of: other, from: parent, connection: hand.redis))
      #expect(try await hand.state("bull:p:root") == .waiting)
      #expect(try await hand.job("bull:c:c2").parentKey == nil)
      await #expect(throws: JobError.self) {
        try await Job.removeChildDependency(of: gone, from: other, connection: hand.redis)
        try await Job.removeChildDependency(of: gone, from: gone, connection: hand.redis)
      }
      try await hand.complete("c")
      try await hand.complete("p")
    }
  }
}
