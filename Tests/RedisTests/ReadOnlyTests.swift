import PrivateRedis
import Redis
import TestSupport
import Testing

/// A client that only reads sends nothing that writes.
@Suite struct ReadOnlyTests {
  private func withReader(_ body: (_ reader: RedisClient, _ writer: RedisClient) async throws -> Void) async throws {
    try await withRedis { writer, server in
      let reader = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint, isReadOnly: true))
      defer { reader.close() }
      try await body(reader, writer)
    }
  }

  @Test(arguments: [
    ["SET", "k", "2"], ["HSET", "h", "f", "1"], ["DEL", "k"], ["BZPOPMIN", "z", "1"], ["FLUSHALL"],
    ["CONFIG", "SET", "save", ""],
    ["EVAL", "return 1", "0"], ["XADD", "s", "*", "f", "1"], ["CLIENT", "KILL", "ID", "1"], ["GETDEL", "k"],
    ["NONSENSE"], ["CLUSTER", "RESET"],
  ])
  func `what may write is refused before it is sent`(words: [String]) async throws {
    try await withReader { reader, writer in
      try await writer.send(["SET", "k", "1"])
      let command = RedisCommand(words[0], words.dropFirst())
      await #expect(throws: RedisError.readOnly(command: words[0])) { try await reader.send(command) }
      await #expect(throws: RedisError.readOnly(command: words[0])) {
        try await reader.rawReplies(to: [["PING"], command])
      }
      let own = try await reader.dedicatedConnection()
      defer { own.close() }
      await #expect(throws: RedisError.readOnly(command: words[0])) { try await own.send(command) }
      #expect(try await writer.send(["GET", "k"]).string == "1")
      #expect(try await writer.send(["DBSIZE"]).int == 1)
    }
  }

  @Test func `what reads is sent, and of scripts those that say so`() async throws {
    try await withReader { reader, writer in
      try await writer.send(["SET", "k", "1"])
      #expect(try await reader.send(["get", "k"]).string == "1")
      let source = "return redis.call('GET', KEYS[1])"
      let reads = RedisScript(name: "reads", source: source, isReadOnly: true)
      #expect(try await reader.run(reads, keys: ["k"]).string == "1")
      await #expect(throws: RedisError.readOnly(command: "may-write")) {
        try await reader.run(RedisScript(name: "may-write", source: source), keys: ["k"])
      }
    }
  }
}
