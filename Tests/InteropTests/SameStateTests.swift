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
    // Always the same programs here; `make fuzz` runs new ones.
    let seed = environment["BULLFLOW_SEED"].flatMap { UInt64($0) } ?? 1_000_000
    let count = environment["BULLFLOW_PROGRAMS"].flatMap { Int($0) } ?? 500
    print("same state: \(count) programs from seed \(seed); BULLFLOW_SEED and BULLFLOW_PROGRAMS choose others")
    try await withRedis { redis, _ in
      try await withRedis { theirs, server in
        let peer = try await Peer(on: server.endpoint)
        var comparison = Comparison(ours: redis, theirs: theirs, peer: peer)
        var wrong = 0
        for number in 0..<UInt64(count) {
          if let report = try await comparison.run(seed: seed + number) {
            Issue.record("seed \(seed + number):\n\(report)")
            wrong += 1
            if wrong == 5 { break }
          }
        }
        let met = comparison.met.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", ")
        print("same state: \(comparison.steps) steps compared; known differences met: \(met)")
        #expect(wrong > 0 || comparison.steps > count * 4)
      }
    }
  }
}

/// Runs programs on both, and compares after each step.
struct Comparison {
  let ours: RedisClient
  let theirs: RedisClient
  let peer: Peer
  /// How many steps were compared.
  private(set) var steps = 0
  /// How often each known difference was met.
  private(set) var met: [KnownDifference: Int] = [:]

  init(ours: RedisClient, theirs: RedisClient, peer: Peer) {
    self.ours = ours
    self.theirs = theirs
    self.peer = peer
  }

  /// Runs a program; every other one adds its flows in steps, as large flows are.
  ///
  /// - Returns: what differs, in words.
  mutating func run(seed: UInt64) async throws -> String? {
    try await ours.send(["FLUSHALL"])
    try await theirs.send(["FLUSHALL"])
    var client = Ours(redis: ours, isStaging: seed % 2 == 1)
    var done: [String] = []
    var known: [JobKey] = []
    for unresolved in Program(seed: seed).steps {
      guard let step = Program.resolve(unresolved, known: known, held: client.held.keys.sorted()) else { continue }
      if let difference = try await KnownDifference.ahead(of: step, in: ours) {
        met[difference, default: 0] += 1
        continue
      }
      let handsOver = try await KnownDifference.handsOver(step, in: ours)
      known += Program.added(by: step)
      try await Self.awaitDueJobs(ours)
      try await Self.awaitDueJobs(theirs)
      // Each step is judged by its own events.
      try await Self.clearEvents(ours)
      try await Self.clearEvents(theirs)
      done.append(step.description)
      let mine = await Self.answer { try await client.perform(step) }
      let other = await Self.answer { try await peer.ask(step.op, step.arguments) }
      if case .success(let answer) = mine, let key = Program.added(by: step, answer: answer) { known.append(key) }
      if let difference = KnownDifference.behind((mine, other)) {
        met[difference, default: 0] += 1
        return nil
      }
      // A script that removes walks sets, which have no order.
      let ordered = !step.op.hasPrefix("remove") && !handsOver
      let problems =
        Self.differences(mine, other, of: step)
        + (try await StateDump(of: ours, ordered: ordered).differences(
          from: try await StateDump(of: theirs, ordered: ordered), names: ("ours", "theirs")))
      steps += 1
      if !problems.isEmpty { return (done + problems.map { "  " + $0 }).joined(separator: "\n") }
    }
    return nil
  }

  /// Steps whose answers are compared.
  private static let telling = [
    "take", "removeDependency", "waitForChildren", "recoverStalled", "clean", "queueAdd", "upsertScheduler",
    "removeScheduler",
  ]

  private static func differences(
    _ ours: Result<JSON, any Error>, _ theirs: Result<JSON, any Error>, of step: Program.Step
  ) -> [String] {
    switch (ours, theirs) {
    case (.success(let ours), .success(let theirs)) where telling.contains(step.op) && ours != theirs:
      ["ours answered \(ours.text), theirs \(theirs.text)"]
    // The peer's Python says nothing where it removes nothing.
    case (.failure(JobError.scheduled), .success): []
    case (.success, .failure(let error)): ["only theirs failed: \(error)"]
    case (.failure(let error), .success): ["only ours failed: \(error)"]
    default: []
    }
  }

  /// Waits for what is due in a moment: it must not fall due between the two.
  private static func awaitDueJobs(_ redis: RedisClient) async throws {
    for key in try await redis.send(["KEYS", "*:delayed"]).strings {
      let first = try await redis.send(["ZRANGE", .text(key), "0", "0", "WITHSCORES"]).array ?? []
      guard first.count == 2, let score = first[1].double else { continue }
      let left = score / 4096 - Date().timeIntervalSince1970 * 1000
      if (0..<50).contains(left) { try await Task.sleep(for: .milliseconds(Int(left) + 2)) }
    }
  }

  private static func clearEvents(_ redis: RedisClient) async throws {
    let streams = try await redis.send(["KEYS", "*:events"]).strings
    if !streams.isEmpty { try await redis.send(RedisCommand("DEL", streams)) }
  }

  private static func answer(_ body: () async throws -> JSON) async -> Result<JSON, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }
}
