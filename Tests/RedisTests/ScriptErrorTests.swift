import PrivateRedis
import TestSupport
import Testing

@testable import Redis

/// Errors that arise within scripts are told as those of commands, and scripts run without the right to load them.
@Suite struct ScriptErrorTests {
  private static let sha = "05dbb4a2e107f180509d2a2c4d2a51321f376b41"

  @Test(arguments: [
    (
      "READONLY You can't write against a read only replica. script: \(sha), on @user_script:1.",
      "READONLY You can't write against a read only replica."
    ),
    (
      "ERR user_script:786: READONLY You can't write. script: \(sha), on @user_script:786.", "READONLY You can't write."
    ),
    (
      "ERR Error running script (call to f_\(sha)): @user_script:7: @user_script: 7: -READONLY You can't write.",
      "READONLY You can't write."
    ),
    (
      "ERR user_script:9: attempt to index a nil value script: \(sha), on @user_script:9.",
      "ERR attempt to index a nil value"
    ),
    ("@user_script: 3: WRONGTYPE Operation against a key", "WRONGTYPE Operation against a key"),
    (
      "ERR The user executing the script can't run this command or subcommand script: \(sha), on @user_script:1.",
      "NOPERM The user executing the script can't run this command or subcommand"
    ),
    ("ERR ACL failure in script: User a has no permissions", "NOPERM ACL failure in script: User a has no permissions"),
    ("NOSCRIPT No matching script. Please use EVAL.", "NOSCRIPT No matching script. Please use EVAL."),
    ("ERR syntax error", "ERR syntax error"), ("OOM", "OOM"), ("", ""),
  ])
  func `what Redis puts around a script's error is left out`(line: String, plain: String) {
    #expect(ScriptErrorLine.plain(line) == plain)
  }

  private static let writes = RedisScript(name: "writes", source: "return redis.call('LPUSH', KEYS[1], ARGV[1])")

  private static let troubles: [(RedisCommand, String, String)] = [
    (["REPLICAOF", "127.0.0.1", "1"], "READONLY", "give the primary's URL"),
    (["CONFIG", "SET", "min-replicas-to-write", "1"], "NOREPLICAS", "too few replicas are connected"),
    (["CONFIG", "SET", "maxmemory", "1"], "OOM", "raise maxmemory"),
  ]

  @Test(arguments: troubles)
  func `a server that takes no change is told of with what to do, by a script as by a command`(
    trouble: RedisCommand, word: String, advice: String
  ) async throws {
    try await withRedis { redis, _ in
      try await redis.send(trouble)
      let error = await #expect(throws: RedisError.self) {
        try await redis.run(Self.writes, keys: ["l"], arguments: ["x"])
      }
      #expect(error?.isServersRefusal == true)
      let words = error?.description ?? ""
      #expect(words.hasPrefix("Redis refused writes: \(word) ") && words.contains(advice), "\(words)")
      #expect(!words.contains("user_script"), "\(words)")
    }
  }

  @Test func `a script of a user who may not write is refused by a missing right`() async throws {
    try await withRedis { redis, server in
      let client = try await user("-lpush", on: redis, server)
      defer { client.close() }
      let error = await #expect(throws: RedisError.self) {
        try await client.run(Self.writes, keys: ["l"], arguments: ["x"])
      }
      #expect(error?.isMissingRight == true)
    }
  }

  @Test func `who may not load scripts runs them all the same, alone and in pipelines`() async throws {
    try await withRedis { redis, server in
      let client = try await user("-script", on: redis, server)
      defer { client.close() }
      try await client.load([Self.writes])
      #expect(try await client.run(Self.writes, keys: ["l"], arguments: ["a"]) == .integer(1))
      let other = RedisScript(name: "other", source: "return ARGV[1]", isReadOnly: true)
      let commands = [
        try await client.command(running: Self.writes, keys: ["l"], arguments: ["b"]),
        try await client.command(running: other, keys: [], arguments: ["c"]),
      ]
      #expect(try await client.pipeline(commands).map(\.string) == ["2", "c"])
      // A wrong kind is told without a key: a script has several.
      try await redis.send(["SET", "s", "x"])
      let error = await #expect(throws: RedisError.self) {
        try await client.run(Self.writes, keys: ["s"], arguments: ["a"])
      }
      #expect(error?.isWrongType == true)
    }
  }

  private func user(_ rights: String, on redis: RedisClient, _ server: PrivateRedis) async throws -> RedisClient {
    try await redis.send(["ACL", "SETUSER", "ann", "on", ">pw", "~*", "&*", "+@all", .text(rights)])
    var endpoint = server.endpoint
    (endpoint.username, endpoint.password) = ("ann", "pw")
    return RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
  }
}
