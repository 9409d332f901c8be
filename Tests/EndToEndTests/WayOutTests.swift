import QueueClient
import Redis
import TestSupport
import Testing

/// What is proposed works, and says beforehand what it would change.
@Suite struct WayOutTests {
  /// `main/R` waits for `steps/M2` and `steps/M`, which waits for `leaves/L` and `leaves/L2`.
  private func withFlow(_ body: (RedisClient, (String...) async throws -> ChildProcess.Result) async throws -> Void)
    async throws
  {
    func node(_ queue: String, _ id: String, _ children: FlowNode...) -> FlowNode {
      FlowNode(name: id, queueName: queue, opts: ["jobId": .string(id)], children: children)
    }
    try await withRedis { redis, server in
      let mid = node("steps", "M", node("leaves", "L"), node("leaves", "L2"))
      try await FlowProducer(connection: redis).add(node("main", "R", mid, node("steps", "M2")))
      let url = Peer.url(of: server.endpoint)
      try await body(redis) { (arguments: String...) in
        try await ChildProcess.run(Places.bullflow, arguments, environment: ["REDIS_URL": url])
      }
    }
  }

  @Test func `what a lost root left behind is forgotten, and its children end without it`() async throws {
    try await withFlow { redis, bullflow in
      try await redis.send(["DEL", "bull:main:R"])
      let told = try JSON(parsing: try await bullflow("explain", "main", "R", "--json").output)
      let cause = told["causes"]?.array?.first { $0["code"] == "missing-parent" }
      #expect(cause?["fixes"]?.array?.first == "bullflow job remove main R", "\(told.text)")
      let dry = try await bullflow("job", "remove", "main", "R", "--dry-run")
      #expect(dry.output == "remove bull:main:R\n", "\(dry)")
      #expect(try await redis.send(["EXISTS", "bull:main:R:dependencies"]).int == 1)
      let done = try await bullflow("job", "remove", "main", "R", "--yes")
      #expect(done.code == 0, "\(done)")
      #expect(
        try await redis.send(["EXISTS", "bull:main:R:dependencies", "bull:main:waiting-children", "bull:steps:M"]).int
          == 1)
      let again = try JSON(parsing: try await bullflow("explain", "steps", "M", "--json").output)
      #expect(again["causes"]?.array?.contains { $0["code"] == "missing-parent" } == false, "\(again.text)")
      expectLine(try await bullflow("job", "remove", "main", "R", "--yes"), code: 1, "bull:main:R")
    }
  }

  @Test func `a job in several places leaves all of them when it is removed, with its flow too`() async throws {
    for job in [["leaves", "L"], ["main", "R"]] {
      try await withFlow { redis, bullflow in
        try await redis.pipeline([
          ["ZADD", "bull:leaves:delayed", "7352320000000000", "L"], ["ZADD", "bull:leaves:prioritized", "1", "L"],
          ["RPUSH", "bull:leaves:paused", "L"],
        ])
        #expect(try await bullflow("job", "remove", job[0], job[1], "--yes").code == 0)
        #expect(
          try await redis.send([
            "EXISTS", "bull:leaves:L", "bull:leaves:delayed", "bull:leaves:prioritized", "bull:leaves:paused",
          ])
          .int == 0)
        #expect(try await !redis.send(["LRANGE", "bull:leaves:wait", "0", "-1"]).strings.contains("L"))
      }
    }
  }

  @Test func `a dry run says what would change, and changes nothing`() async throws {
    try await withFlow { redis, bullflow in
      try await Queue("steps", connection: redis).add("late", opts: ["jobId": "D", "delay": 100_000])
      try await Queue("leaves", connection: redis).pause()
      let before = try await StateDump(of: redis)
      let told: [(String, String)] = [
        (
          try await bullflow("job", "remove", "steps", "M", "--dry-run").output,
          "remove bull:leaves:L\nremove bull:leaves:L2\nremove bull:steps:M\n"
        ),
        (
          try await bullflow("job", "remove", "steps", "M", "--keep-children", "--dry-run").output,
          "remove bull:steps:M\n"
        ),
        (try await bullflow("job", "promote", "steps", "D", "--dry-run").output, "promote bull:steps:D\n"),
        (
          try await bullflow("job", "remove-dependency", "leaves", "L", "--dry-run").output,
          "remove-dependency bull:leaves:L of bull:steps:M\n"
        ),
        (
          try await bullflow("queue", "resume", "leaves", "--dry-run").output,
          "resume bull:leaves: 2 jobs wait there, and run then\n"
        ),
        (
          try await bullflow("queue", "clean", "leaves", "--state", "waiting", "--dry-run").output,
          "remove bull:leaves:L\nremove bull:leaves:L2\n"
        ),
        (
          try await bullflow("queue", "clean", "main", "--state", "waiting-children", "--dry-run")
            .output,
          "remove bull:main:R\n"
        ),
      ]
      for (output, expected) in told { #expect(output == expected) }
      expectLine(try await bullflow("job", "promote", "steps", "M", "--dry-run"), code: 1, "promote")
      expectLine(try await bullflow("queue", "resume", "main", "--dry-run"), code: 1, "not paused")
      #expect(try await StateDump(of: redis) == before)
    }
  }

  @Test func `a limit of 0 is told as what it is, by explain and the doctor, and ends with the limit`() async throws {
    try await withFlow { redis, bullflow in
      try await redis.send(["HSET", "bull:leaves:meta", "concurrency", "0"])
      let told = try await bullflow("explain", "main", "R")
      #expect(
        told.output.contains("(concurrency) is 0") && told.output.contains("HDEL bull:leaves:meta concurrency"),
        "\(told)")
      let doctor = try await bullflow("doctor")
      #expect(
        doctor.output.contains("queue leaves: 2 jobs") && doctor.output.contains("(concurrency) is 0"), "\(doctor)")
      try await redis.send(["HDEL", "bull:leaves:meta", "concurrency"])
      #expect(try await !bullflow("explain", "main", "R").output.contains("concurrency"))
    }
  }

  @Test func `a key that holds no job is told in one line, without a place in a script`() async throws {
    try await withFlow { redis, bullflow in
      try await redis.send(["DEL", "bull:leaves:L"])
      try await redis.send(["SET", "bull:leaves:L", "str"])
      for verb in ["remove", "remove-dependency", "promote"] {
        let result = try await bullflow("job", verb, "leaves", "L", "--yes")
        expectLine(result, code: 1, "bull:leaves:L")
        #expect(!result.errors.contains("user_script"))
      }
      let free = try await bullflow("job", "remove-dependency", "leaves", "L", "--parent", "bull:steps:M", "--yes")
      #expect(free.code == 0, "\(free)")
    }
  }
}
