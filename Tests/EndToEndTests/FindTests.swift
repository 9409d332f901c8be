import Foundation
import QueueClient
import Redis
import TestSupport
import Testing

/// `bullflow find`, as scripts see it.
@Suite struct FindTests {
  private func find(_ redis: RedisClient, _ query: String..., config: String? = nil) async throws -> ChildProcess.Result
  {
    let arguments = ["find"] + query + (config.map { ["--config", $0] } ?? [])
    return try await ChildProcess.run(
      Places.bullflow, arguments, environment: ["REDIS_URL": Peer.url(of: redis.configuration.endpoint)])
  }

  private func fill(_ redis: RedisClient) async throws {
    let producer = FlowProducer(connection: redis)
    try await producer.add(
      FlowNode(
        name: "album", queueName: "albums", opts: ["jobId": "root"],
        children: [FlowNode(name: "paint", queueName: "steps", data: ["user": 7], opts: ["jobId": "c1"])]))
    try await Queue("mail", connection: redis).add("hello\u{1B}[2J", data: ["user": 7], opts: ["jobId": "c1"])
  }

  @Test func `an id is found in all queues, whether its job belongs to a flow or not`() async throws {
    try await withRedis { redis, _ in
      try await fill(redis)
      let result = try await find(redis, "c1")
      #expect(result.code == 0)
      #expect(result.output.contains("paint  steps/c1  waiting") && result.output.contains("mail/c1"))
      #expect(!result.output.contains("\u{1B}"))
    }
  }

  @Test func `a filter's jobs are lines of JSON, and counted`() async throws {
    try await withRedis { redis, _ in
      try await fill(redis)
      let lines = try await find(redis, "data.user=7", "queue:st*", "--json").output.split(separator: "\n")
      #expect(lines.count == 1)
      let job = try JSON(parsing: String(lines.first ?? ""))
      #expect(
        job["id"]?.string == "c1" && job["parentKey"]?.string == "bull:albums:root" && job["state"]?.string == "waiting"
      )
      #expect(try await find(redis, "data.user=7", "--count").output == "2\n")
      let limited = try await find(redis, "data.user=7", "--limit", "1")
      #expect(limited.output.split(separator: "\n").count == 1)
    }
  }

  @Test(arguments: [[], ["--json"]])
  func `secrets are hidden as on the screen, unless they are asked for`(options: [String]) async throws {
    try await withRedis { redis, _ in
      let queue = Queue("mail", connection: redis)
      try await queue.add("hello", data: ["password": "hunter2"], opts: ["jobId": "m1"])
      try await redis.pipeline([
        ["LREM", "bull:mail:wait", "0", "m1"], ["ZADD", "bull:mail:failed", "1", "m1"],
        ["HSET", "bull:mail:m1", "failedReason", "refused: token=hunter2", "finishedOn", "1"],
      ])
      let environment = ["REDIS_URL": Peer.url(of: redis.configuration.endpoint)]
      let arguments = ["find", "state:failed"] + options
      let hidden = try await ChildProcess.run(Places.bullflow, arguments, environment: environment)
      #expect(hidden.output.contains("token=***") && !hidden.output.contains("hunter2"), "\(hidden.output)")
      let shown = try await ChildProcess.run(
        Places.bullflow, arguments + ["--show-secrets"], environment: environment)
      #expect(shown.output.contains("token=hunter2"))
    }
  }

  @Test func `a saved filter is used by its name`() async throws {
    try await withRedis { redis, server in
      try await fill(redis)
      let file = server.directory.appending(path: "config.toml")
      try Data("[filters]\nmine = \"queue:mail data.user=7\"\n".utf8).write(to: file)
      let result = try await find(redis, "@mine", config: file.path)
      #expect(result.code == 0 && result.output.contains("mail/c1") && !result.output.contains("steps/"))
      expectLine(try await find(redis, "@other", config: file.path), code: 64, "@mine")
    }
  }

  @Test func `nothing found is code 1, a wrong term code 64`() async throws {
    try await withRedis { redis, _ in
      try await fill(redis)
      expectLine(try await find(redis, "nobody"), code: 1, "no job has the id 'nobody'", "3 queues")
      expectLine(try await find(redis, "state:failed"), code: 1, "no job matches", "3 queues")
      expectLine(try await find(redis, "stat:failed"), code: 64, "no field 'stat'", "queue")
    }
  }
}
