import Foundation
import PrivateRedis
import TestSupport
import Testing

@testable import Redis

/// Refusals and silence, which a subscriber tells apart.
@Suite struct SubscriberTests {
  @Test func `a user without channel rights is told that it may not subscribe, once, and not that it is cut off`()
    async throws
  {
    try await withRedis { redis, server in
      try await redis.send(["ACL", "SETUSER", "ann", "on", ">pw", "~*", "resetchannels", "+@all"])
      var endpoint = server.endpoint
      (endpoint.username, endpoint.password) = ("ann", "pw")
      let subscriber = RedisSubscriber(
        configuration: RedisConfiguration(endpoint: endpoint), retryOfRefused: .milliseconds(20))
      try await subscriber.follow(channels: ["news"], patterns: ["n*"])
      let running = Task { await subscriber.run() }
      defer { running.cancel() }
      var seen: [String] = []
      for await event in subscriber.events {
        switch event {
        case .refused(let error):
          seen.append("refused")
          #expect(error.isMissingRight)
          try await Task.sleep(for: .milliseconds(100))
          try await redis.send(["ACL", "SETUSER", "ann", "allchannels"])
        case .connected: seen.append("connected")
        default: seen.append("\(event)")
        }
        if seen.last != "refused" { break }
      }
      #expect(seen == ["refused", "connected"])
    }
  }

  @Test func `a channel forbidden later is thrown, and the allowed ones are still heard`() async throws {
    try await withRedis { redis, server in
      try await redis.send(["ACL", "SETUSER", "ann", "on", ">pw", "~*", "resetchannels", "&news", "+@all"])
      var endpoint = server.endpoint
      (endpoint.username, endpoint.password) = ("ann", "pw")
      let subscriber = RedisSubscriber(configuration: RedisConfiguration(endpoint: endpoint))
      let running = Task { await subscriber.run() }
      defer { running.cancel() }
      var events = subscriber.events.makeAsyncIterator()
      guard case .connected? = await events.next() else {
        Issue.record("not connected")
        return
      }
      let error = await #expect(throws: RedisError.self) {
        try await subscriber.follow(channels: ["news", "secrets"], patterns: [])
      }
      #expect(error?.isMissingRight == true)
      try await redis.send(["PUBLISH", "news", "hello"])
      guard case .messages(let messages)? = await events.next() else {
        Issue.record("no message")
        return
      }
      #expect(messages.map(\.payload) == ["hello"])
    }
  }

  @Test func `a server that stops answering is noticed by the heartbeat`() async throws {
    try await withRedis { _, server in
      let subscriber = RedisSubscriber(
        configuration: RedisConfiguration(endpoint: server.endpoint),
        heartbeat: RedisSubscriber.Heartbeat(interval: .milliseconds(20), limit: .milliseconds(300)))
      try await subscriber.follow(channels: ["news"], patterns: [])
      let running = Task { await subscriber.run() }
      defer { running.cancel() }
      var events = subscriber.events.makeAsyncIterator()
      guard case .connected? = await events.next() else {
        Issue.record("not connected")
        return
      }
      kill(server.processID, SIGSTOP)
      defer { kill(server.processID, SIGCONT) }
      guard case .disconnected(.timeout(_, "PING", _))? = await events.next() else {
        Issue.record("not given up")
        return
      }
    }
  }

  @Test(arguments: [
    ("MOVED 3999 10.0.0.2:6379", "node of a Redis Cluster"), ("ASK 3999 10.0.0.2:6379", "node of a Redis Cluster"),
    ("CROSSSLOT Keys in request don't hash to the same slot", "--prefix '{bull}'"),
    ("CLUSTERDOWN Hash slot not served", "CLUSTER INFO"), ("READONLY You can't write", "primary"),
    ("OOM command not allowed", "maxmemory"),
  ])
  func `a server that cannot take a command is explained, with what to do`(line: String, words: String) {
    let error = RedisError.reply(command: "GET", line: line)
    #expect(error.isServersRefusal && error.description.contains(words))
  }
}
