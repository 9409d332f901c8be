import Foundation
import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// Of jobs with the same deduplication id, one is in the queue at most.
@Suite struct DeduplicationTests {
  private func opts(_ edit: (inout DeduplicationOptions) -> Void = { _ in }, delay: Int = 0) -> JobOptions {
    var deduplication = DeduplicationOptions(id: "d")
    edit(&deduplication)
    var opts: JobOptions = [:]
    if delay > 0 { opts.delay = delay }
    opts.deduplication = deduplication
    return opts
  }

  @Test func `of the jobs kept out while one is worked on, the last follows it`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let keeping = opts { $0.keepLastIfActive = true }
      let first = try await queue.add("first", opts: keeping)
      let taken = try #require(try await hand.take("q"))
      #expect(try await queue.add("second", data: ["n": 2], opts: keeping).id == first.id)
      #expect(try await queue.add("third", data: ["n": 3], opts: keeping).id == first.id)
      #expect(try await hand.redis.send(["HGET", "bull:q:dn:d", "name"]).string == "third")
      try await hand.end(taken, .completed(1))
      #expect(try await hand.redis.send(["EXISTS", "bull:q:dn:d"]).int == 0)
      let waiting = try await queue.getJobs([.waiting])
      #expect(waiting.map(\.name) == ["third"] && waiting.map(\.data) == [#"{"n":3}"#])
      #expect(try await queue.getDeduplicationJobId("d") == waiting[0].id)
      try await hand.complete("q")
      #expect(try await queue.getDeduplicationJobId("d") == nil)
    }
  }

  @Test func `the last follows a job that failed for good, and none that is tried again`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      var keeping = opts { $0.keepLastIfActive = true }
      keeping.attempts = 2
      try await queue.add("first", opts: keeping)
      let taken = try #require(try await hand.take("q"))
      try await queue.add("second", opts: keeping)
      try await hand.end(taken, .retried(reason: "no", after: 0))
      #expect(try await queue.getJobs([.waiting]).map(\.name) == ["first"])
      try await hand.fail("q")
      #expect(try await queue.getJobs([.waiting]).map(\.name) == ["second"])
    }
  }

  @Test func `a job that takes another's place keeps its time, unless it extends it`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      func add(extend: Bool) async throws -> Int {
        try await queue.add(
          "x", opts: opts({ ($0.ttl, $0.replace, $0.extend) = (500_000, true, extend) }, delay: 60_000))
        let left = try await hand.redis.send(["PTTL", "bull:q:de:d"]).int ?? 0
        try await hand.redis.send(["PEXPIRE", "bull:q:de:d", "100000"])
        return left
      }
      let left = [try await add(extend: false), try await add(extend: false), try await add(extend: true)]
      #expect(left[0] > 400_000 && left[1] <= 100_000 && left[2] > 400_000)
      #expect(try await queue.getJobCounts()[.delayed] == 1)
    }
  }

  @Test func `a deduplication key whose job is gone keeps nobody out`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let gone = try await queue.add("gone", opts: opts())
      try await hand.redis.send(["DEL", "bull:q:\(gone.id)"])
      try await hand.redis.send(["DEL", "bull:q:wait"])
      try await hand.redis.send(["HSET", "bull:q:dn:d", "name", "old", "opts", "{}"])
      let next = try await queue.add("next", opts: opts())
      #expect(next.id != gone.id)
      #expect(try await queue.getDeduplicationJobId("d") == next.id)
      #expect(try await hand.redis.send(["EXISTS", "bull:q:dn:d"]).int == 0)
    }
  }

  @Test func `a job lets the next one in, and only where it keeps that out itself`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let first = try await queue.add("first", opts: opts())
      #expect(try await first.removeDeduplicationKey())
      let second = try await queue.add("second", opts: opts())
      #expect(second.id != first.id)
      #expect(try await !first.removeDeduplicationKey())
      #expect(try await queue.getDeduplicationJobId("d") == second.id)
    }
  }

  @Test func `removing the job removes its key, and what it kept out`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let keeping = opts { $0.keepLastIfActive = true }
      let job = try await queue.add("first", opts: keeping)
      _ = try await hand.take("q")
      try await queue.add("second", opts: keeping)
      try await hand.redis.send(["DEL", "bull:q:\(job.id):lock"])
      try await job.remove()
      #expect(try await hand.redis.send(["KEYS", "bull:q:d*"]).strings == [])
    }
  }
}

/// What is refused leaves nothing behind.
@Suite struct RefusedFlowTests {
  @Test(arguments: [
    (["jobId": "c", "parent": ["id": "nobody", "queue": "bull:q"]] as JobOptions),
    (["parent": ["id": "nobody", "queue": "bull:q"]] as JobOptions),
  ])
  func `a flow without its parent changes nothing, not even a counter`(opts: JobOptions) async throws {
    try await withRedis { redis, _ in
      await #expect(throws: FlowError.self) { try await Queue("q", connection: redis).add("x", opts: opts) }
      await #expect(throws: FlowError.self) {
        try await FlowProducer(connection: redis).add(FlowNode(name: "x", queueName: "q", opts: opts))
      }
      let size = try await redis.send(["DBSIZE"]).int
      #expect(size == 0)
    }
  }

  @Test func `jobs get the numbers that BullMQ gives them, whatever ids their neighbours have`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let jobs = try await queue.addBulk([.init("a"), .init("b", opts: ["jobId": "mine"]), .init("c")])
      #expect(jobs.map(\.id) == ["1", "mine", "3"])
      #expect(try await queue.add("d").id == "4")
    }
  }

  @Test(arguments: [
    (["repeat": ["every": 1000]] as JobOptions, "flow.children[0]: opts.repeat"),
    (["debounce": ["id": "x"]] as JobOptions, "flow.children[0]: opts.debounce"),
  ])
  func `options that would mean nothing are refused, by the node's name`(opts: JobOptions, why: String) async throws {
    try await withRedis { redis, _ in
      let flow = FlowNode(
        name: "p", queueName: "q", children: [FlowNode(name: "c", queueName: "q", opts: opts)])
      let error = await #expect(throws: FlowError.self) { try await FlowProducer(connection: redis).add(flow) }
      #expect(error?.description.hasPrefix(why) == true)
      let size = try await redis.send(["DBSIZE"]).int
      #expect(size == 0)
    }
  }

  @Test func `telemetry is stored as BullMQ stores it`() {
    let opts: JobOptions = ["telemetry": ["metadata": "{\"trace\":1}", "omitContext": true], "attempts": 1]
    #expect(opts.stored["tm"] == "{\"trace\":1}" && opts.stored["omc"] == true && opts.stored["telemetry"] == nil)
  }
}

/// What obliterating leaves.
@Suite struct ObliterateTests {
  @Test func `schedulers and their next jobs go, a parent that waits for another queue stays`() async throws {
    try await withHand(isConsistent: false) { hand in
      let queue = Queue("q", connection: hand.redis)
      try await queue.upsertJobScheduler("s", repeating: RepeatOptions(every: 1000, startDate: 2_050_000_000_000))
      try await hand.add(node("q/inner", node("q/c1")))
      try await hand.add(node("q/outer", node("other/c2")))
      try await queue.add("x", opts: ["deduplication": ["id": "d", "keepLastIfActive": true]])
      try await queue.obliterate()
      #expect(
        try await hand.redis.send(["KEYS", "bull:q:*"]).strings.sorted() == [
          "bull:q:outer", "bull:q:outer:dependencies", "bull:q:waiting-children",
        ])
      #expect(try await ConsistencyCheck(connection: hand.redis).run() == [])
      try await hand.complete("other")
      #expect(try await hand.state("bull:q:outer") == .waiting)
    }
  }

  @Test(arguments: ["q:lost", "q:repeat:daily:1800000000000", "gone:lost"])
  func `a job that is in no list is found, also a scheduler's, and in a queue without settings`(key: String)
    async throws
  {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(node("q/a"))
      try await hand.redis.send([
        "HSET", .text("bull:\(key)"), "name", "x", "data", "{}", "opts", "{}", "timestamp", "1",
      ])
      #expect(
        try await ConsistencyCheck(connection: hand.redis).run().map(\.description) == [
          "bull:\(key): is in no list or set"
        ])
    }
  }
}
