import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// States like those that people reported as going wrong, across queues, prefixes and versions: what is said of them.
@Suite struct ExplainedStatesTests {
  /// A state: a parent `P1` in `par`, which waits for `K1` in `kid`, and what is different.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The codes, the most important first, where no worker is connected.
    var codes: [CauseCode]
    var kidPrefix = "bull"
    var place: QueueKey.Suffix? = .wait
    var score = 1
    var fields: [String] = []
    var commands: [RedisCommand] = []
  }

  static let cases: [Case] = [
    Case(
      testDescription: "a delay without end", codes: [.noWorker, .delayed], place: nil,
      commands: [["ZADD", "bull:kid:delayed", "inf", "K1"]]),
    Case(
      testDescription: "a child that failed once", codes: [.noWorker, .retrying],
      fields: [
        "processedOn", "1795000001000", "ats", "1", "atm", "1", "opts", #"{"attempts":3}"#, "failedReason", "boom",
      ]),
    Case(
      testDescription: "a paused queue, as BullMQ 5 leaves it", codes: [.queuePaused, .noWorker], place: .paused,
      commands: [["HSET", "bull:kid:meta", "paused", "1"]]),
    Case(
      testDescription: "a paused queue, as BullMQ 6 leaves it", codes: [.queuePaused, .noWorker],
      commands: [["HSET", "bull:kid:meta", "paused", "1"]]),
    Case(
      testDescription: "a failed child whose policy was not carried out", codes: [.failedChild], place: .failed,
      fields: ["failedReason", "boom"],
      commands: [["HSET", "bull:kid:K1", "parent", #"{"id":"P1","queueKey":"bull:par","fpof":true}"#]]),
    Case(
      testDescription: "a child of another prefix that was evicted", codes: [.missingChild], kidPrefix: "other:one",
      commands: [["DEL", "other:one:kid:K1"]]),
    Case(
      testDescription: "a failed child of another prefix", codes: [.failedChild], kidPrefix: "other", place: .failed),
    Case(
      testDescription: "a child that tells another parent", codes: [.waitsForNothing, .noWorker],
      commands: [["HSET", "bull:kid:K1", "parentKey", "bull:par:P2", "parent", #"{"id":"P2","queueKey":"bull:par"}"#]]),
    Case(
      testDescription: "a key of another type", codes: [.noWorker],
      commands: [["SET", "bull:kid:completed", "oops"], ["SET", "bull:par:active", "oops"]]),
    Case(
      testDescription: "a job in a group of BullMQ Pro", codes: [.noWorker], place: nil,
      fields: ["opts", #"{"group":{"id":"g"}}"#]),
  ]

  @Test(arguments: cases) func `each is told as what it is`(example: Case) async throws {
    try await withRedis { redis, _ in
      let (parent, kid) = (job("par", "P1"), job("kid", "K1", prefix: example.kidPrefix))
      try await redis.put(parent, in: .waitingChildren, name: "nightly")
      try await redis.put(
        kid, in: example.place, score: example.score, name: "fetch", parent: parent, fields: example.fields)
      try await redis.pipeline(example.commands)
      let found = try await FlowExplainer(redis: redis).explain(parent)
      #expect(found?.causes.map(\.code) == example.codes)
      #expect(found?.causes.allSatisfy { $0.chain.first == parent } == true)
      #expect(found?.verdict == .stuck)
    }
  }

  /// Keys that hold something else than they should, and what is said all the same.
  static let wrongTypes: [(key: String, codes: [CauseCode])] = [
    ("bull:par:P1:dependencies", []), ("bull:kid:wait", []), ("bull:kid:delayed", [.noWorker]),
    ("bull:kid:completed", [.noWorker]), ("bull:kid:meta", [.noWorker]), ("bull:kid:active", [.noWorker]),
    ("bull:kid:limiter", [.noWorker]), ("bull:kid:K1", [.noWorker]), ("bull:par:P1:failed", [.noWorker]),
  ]

  @Test(arguments: wrongTypes) func `a key of another type is named, and nothing is guessed`(
    key: String, codes: [CauseCode]
  ) async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "P1"), in: .waitingChildren)
      try await redis.put(job("kid", "K1"), in: .wait, parent: job("par", "P1"))
      let isHash = key.hasSuffix(":wait") || key.hasSuffix(":limiter")
      try await redis.pipeline([
        ["DEL", .text(key)], isHash ? ["HSET", .text(key), "a", "b"] : ["SET", .text(key), "oops"],
      ])
      let plain = try await redis.withoutScripts()
      defer { plain.close() }
      for client in [redis, plain] {
        let found = try await FlowExplainer(redis: client).explain(job("par", "P1"))
        #expect(found?.wrongTyped == [key])
        #expect(found?.causes.map(\.code) == codes)
      }
    }
  }

  @Test func `a scheduled job with colons in its id is one flow, which waits for one`() async throws {
    try await withRedis { redis, _ in
      let root = job("cron", "repeat:daily:1795000000000")
      try await redis.put(root, in: .waitingChildren)
      try await redis.put(job("kids", "1"), in: .wait, parent: root)
      for key in [root, job("kids", "1")] {
        let found = try await FlowExplainer(redis: redis).explain(key)
        #expect(found?.root == root && found?.causes.first?.chain == [root, job("kids", "1")])
      }
    }
  }

  @Test func `the answer is the same without the right to run scripts`() async throws {
    try await withRedis { redis, _ in
      let plain = try await redis.withoutScripts()
      defer { plain.close() }
      try await redis.put(job("par", "P1"), in: .waitingChildren)
      for id in ["a", "b"] {
        try await redis.put(job("kid", id), in: .failed, parent: job("par", "P1"), fields: ["failedReason", "boom"])
      }
      try await redis.put(job("kid", "c"), in: .wait, parent: job("par", "P1"))
      let found = try await FlowExplainer(redis: redis).explain(job("kid", "c"))
      let other = try await FlowExplainer(redis: plain).explain(job("kid", "c"))
      #expect(found == other && found?.causes.map(\.code) == [.failedChild, .noWorker])
    }
  }

  @Test func `a job that is nowhere is not explained, and one that has ended has nothing to wait for`() async throws {
    try await withRedis { redis, _ in
      #expect(try await FlowExplainer(redis: redis).explain(job("par", "nobody")) == nil)
      try await redis.put(job("par", "done"), in: .completed)
      let found = try await FlowExplainer(redis: redis).explain(job("par", "done"))
      #expect(found?.verdict == .done && found?.causes == [])
    }
  }

  @Test func `workers that sleep beside a job whose marker is lost are told, and waking them helps`() async throws {
    try await withRedis { redis, server in
      let (root, leaf) = (job("par", "P1"), job("kid", "K1"))
      try await redis.put(root, in: .waitingChildren)
      try await redis.put(leaf, in: .wait, parent: root)
      // A worker of older days, which sleeps until it is woken.
      let sleeper = try await redis.dedicatedConnection(name: "bull:kid")
      defer { sleeper.close() }
      let sleep = Task {
        _ = try? await sleeper.send(["BZPOPMIN", .text(leaf.queue[.marker]), "0"], timeout: .seconds(60))
      }
      defer { sleep.cancel() }
      var found: Explanation?
      let isTold = try await eventually(within: .seconds(30)) {
        found = try await FlowExplainer(redis: redis).explain(root)
        return found?.causes.first?.code == .lostMarker
      }
      #expect(isTold != nil && found?.causes.first?.chain == [root, leaf], "\(String(describing: found))")
      #expect(found?.causes.first?.fixes == [.resumeQueue(leaf.queue)])
      try await Queue("kid", connection: redis).resume()
      await sleep.value
      #expect(try await FlowExplainer(redis: redis).explain(root)?.causes.contains { $0.code == .lostMarker } == false)
    }
  }

  @Test func `the reason of a failure at the end of thousands of levels is read`() async throws {
    try await withRedis { redis, _ in
      let jobs = (0...2500).map { job("q", "\($0)") }
      try await redis.pipeline(
        zip(jobs, jobs.dropFirst()).flatMap { parent, child -> [RedisCommand] in
          [
            ["HSET", .text(parent.description), "name", "level"],
            ["ZADD", "bull:q:waiting-children", "1", .text(parent.id)],
            ["SADD", .text(parent[.dependencies]), .text(child.description)],
          ]
        } + [
          ["HSET", "bull:q:2500", "name", "bottom", "failedReason", "deep boom"],
          ["ZADD", "bull:q:failed", "1", "2500"],
        ])
      let cause = try await FlowExplainer(redis: redis).explain(jobs[0])?.causes.first
      #expect(cause?.code == .failedChild && cause?.job == jobs[2500])
      #expect(cause?.evidence.reason == "deep boom" && cause?.evidence.name == "bottom")
    }
  }

  @Test func `a failed parent of which another child waits in a paused queue is told with both`() async throws {
    try await withRedis { redis, _ in
      let (root, mid) = (job("par", "R"), job("par", "M"))
      try await redis.put(root, in: .waitingChildren)
      try await redis.put(mid, in: .failed, parent: root, fields: ["failedReason", "child bull:kid:L failed"])
      try await redis.put(job("kid", "L"), in: .failed, fields: ["failedReason", "boom"])
      try await redis.put(job("held", "L3"), in: .wait, parent: mid)
      try await redis.pipeline([
        ["ZADD", .text(mid[.unsuccessful]), "1", "bull:kid:L"],
        ["HSET", "bull:held:meta", "paused", "1"],
      ])
      let found = try await FlowExplainer(redis: redis).explain(root)
      #expect(found?.causes.map(\.code) == [.failedChild, .queuePaused, .noWorker])
      #expect(found?.causes.first?.job == job("kid", "L") && found?.causes.first?.evidence.reason == "boom")
    }
  }

  @Test func `below a key that cannot be read, a job that is asked about is explained all the same`() async throws {
    try await withRedis { redis, _ in
      let (root, leaf) = (job("par", "P1"), job("kid", "K1"))
      try await redis.put(root, in: .waitingChildren)
      try await redis.put(leaf, in: .wait, parent: root)
      try await redis.pipeline([
        ["DEL", .text(root[.dependencies])], ["SET", .text(root[.dependencies]), "oops"],
        ["HSET", "bull:kid:meta", "paused", "1"],
      ])
      let found = try await FlowExplainer(redis: redis).explain(leaf)
      #expect(found?.wrongTyped == [root[.dependencies]] && found?.causes.map(\.code) == [.queuePaused, .noWorker])
      // And a row does not guess, either.
      let row = try await JobReader(redis: redis).read([root]).jobs[root]
      #expect(row?.isPendingKnown == false)
      #expect(
        Diagnosis(
          of: root, jobs: row.map { [root: $0] } ?? [:], gone: [], children: { _ in [] }, isPaused: { _ in false })
          == .fine)
    }
  }

  @Test func `to a key that holds no job nothing is proposed that cannot be done`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "P1"), in: .waitingChildren)
      try await redis.put(job("kid", "K1"), in: nil, parent: job("par", "P1"))
      try await redis.pipeline([["DEL", "bull:kid:K1"], ["SET", "bull:kid:K1", "oops"]])
      let found = try await FlowExplainer(redis: redis).explain(job("par", "P1"))
      #expect(found?.wrongTyped == ["bull:kid:K1"])
      for fix in found?.causes.flatMap(\.fixes) ?? [] { #expect(!fix.needs(job("kid", "K1"))) }
    }
  }
}
