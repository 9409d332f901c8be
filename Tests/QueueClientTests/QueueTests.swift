import Foundation
import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// Looking at queues, emptying them, and hearing what happens in them.
@Suite struct QueueTests {
  @Test func `jobs without an id get the queue's numbers, and are found by state, in pages`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let first = try await queue.add("first", data: ["n": 1], opts: ["attempts": 2])
      let more = try await queue.addBulk((2...12).map { .init("job-\($0)") })
      #expect(first.id == "1" && more.map(\.id) == (2...12).map { "\($0)" })
      try await queue.add("late", opts: ["delay": 60_000])
      try await queue.add("urgent", opts: ["priority": 1])
      #expect(try await queue.getJobCounts()[.waiting] == 12)
      #expect(try await queue.getJobCounts()[.delayed] == 1)
      #expect(try await queue.getJobs([.waiting], start: 0, end: 2, ascending: true).map(\.id) == ["1", "2", "3"])
      #expect(try await queue.getJobs([.waiting], start: 0, end: 1).map(\.id) == ["12", "11"])
      #expect(try await queue.getJobs([.delayed, .prioritized]).map(\.name).sorted() == ["late", "urgent"])
      #expect(try await queue.getJob("1")?.name == "first")
      try await queue.remove("1")
      #expect(try await queue.getJob("1") == nil)
      #expect(try await Queue.list(connection: hand.redis).map(\.name) == ["q"])
    }
  }

  @Test func `of many jobs none is added where one breaks a rule, and all get numbers where none does`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      var jobs = (0..<1500).map { Queue.NewJob("job-\($0)") }
      jobs[1499].opts = ["priority": -1]
      let faulty = jobs
      let error = await #expect(throws: FlowError.self) { _ = try await queue.addBulk(faulty) }
      #expect(error?.description.hasPrefix("jobs[1499]: priority") == true)
      #expect(try await hand.redis.send(["DBSIZE"]).int == 0)
      jobs[1499].opts = [:]
      let added = try await queue.addBulk(jobs)
      #expect(added.map(\.id) == (1...1500).map { "\($0)" })
    }
  }

  @Test func `draining removes what waits to run, and lets parents elsewhere run`() async throws {
    try await withHand { hand in
      let queue = Queue("c", connection: hand.redis)
      try await hand.add(node("p/root", node("c/c1"), node("c/c2", ["priority": 3]), node("c/late", ["delay": 60_000])))
      #expect(try await queue.drain() == 2)
      #expect(try await hand.state("bull:p:root") == .waitingChildren)
      #expect(try await queue.drain(delayed: true) == 1)
      #expect(try await hand.state("bull:p:root") == .waiting)
    }
  }

  @Test func `cleaning removes what is older than the grace, as many as are asked for`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      hand.pass(Int(Date().timeIntervalSince1970 * 1000) - hand.now - 3_600_000)
      for index in 0..<6 {
        try await hand.add(node("q/a\(index)"))
        try await hand.complete("q")
        hand.pass(index == 3 ? 3_590_000 : 1)
      }
      #expect(try await queue.clean(grace: .seconds(60), limit: 3).count == 3)
      #expect(try await queue.clean(grace: .seconds(60)) == ["a3"])
      #expect(try await queue.getJobCounts()[.completed] == 2)
      await #expect(throws: QueueError.wrongState(queue.key, .unknown)) {
        try await queue.clean(grace: .zero, state: .unknown)
      }
    }
  }

  @Test func `an obliterated queue leaves nothing, and one with jobs in hand stays unless forced`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      try await hand.add(node("q/root", node("q/c1"), node("q/c2")))
      try await hand.complete("q")
      _ = try await hand.take("q")
      await #expect(throws: QueueError.hasActiveJobs(queue.key, count: 1)) { try await queue.obliterate() }
      try await queue.obliterate(force: true)
      #expect(try await hand.redis.send(["KEYS", "*"]).strings == [])
    }
  }

  @Test func `all failed jobs are retried at once, and all delayed ones promoted`() async throws {
    try await withHand { hand in
      let queue = Queue("c", connection: hand.redis)
      try await hand.add(node("p/root", node("c/c1", ["failParentOnFailure": true]), node("c/late", ["delay": 60_000])))
      try await hand.fail("c")
      hand.pass(10)
      try await queue.retryJobs(before: Date(timeIntervalSinceNow: 1e9))
      #expect(try await hand.state("bull:c:c1") == .waiting)
      #expect(try await hand.job("bull:p:root").getDependenciesCount().unprocessed == 2)
      try await queue.promoteJobs()
      #expect(try await hand.state("bull:c:late") == .waiting)
    }
  }

  @Test func `events come typed and in order, from where they are asked for`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1", ["attempts": 2])))
      try await hand.fail("c", "kaputt")
      try await hand.fail("c", "again")
      var kinds: [QueueEvents.Kind] = []
      for try await event in QueueEvents("c", connection: hand.redis, from: "0") {
        #expect(event.jobId == nil || event.jobId == "c1")
        kinds.append(event.kind)
        if event.kind == .drained { break }
      }
      #expect(
        kinds == [
          .added(name: "c1"), .waiting(prev: nil), .active(prev: "waiting"), .waiting(prev: "active"),
          .active(prev: "waiting"), .failed(reason: "again"), .retriesExhausted(attemptsMade: 2), .drained,
        ])
    }
  }

  @Test func `events go on after a lost connection without a gap, and say so where there is one`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let seen = Locked<[String]>([])
      let reader = Task {
        for try await event in QueueEvents("q", connection: hand.redis) {
          if event.kind == .gap { seen.edit { $0.append("gap") } }
          if case .added(let name) = event.kind { seen.edit { $0.append(name) } }
        }
      }
      // Until the reader stands at the stream's end, what it would miss is not its fault.
      #expect(
        try await eventually {
          try await hand.redis.send(["CLIENT", "LIST"]).string?.contains("cmd=xread") == true
        } != nil)
      try await queue.add("one")
      #expect(try await eventually { seen.value == ["one"] } != nil)
      try await hand.redis.send(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
      try await queue.add("two")
      #expect(try await eventually { seen.value == ["one", "two"] } != nil)
      try await hand.redis.send(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
      try await hand.redis.send(["XTRIM", "bull:q:events", "MAXLEN", "0"])
      try await queue.add("three")
      #expect(try await eventually { seen.value == ["one", "two", "gap", "three"] } != nil, "\(seen.value)")
      reader.cancel()
      _ = await reader.result
    }
  }

  @Test func `what does not fit together is found`() async throws {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(node("p/root", node("c/c1"), node("c/c2"), node("c/c3")))
      try await hand.redis.send(["RPUSH", "bull:c:active", "c1"])
      try await hand.redis.send(["LREM", "bull:c:wait", "0", "c2"])
      try await hand.redis.send(["HSET", "bull:p:root:processed", "bull:c:c3", "1"])
      try await hand.redis.send(["LPUSH", "bull:c:wait", "ghost"])
      let found = try await ConsistencyCheck(connection: hand.redis).run().map(\.description)
      #expect(
        found == [
          "bull:c:c1: is in wait and active", "bull:c:c2: is in no list or set",
          "bull:c:ghost: is in wait, but there is no such job",
          "bull:p:root: has child bull:c:c3 both as pending and as processed",
        ])
    }
  }
}
