import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// Random programs, run by ours and by real BullMQ on two clean databases: afterwards, both hold the same.
@Suite struct SameStateTests {
  @Test func `ours leaves the same keys, values and events as real BullMQ`() async throws {
    let environment = ProcessInfo.processInfo.environment
    let seed = environment["BULLFLOW_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000_000)
    let count = environment["BULLFLOW_PROGRAMS"].flatMap { Int($0) } ?? 500
    print("same state: \(count) programs from seed \(seed); BULLFLOW_SEED and BULLFLOW_PROGRAMS choose others")
    try await withRedis { redis, _ in
      try await withRedis { theirs, server in
        let peer = try await Peer(on: server.endpoint)
        var (wrong, stepsCompared) = (0, 0)
        for number in 0..<UInt64(count) {
          try await redis.send(["FLUSHALL"])
          try await theirs.send(["FLUSHALL"])
          let report = try await compare(
            Program(seed: seed + number), ours: redis, theirs: theirs, peer: peer, stepsCompared: &stepsCompared)
          if let report {
            Issue.record("seed \(seed + number):\n\(report)")
            wrong += 1
            if wrong == 5 { break }
          }
        }
        print("same state: \(stepsCompared) steps compared")
        #expect(wrong > 0 || stepsCompared > count * 4)
      }
    }
  }

  /// Runs a program on both, and compares after each step.
  ///
  /// - Returns: what differs, in words.
  private func compare(
    _ program: Program, ours redis: RedisClient, theirs: RedisClient, peer: Peer, stepsCompared: inout Int
  ) async throws -> String? {
    var ours = Ours(redis: redis)
    var done: [String] = []
    var known: [JobKey] = []
    for unresolved in program.steps {
      guard let step = Program.resolve(unresolved, known: known, held: ours.held.keys.sorted()) else { continue }
      let added = Program.added(by: step)
      if try await Self.isOrphaned(added, in: redis) { continue }
      known += added
      // Each step is judged by its own events.
      try await Self.clearEvents(redis)
      try await Self.clearEvents(theirs)
      done.append(step.description)
      let (mine, other) = (await Self.answer { try await ours.perform(step) }, await Self.answer {
        try await peer.ask(step.op, step.arguments)
      })
      var problems: [String] = []
      switch (mine, other) {
      case (.success(let mine), .success(let other)):
        if ["take", "removeDependency"].contains(step.op), mine != other {
          problems.append("ours answered \(mine.text), theirs \(other.text)")
        }
      case (.failure(FlowError.missingParent), _), (.failure(FlowError.parentCannotBeReplaced), _):
        // Ours adds all or nothing; BullMQ goes on behind a node that fails, and tells of a failing root alone.
        return nil
      case (_, .failure(let error)) where "\(error)".contains("stack overflow"):
        // Jobs that are their own ancestors: BullMQ's scripts run out of stack, ours meet each job once.
        return nil
      case (.failure, .failure): break
      case (.success, .failure(let error)): problems.append("only theirs failed: \(error)")
      case (.failure(let error), .success): problems.append("only ours failed: \(error)")
      }
      let ordered = !step.op.hasPrefix("remove")
      problems += try await StateDump(of: redis, ordered: ordered).differences(
        from: try await StateDump(of: theirs, ordered: ordered), names: ("ours", "theirs"))
      stepsCompared += 1
      if !problems.isEmpty { return (done + problems.map { "  " + $0 }).joined(separator: "\n") }
    }
    return nil
  }

  private static func clearEvents(_ redis: RedisClient) async throws {
    let streams = try await redis.send(["KEYS", "*:events"]).strings
    if !streams.isEmpty { try await redis.send(RedisCommand("DEL", streams)) }
  }

  /// Whether a job is added again whose parent is gone. BullMQ then leaves it with the dead parent, and a new parent
  /// waiting for nothing at all; ours gives it the new one.
  private static func isOrphaned(_ keys: [JobKey], in redis: RedisClient) async throws -> Bool {
    for key in keys {
      guard let parent = try await redis.send(["HGET", .text(key.description), "parentKey"]).string else { continue }
      if try await redis.send(["EXISTS", .text(parent)]).int == 0 { return true }
    }
    return false
  }

  private static func answer(_ body: () async throws -> JSON) async -> Result<JSON, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }
}
