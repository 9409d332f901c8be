import Foundation
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// What BullMQ's own tests of flows and jobs ask for, beyond what the other suites hold.
@Suite struct FlowPeerBehaviourTests {
  // MARK: Failing

  @Test func `a job with a failed child fails for good when it would wait, whatever attempts it has left`() async throws
  {
    try await withHand { hand in
      try await hand.add(
        node("g/top", node("p/root", ["attempts": 3, "backoff": 1000, "failParentOnFailure": true])))
      let root = try #require(try await hand.take("p"))
      try await hand.add(node("c/c1", ["failParentOnFailure": true, "parent": root.asParent]))
      try await hand.fail("c")
      let error = await #expect(throws: JobError.self) { _ = try await root.moveToWaitingChildren() }
      let outcome = await Outcome.of(try #require(error), in: root, random: 0)
      #expect(outcome == .failed(reason: "job bull:p:root cannot complete: it has failed children"))
      #expect(try await hand.end(root, outcome) == 0)
      #expect(try await hand.state("bull:p:root") == .failed)
      #expect(try await root.getDependenciesCount() == DependenciesCount(failed: 1))
      #expect(try await hand.job("bull:g:top").deferredFailure == "child bull:p:root failed")
    }
  }

  @Test(arguments: [(nil, 12), (5, 5), (0, 0)] as [(Int?, Int)])
  func `stacks are kept as the options say, or else all`(limit: Int?, kept: Int) async throws {
    try await withHand { hand in
      var opts: JobOptions = ["attempts": 12]
      opts.stackTraceLimit = limit
      try await hand.add(node("q/one", opts))
      for attempt in 1...12 { try await hand.fail("q", "reason \(attempt)") }
      let stacks = try await hand.job("bull:q:one").stacktrace
      #expect(stacks.count == kept && (kept == 0 || stacks.last == "reason 12"))
    }
  }

  // MARK: Options

  @Test(
    arguments: [
      ([:], ["attempts": 0]),
      (["delay": 0], ["attempts": 0, "delay": 0]),
      (["attempts": 3, "backoff": 1000], ["attempts": 3, "backoff": ["type": "fixed", "delay": 1000]]),
      (
        ["telemetry": ["metadata": "trace", "omitContext": true]],
        ["attempts": 0, "tm": "trace", "omc": true]
      ),
      (["backoff": ["type": "custom"]], ["attempts": 0, "backoff": ["type": "custom"]]),
      (
        ["failParentOnFailure": true, "keepLogs": 2, "timestamp": 7],
        ["attempts": 0, "fpof": true, "kl": 2, "timestamp": 7]
      ),
    ] as [(JobOptions, JSON)])
  func `options are stored as they were given, with the attempts`(opts: JobOptions, stored: JSON) async throws {
    try await withHand { hand in
      let job = try await Queue("q", connection: hand.redis).add("job", opts: opts)
      let found = try #require(try await Job.read(job.key, from: hand.redis))
      #expect(Set(found.opts.members ?? []) == Set(stored.members ?? []))
    }
  }

  @Test func `an empty id is none`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      #expect(try await queue.add("job", opts: ["jobId": ""]).id == "1")
      let tree = try await FlowProducer(connection: hand.redis).add(
        FlowNode(name: "job", queueName: "q", opts: ["jobId": ""]))
      #expect(UUID(uuidString: tree.job.id) != nil)
    }
  }

  @Test(arguments: [
    ("42", false), ("-1", false), ("9007199254740992", false), ("9007199254740993", true), ("042", true), ("1.5", true),
    ("1234567890123456789", true), ("a:b:c", true), ("a:b", false), ("0:a:b", false),
  ])
  func `an id is refused where it reads as a number that JavaScript would count to`(
    id: String, isTaken: Bool
  ) async throws {
    try await withHand { hand in
      let job = try? await Queue("q", connection: hand.redis).add("job", opts: ["jobId": .string(id)])
      #expect(job?.id == (isTaken ? id : nil))
    }
  }

  @Test func `a timestamp of 0 is now, and a size limit of 0 is none`() async throws {
    try await withHand { hand in
      let job = try await Queue("q", connection: hand.redis).add(
        "job", data: "some data", opts: ["timestamp": 0, "sizeLimit": 0])
      #expect((job.timestamp ?? 0) > 1_700_000_000_000)
    }
  }

  @Test func `the option that deduplication once was is refused, and named`() async throws {
    try await withHand { hand in
      let error = await #expect(throws: FlowError.self) {
        try await Queue("q", connection: hand.redis).add("job", opts: ["debounce": ["id": "old"]])
      }
      #expect(error?.description.contains("deduplication") == true)
    }
  }

  @Test func `a queue's default options are overridden by a job's own`() async throws {
    try await withHand { hand in
      let queue = Queue(
        "q", connection: hand.redis, defaultJobOptions: ["removeOnComplete": true, "attempts": 3, "jobId": "nobody's"])
      let job = try await queue.add("job", opts: ["attempts": 2])
      #expect(job.attempts == 2 && job.id == "1")
      try await hand.complete("q")
      #expect(try await queue.getJob(job.id) == nil)
    }
  }

  // MARK: Looking

  @Test func `a flow is read with the finished children first, then the pending, the failed, the ignored`() async throws
  {
    try await withHand { hand in
      try await hand.add(
        node(
          "p/root", node("a/done"), node("d/open"), node("b/lost", ["failParentOnFailure": true]),
          node("c/ignored", ["ignoreDependencyOnFailure": true])))
      try await hand.complete("a")
      try await hand.fail("b")
      try await hand.fail("c")
      let tree = try await FlowProducer(connection: hand.redis).getFlow(queueName: "p", id: "root")
      #expect(tree?.children.map(\.job.id) == ["done", "open", "lost", "ignored"])
    }
  }

  // MARK: Removing

  @Test func `a pending child that is gone already is no longer waited for when the others are removed`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/here"), node("c/gone"), node("p/below", node("c/lost"))))
      for child in ["gone", "lost"] {
        try await hand.redis.send(["DEL", "bull:c:\(child)"])
        try await hand.redis.send(["LREM", "bull:c:wait", "0", "\(child)"])
      }
      #expect(try await hand.job("bull:p:root").removeUnprocessedChildren() == 2)
      #expect(try await hand.job("bull:p:root").getDependenciesCount().unprocessed == 0)
      #expect(try await hand.state("bull:p:root") == .waiting)
    }
  }

  @Test func `a prioritized job is as old as it was when it was added, whenever a worker had it`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let past = Int(Date().timeIntervalSince1970 * 1000) - 3_600_000
      hand.pass(past + 3_600_000 - hand.now)
      try await queue.add("job", opts: ["jobId": "old", "priority": 1, "attempts": 2, "timestamp": .int(past)])
      try await hand.fail("q")
      #expect(try await queue.clean(grace: .seconds(60), state: .prioritized) == ["old"])
    }
  }
}
