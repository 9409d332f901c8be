import QueueClient
import Redis
import TestSupport
import Testing

/// Our rule for a job's state beside real BullMQ's `getState`.
@Suite struct StateRuleTests {
  @Test func `ten thousand random jobs are in the states that real BullMQ says`() async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      var random = SeededRandom(seed: 7)
      // Several queues: lists stay short enough to be looked through.
      for queue in 0..<10 {
        let keys = (0..<1000).map { JobKey(queue: QueueKey(name: "q\(queue)"), id: "j\($0)") }
        var commands: [RedisCommand] = []
        for key in keys { commands += place(key, &random) }
        try await redis.pipeline(commands)
        let answer = try await peer.ask(
          "states", ["queue": .string("q\(queue)"), "ids": .array(keys.map { .string($0.id) })])
        let theirs = (answer.array ?? []).map { $0.string ?? "" }
        let ours = try await JobInspector(connection: redis).inspect(keys).jobs.map(\.evidence.state)
        #expect(ours.map(\.state.rawValue) == theirs)
        #expect(ours.allSatisfy { !$0.isAssumed })
      }
      try await peer.ask("stop")
    }
  }

  /// Puts a job into some places, as broken data may have it.
  private func place(_ key: JobKey, _ random: inout SeededRandom) -> [RedisCommand] {
    var commands: [RedisCommand] = []
    let sets: [QueueKey.Suffix] = [.completed, .failed, .delayed, .prioritized, .waitingChildren]
    for suffix in sets where random.next() % 6 == 0 {
      commands.append(["ZADD", .text(key.queue[suffix]), "1795000000000", .text(key.id)])
    }
    for suffix in [QueueKey.Suffix.active, .wait, .paused] where random.next() % 5 == 0 {
      commands.append(["RPUSH", .text(key.queue[suffix]), .text(key.id)])
    }
    if random.next() % 4 != 0 {
      commands.append(["HSET", .text(key.description), "name", "n", "timestamp", "1"])
      if random.next() % 2 == 0 { commands.append(["HSET", .text(key.description), "processedOn", "2"]) }
      if random.next() % 4 == 0 { commands.append(["HSET", .text(key.description), "finishedOn", "3"]) }
    }
    if random.next() % 5 == 0 { commands.append(["SET", .text(key[.lock]), "token"]) }
    return commands
  }
}

/// Numbers that are the same on every run.
struct SeededRandom {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
