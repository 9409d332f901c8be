import QueueClient
import Redis
import TestSupport
import Testing

/// The doctor's look at every job.
@Suite struct DeepCheckTests {
  private func consistency(_ url: String) async throws -> [Substring] {
    try await ChildProcess.run(Places.bullflow, ["doctor", "--deep", "--url", url]).output.split(separator: "\n")
      .filter { $0.contains("consistency:") || $0.contains("groups:") }
  }

  @Test func `a Redis where workers are at it is in order`() async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      for queue in ["par", "kid"] {
        try await peer.ask("work", ["queue": .string(queue), "concurrency": 20])
      }
      let producer = FlowProducer(connection: redis)
      let adding = Task {
        // More than the workers get done in the meantime, so that lists grow and move.
        for _ in 0..<1000 where !Task.isCancelled {
          let children = (0..<5).map { _ in FlowNode(name: "kid", queueName: "kid", opts: ["removeOnComplete": true]) }
          try await producer.add(
            FlowNode(name: "par", queueName: "par", opts: ["removeOnComplete": true], children: children))
          try await Task.sleep(for: .milliseconds(10))
        }
      }
      for _ in 0..<3 {
        let told = try await consistency(Peer.url(of: server.endpoint))
        #expect(told.allSatisfy { $0.hasPrefix("ok") } && told.count == 1, "\(told)")
      }
      adding.cancel()
      _ = try? await adding.value
      await peer.kill()
    }
  }

  @Test func `groups of BullMQ Pro are told to be unknown, and nothing of them is called wrong`() async throws {
    try await withRedis { redis, server in
      try await redis.pipeline([
        ["HSET", "bull:pro:meta", "opts.maxLenEvents", "10000"], ["ZADD", "bull:pro:groups", "1", "g1"],
        ["LPUSH", "bull:pro:groups:g1", "j1"], ["HSET", "bull:pro:groups:concurrency", "g1", "5"],
        [
          "HSET", "bull:pro:j1", "name", "a", "data", "{}", "opts", #"{"group":{"id":"g1"}}"#, "timestamp",
          "1795000000000", "gid", "g1",
        ],
      ])
      let told = try await consistency(Peer.url(of: server.endpoint))
      #expect(told.map { $0.prefix(4) } == ["warn", "ok  "], "\(told)")
    }
  }
}
