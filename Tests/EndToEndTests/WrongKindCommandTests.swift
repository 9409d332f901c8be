import Foundation
import PrivateRedis
import QueueClient
import Redis
import Synchronization
import TestSupport
import Testing

/// What commands do where a key holds another kind of value, and where Redis is away at the end.
@Suite struct WrongKindCommandTests {
  @Test(arguments: [
    (["queue", "counts", "q"], "bull:q:failed", #""waiting":1"#),
    (["queue", "jobs", "q", "--state", "failed", "--state", "waiting"], "bull:q:failed", #""id":"a""#),
    (["job", "state", "q", "a"], "bull:q:failed", "waiting"),
    (["job", "show", "q", "a"], "bull:q:failed", #""state":"waiting""#),
    (["job", "counts", "q", "a"], "bull:q:a:processed", #""processed":0"#),
    (["job", "values", "q", "a"], "bull:q:a:processed", "{}"),
    (["job", "dependencies", "q", "a"], "bull:q:a:processed", "{"), (["job", "logs", "q", "a"], "bull:q:a:logs", ""),
    (["queue", "counts", "q"], "bull:q:meta", #""paused":false"#),
  ])
  func `a reader names a key of another kind, and goes on`(arguments: [String], key: String, output: String)
    async throws
  {
    try await withRedis { redis, server in
      try await Queue("q", connection: redis).add("j", opts: ["jobId": "a"])
      try await redis.send(["DEL", .text(key)])
      try await redis.send(["SET", .text(key), "x"])
      let result = try await ChildProcess.run(
        Places.bullflow, arguments, environment: ["REDIS_URL": Peer.url(of: server.endpoint)])
      #expect(
        result.code == 0 && (output.isEmpty ? result.output.isEmpty : result.output.contains(output)), "\(result)")
      #expect(result.errors.contains("warning: \(key) holds another kind"), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func `a change is not made where a key that it needs is of another kind`() async throws {
    try await withRedis { redis, server in
      try await Queue("q", connection: redis).add("j", opts: ["jobId": "a"])
      try await redis.send(["SET", "bull:q:failed", "x"])
      let result = try await ChildProcess.run(
        Places.bullflow, ["job", "retry", "q", "a"], environment: ["REDIS_URL": Peer.url(of: server.endpoint)])
      expectLine(result, code: 1, "bull:q:failed")
    }
  }

  @Test func `a signal while Redis is dead ends work within 30 s, and says which ends were not recorded`()
    async throws
  {
    let server = try await PrivateRedis.start()
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { redis.close() }
    let queue = Queue("mails", connection: redis)
    try await queue.add("j", opts: ["jobId": "a"])
    let start = Mutex(ContinuousClock.now)
    let result = try await ChildProcess.run(
      Places.bullflow, ["work", "mails", "--", "sleep", "5"],
      environment: ["REDIS_URL": Peer.url(of: server.endpoint)]
    ) { (process) async throws in
      #expect(try await eventually(within: .seconds(120)) { try await queue.getJobCounts()[.active] == 1 } != nil)
      server.stop()
      start.withLock { $0 = .now }
      kill(process, SIGTERM)
    }
    // Less than 29 s of its own: the rest is a busy machine's.
    #expect(ContinuousClock.now - start.withLock { $0 } < .seconds(33))
    #expect(result.code == 2, "\(result.errors)")
    #expect(
      result.errors.contains("bullflow: work: the ends of bull:mails:a could not be recorded"), "\(result.errors)")
  }
}
