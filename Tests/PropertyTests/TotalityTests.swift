import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// Whatever stands in Redis is a value: nothing traps, hangs or spins on it, and each answer comes within seconds.
///
/// A trap would end the whole test run; a reader that does not come to an end is cut off by its limit.
@Suite struct TotalityTests {
  /// How long one reader may take: many times what the slowest needs, so that only hanging and spinning shows.
  private static let limit = Duration.seconds(20)

  private static let trace = ProcessInfo.processInfo.environment["BULLFLOW_TRACE"] != nil

  /// How many servers share the states, so that all processors have something to do: most of the time readers wait.
  private static let lanes = 8

  @Test func `the library's readers, its verbs and the screen end on every strange state`() async throws {
    let pairs = Locked(0)
    try await onLanes(StrangeState.all) { state, redis, _ in
      try await Self.fill(redis, with: state)
      for reader in Reader.library + Reader.changes {
        await Self.run("\(reader) on \(state)") { try await reader.body(redis) }
        pairs.edit { $0 += 1 }
      }
    }
    #expect(pairs.value >= 1000)
  }

  private static let commands: [[String]] = [
    ["tree"], ["tree", "par", "P", "--json"], ["tree", "--depth", "5000", "--max-children", "5"],
    ["tree", "par", "c0", "--depth", "5000", "--json"], ["snapshot"], ["tree", "par", "P", "--timeline"],
    ["tree", "par", "c0", "--timeline", "--json"],
    ["job", "show", "par", "P"], ["job", "state", "kid", "ready"], ["job", "values", "par", "P"],
    ["job", "counts", "par", "P"], ["job", "dependencies", "par", "P"], ["job", "logs", "par", "P"],
    ["queue", "list"], ["queue", "counts", "kid"], ["queue", "jobs", "kid"], ["doctor"], ["doctor", "--deep"],
    ["flow", "release", "par", "P", "--dry-run"], ["flow", "retry", "par", "c0", "--dry-run", "--json"],
    ["flow", "clone", "par", "c0", "--dry-run", "--json"], ["flow", "cancel", "par", "c0", "--yes"],
  ]

  @Test func `each command ends on strange states, by no signal`() async throws {
    try await onLanes(StrangeState.all.filter(\.isSample)) { state, redis, server in
      try await Self.fill(redis, with: state)
      for command in Self.commands {
        await Self.run("\(command.joined(separator: " ")) on \(state)") {
          let result = try await ChildProcess.run(
            Places.bullflow, command + ["--url", Peer.url(of: server.endpoint)], environment: [:])
          #expect([0, 1, 2, 64, 65].contains(result.code), "\(command) on \(state): \(result.errors)")
        }
      }
    }
  }

  @Test func `a key of another kind is named, and all else is checked`() async throws {
    try await withRedis { redis, server in
      try await Self.fill(
        redis,
        with: StrangeState(
          "",
          StrangeState.ordinary + [
            ["DEL", "bull:kid:wait", "bull:par:P:processed"], ["SET", "bull:kid:wait", "x"],
            ["SET", "bull:par:P:processed", "x"], ["ZADD", "bull:kid:failed", "1", "nobody"],
          ]))
      let found = try await ConsistencyCheck(connection: redis).run().map(\.description)
      #expect(found.contains("bull:kid:wait: is a string, but should be a list"))
      #expect(found.contains("bull:par:P:processed: holds another kind of value than it should"))
      #expect(found.contains("bull:kid:nobody: is in failed, but there is no such job"))
      await #expect {
        try await Queue("kid", connection: redis).getJobCounts()
      } throws: { "\($0)".contains(#""bull:kid:wait""#) }
      let doctor = try await ChildProcess.run(
        Places.bullflow, ["doctor", "--deep", "--url", Peer.url(of: server.endpoint)], environment: [:])
      #expect(doctor.output.contains("bull:kid:wait: is a string"))
    }
  }

  // MARK: Running

  private static func fill(_ redis: RedisClient, with state: StrangeState) async throws {
    try await redis.send(["FLUSHALL"])
    _ = try await redis.rawReplies(to: state.commands)
  }

  /// Runs something to its end, an error included, and tells where that does not come.
  private static func run(_ name: String, _ body: @escaping @Sendable () async throws -> Void) async {
    if trace { FileHandle.standardError.write(Data("> \(name)\n".utf8)) }
    defer { if trace { FileHandle.standardError.write(Data("< \(name)\n".utf8)) } }
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        // An error is an answer, too.
        try? await body()
        return true
      }
      group.addTask {
        try? await Task.sleep(for: limit)
        return false
      }
      let hasEnded = await group.next() ?? false
      #expect(hasEnded, "\(name) took longer than \(limit)")
      group.cancelAll()
    }
  }

  private func onLanes(
    _ states: [StrangeState], _ body: @escaping @Sendable (StrangeState, RedisClient, PrivateRedis) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup { group in
      for lane in 0..<Self.lanes {
        group.addTask {
          try await withRedis { redis, server in
            for index in stride(from: lane, to: states.count, by: Self.lanes) {
              try await body(states[index], redis, server)
            }
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
