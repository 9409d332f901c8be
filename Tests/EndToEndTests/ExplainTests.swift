import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// Flows that stand still, brought about one by one: `explain` names the cause, and what it offers frees the flow, so that
/// workers of real BullMQ finish it.
@Suite struct ExplainTests {
  /// One way in which a flow stands still.
  struct Case: Sendable, CustomTestStringConvertible {
    var code: String
    /// The job that it lies with, as `queue/id`.
    var job: String
    /// How long the way from the root to it is.
    var depth: Int
    /// Brings it about; workers of the peer have the queues `root`, `mid` and `leaf` afterwards.
    var make: @Sendable (RedisClient) async throws -> Void
    /// What frees the flow, beside what `explain` offers.
    var fix: [String]
    var testDescription: String { code }
  }

  private static let root = key("root", "r")
  private static let mid = key("mid", "m")
  private static let leaf = key("leaf", "l")

  private static func key(_ queue: String, _ id: String) -> JobKey { JobKey(queue: QueueKey(name: queue), id: id) }

  /// A flow of three levels in three queues.
  private static func add(_ redis: RedisClient) async throws {
    let leaf = FlowNode(name: "leaf", queueName: "leaf", opts: ["jobId": "l"])
    try await FlowProducer(connection: redis).add(
      FlowNode(
        name: "root", queueName: "root", opts: ["jobId": "r"],
        children: [FlowNode(name: "mid", queueName: "mid", opts: ["jobId": "m"], children: [leaf])]))
  }

  private static func fail(_ redis: RedisClient, _ queue: String) async throws {
    let failed = AsyncStream<Void>.makeStream()
    let worker = Worker(queue, connection: redis) { _ in
      failed.continuation.yield()
      throw UnrecoverableError("no wheels left")
    }
    let work = Task { try await worker.run() }
    for await _ in failed.stream { break }
    await worker.close()
    try await work.value
  }

  static let cases: [Case] = [
    Case(
      code: "failed-child", job: "leaf/l", depth: 3,
      make: { redis in
        try await add(redis)
        try await fail(redis, "leaf")
      }, fix: ["flow", "retry", "root", "r"]),
    Case(
      code: "failed-child", job: "leaf/l", depth: 3,
      make: { redis in
        try await add(redis)
        try await fail(redis, "leaf")
      }, fix: ["flow", "release", "root", "r", "--yes"]),
    Case(
      code: "missing-child", job: "leaf/l", depth: 3,
      make: { redis in
        try await add(redis)
        try await redis.send(["DEL", .text(leaf.description)])
        try await redis.send(["LREM", .text(leaf.queue[.wait]), "0", "l"])
      }, fix: ["flow", "release", "root", "r", "--yes"]),
    Case(
      code: "missing-child", job: "leaf/l", depth: 3,
      make: { redis in
        try await add(redis)
        try await redis.send(["DEL", .text(leaf.description)])
        try await redis.send(["LREM", .text(leaf.queue[.wait]), "0", "l"])
      }, fix: ["job", "remove-dependency", "leaf", "l", "--parent", "bull:mid:m", "--yes"]),
    Case(
      code: "completed-still-pending", job: "leaf/l", depth: 3,
      make: { redis in
        try await add(redis)
        try await redis.send(["LREM", .text(leaf.queue[.wait]), "0", "l"])
        try await redis.send(["ZADD", .text(leaf.queue[.completed]), "1795000000000", "l"])
        try await redis.send(["HSET", .text(leaf.description), "returnvalue", "7", "finishedOn", "1795000000000"])
      }, fix: ["flow", "release", "mid", "m", "--yes"]),
    Case(
      code: "waits-for-nothing", job: "mid/m", depth: 2,
      make: { redis in
        try await add(redis)
        try await redis.send(["DEL", .text(mid[.dependencies])])
      }, fix: ["flow", "release", "root", "r", "--yes"]),
    Case(
      code: "failed", job: "leaf/l", depth: 3,
      make: { redis in
        try await FlowProducer(connection: redis).add(
          FlowNode(
            name: "root", queueName: "root", opts: ["jobId": "r"],
            children: [
              FlowNode(
                name: "mid", queueName: "mid", opts: ["jobId": "m", "failParentOnFailure": true],
                children: [
                  FlowNode(name: "leaf", queueName: "leaf", opts: ["jobId": "l", "failParentOnFailure": true])
                ])
            ]))
        for queue in ["leaf", "mid", "root"] {
          let worker = Worker(queue, connection: redis) { _ in throw UnrecoverableError("no wheels left") }
          let work = Task { try await worker.run() }
          _ = try await eventually {
            try await redis.send(["ZCARD", .text(QueueKey(name: queue)[.failed])]).int == 1
          }
          await worker.close()
          try await work.value
        }
      }, fix: ["flow", "retry", "root", "r"]),
    Case(
      code: "circle", job: "root/r", depth: 4,
      make: { redis in
        try await add(redis)
        try await redis.send(["SADD", .text(leaf[.dependencies]), .text(root.description)])
        try await redis.send(["LREM", .text(leaf.queue[.wait]), "0", "l"])
        try await redis.send(["ZADD", .text(leaf.queue[.waitingChildren]), "1", "l"])
      }, fix: ["job", "remove-dependency", "root", "r", "--parent", "bull:leaf:l", "--yes"]),
    Case(
      code: "lost-job", job: "leaf/l", depth: 3,
      make: { redis in
        try await add(redis)
        try await redis.send(["LREM", .text(leaf.queue[.wait]), "0", "l"])
      }, fix: ["job", "remove-dependency", "leaf", "l", "--parent", "bull:mid:m", "--yes"]),
    Case(
      code: "lost-job", job: "leaf/l", depth: 3,
      make: { redis in
        try await add(redis)
        try await redis.send(["LREM", .text(leaf.queue[.wait]), "0", "l"])
      }, fix: ["job", "move-to-wait", "leaf", "l"]),
    Case(
      code: "two-places", job: "leaf/l", depth: 3,
      make: { redis in
        try await add(redis)
        try await redis.send(["LREM", .text(leaf.queue[.wait]), "0", "l"])
        try await redis.send(["ZADD", .text(leaf.queue[.waitingChildren]), "1", "l"])
        try await redis.send(["ZADD", .text(leaf.queue[.delayed]), "7352320000000000", "l"])
      }, fix: ["job", "remove", "leaf", "l", "--yes"]),
    Case(
      code: "queue-paused", job: "leaf/l", depth: 3,
      make: { redis in
        try await add(redis)
        try await Queue("leaf", connection: redis).pause()
      }, fix: ["queue", "resume", "leaf"]),
    Case(
      code: "stalled", job: "leaf/l", depth: 3,
      make: { redis in
        try await add(redis)
        try await redis.send(["RPOPLPUSH", .text(leaf.queue[.wait]), .text(leaf.queue[.active])])
        try await redis.send(["HSET", .text(leaf.description), "processedOn", "1795000000000", "pb", "w-1"])
        // The next check of a worker finds it among the candidates.
        try await redis.send(["SADD", .text(leaf.queue[.stalled]), "l"])
      }, fix: []),
    Case(code: "no-worker", job: "leaf/l", depth: 3, make: { redis in try await add(redis) }, fix: []),
  ]

  @Test(arguments: cases)
  func `a flow that stands still is explained, and freed by what is offered`(example: Case) async throws {
    try await withRedis { redis, server in
      try await example.make(redis)
      let url = Peer.url(of: server.endpoint)
      let told = try await ChildProcess.run(Places.bullflow, ["explain", "root", "r", "--json", "--url", url])
      let json = try JSON(parsing: told.output)
      let cause = json["causes"]?.array?.first { $0["code"]?.string == example.code }
      #expect(json["verdict"] == "stuck" && cause != nil, "\(told.output)")
      #expect(cause?["job"]?.string == "bull:" + example.job.replacing("/", with: ":"), "\(told.output)")
      #expect(cause?["chain"]?.array?.count == example.depth, "\(told.output)")
      #expect(json["causes"]?.array?.first?["needsPerson"] == true)
      if !example.fix.isEmpty {
        let fixed = try await ChildProcess.run(Places.bullflow, example.fix + ["--url", url])
        #expect(fixed.code == 0, "\(fixed.errors)\(fixed.output)")
      }
      let peer = try await Peer(on: server.endpoint)
      for queue in ["root", "mid", "leaf"] { try await peer.ask("work", ["queue": .string(queue)]) }
      if example.code == "stalled" { try await peer.ask("recoverStalled", ["queue": "leaf"]) }
      let end = try await eventually(within: .seconds(15)) {
        try await redis.send(["ZSCORE", .text(Self.root.queue[.completed]), "r"]).double != nil
      }
      #expect(end != nil)
      try await peer.ask("stop")
    }
  }
}
