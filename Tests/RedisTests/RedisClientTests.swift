import PrivateRedis
import Testing

@testable import Redis

@Suite struct RedisClientTests {
  private func withClient(
    options: [String] = [], _ body: (RedisClient, PrivateRedis) async throws -> Void
  ) async throws {
    let server = try await PrivateRedis.start(options: options)
    defer { server.stop() }
    let client = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { client.close() }
    try await body(client, server)
  }

  @Test func `values come back as they were sent, whatever bytes they hold`() async throws {
    try await withClient { client, _ in
      let bytes: [UInt8] = [0, 13, 10, 255, 36]
      try await client.send(["SET", "key", .bytes(bytes)])
      #expect(try await client.send(["GET", "key"]) == .bulk(bytes))
    }
  }

  @Test func `concurrent callers each get their own reply, though others are cancelled`() async throws {
    try await withClient { client, _ in
      let wrong = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<2000 {
          let asker = Task { try await client.send(["ECHO", .init(number)]).int }
          if number % 7 == 0 { asker.cancel() }
          group.addTask {
            let answer = try? await asker.value
            return answer.map { $0 != number } ?? (number % 7 != 0)
          }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(wrong == 0)
    }
  }

  @Test(arguments: [0, 3, 30])
  func `who is cancelled while a command is blocked waits no longer, and later commands get their own replies`(
    afterMilliseconds delay: Int
  ) async throws {
    try await withClient { client, _ in
      let connection = try await client.dedicatedConnection()
      defer { connection.close() }
      let blocked = Task { try await connection.send(["BLPOP", "list", "0"], timeout: .zero) }
      try await Task.sleep(for: .milliseconds(delay))
      blocked.cancel()
      await #expect(throws: CancellationError.self) { _ = try await blocked.value }
      async let echo = connection.send(["ECHO", "next"])
      try await client.send(["RPUSH", "list", "value"])
      let reply = try await echo
      #expect(reply.string == "next")
    }
  }

  @Test func `an error reply is thrown with the command's name and without its arguments`() async throws {
    try await withClient { client, _ in
      try await client.send(["SET", "key", "text"])
      let error = await #expect(throws: RedisError.self) { try await client.send(["LPUSH", "key", "secret"]) }
      #expect(error?.description.contains("LPUSH") == true)
      #expect(error?.description.contains("secret") == false)
    }
  }

  @Test func `a pipeline keeps an error in its place`() async throws {
    try await withClient { client, _ in
      let replies = try await client.rawReplies(to: [["SET", "k", "1"], ["LPOP", "k"], ["GET", "k"]])
      #expect(replies[0] == .status("OK"))
      #expect(replies[1].errorLine?.hasPrefix("WRONGTYPE") == true)
      #expect(replies[2].string == "1")
    }
  }

  @Test func `a script is loaded again when the server has forgotten it`() async throws {
    try await withClient { client, _ in
      let script = RedisScript(name: "sum", source: "return ARGV[1] + ARGV[2]")
      #expect(try await client.run(script, keys: [], arguments: [1, 2]) == .integer(3))
      try await client.send(["SCRIPT", "FLUSH"])
      #expect(try await client.run(script, keys: [], arguments: [3, 4]) == .integer(7))
    }
  }

  @Test func `a connection that was cut is made anew`() async throws {
    try await withClient { client, _ in
      try await client.send(["SET", "k", "1"])
      let id = try await client.send(["CLIENT", "ID"])
      _ = try? await client.send(["CLIENT", "KILL", "ID", .init(id.int ?? 0), "SKIPME", "no"])
      var answer: String?
      for _ in 0..<10 where answer == nil { answer = try? await client.send(["GET", "k"]).string }
      #expect(answer == "1")
    }
  }

  @Test func `a command without an answer in time fails and names its limit`() async throws {
    try await withClient { client, _ in
      let error = await #expect(throws: RedisError.self) {
        try await client.send(["BLPOP", "nothing", "0"], timeout: .milliseconds(50))
      }
      guard case .timeout(_, "BLPOP", _) = error else {
        Issue.record("not a timeout: \(String(describing: error))")
        return
      }
    }
  }

  @Test func `a wrong password is a refusal, and a missing one says where to give it`() async throws {
    try await withClient(options: ["--requirepass", "secret"]) { client, server in
      let missing = await #expect(throws: RedisError.self) { try await client.send(["PING"]) }
      #expect(missing?.description.contains("REDIS_PASSWORD") == true)
      var endpoint = server.endpoint
      endpoint.password = "guess"
      let guessing = RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
      let wrong = await #expect(throws: RedisError.self) { try await guessing.send(["PING"]) }
      #expect(wrong == .refused(host: endpoint.host, cause: "wrong user or password"))
      endpoint.password = "secret"
      let knowing = RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
      let answer = try await knowing.send(["PING"])
      #expect(answer == .status("PONG"))
    }
  }

  @Test func `a server that is not there is unreachable, with the cause in words`() async throws {
    let client = try RedisClient(url: "redis://127.0.0.1:1")
    let error = await #expect(throws: RedisError.self) { try await client.send(["PING"]) }
    #expect(error == .unreachable(host: "127.0.0.1:1", cause: "connection refused"))
  }

  @Test func `messages arrive on channels and patterns that are added and removed while it runs`() async throws {
    try await withClient { client, server in
      let subscriber = RedisSubscriber(configuration: RedisConfiguration(endpoint: server.endpoint))
      let running = Task { await subscriber.run() }
      defer { running.cancel() }
      var events = subscriber.events.makeAsyncIterator()
      guard case .connected? = await events.next() else {
        Issue.record("not connected")
        return
      }
      try await subscriber.follow(channels: ["one"], patterns: ["t*"])
      try await client.send(["PUBLISH", "one", "1"])
      try await client.send(["PUBLISH", "two", "2"])
      try await client.send(["PUBLISH", "other", "3"])
      try await subscriber.follow(channels: [], patterns: ["o*"])
      try await client.send(["PUBLISH", "two", "4"])
      try await client.send(["PUBLISH", "other", "5"])
      var received: [String] = []
      while received.count < 3, let event = await events.next() {
        if case .messages(let messages) = event { received += messages.map { $0.channel + $0.payload } }
      }
      #expect(received == ["one1", "two2", "other5"])
    }
  }
}
