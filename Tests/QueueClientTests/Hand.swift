import Foundation
import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// A worker of whom every move is told: takes a job, ends it, and knows no time but its own.
final class Hand: Sendable {
  let redis: RedisClient
  private let tokens = LockTokens(worker: "hand")
  private let time = Locked(1_800_000_000_000)

  init(_ redis: RedisClient) { self.redis = redis }

  var now: Int { time.value }

  /// Lets time pass.
  func pass(_ milliseconds: Int) { time.edit { $0 += milliseconds } }

  private func exchange(_ queue: QueueKey, _ edit: (inout WorkerConfiguration) -> Void = { _ in }) -> Exchange {
    let time = time
    var configuration = WorkerConfiguration()
    configuration.clock = WorkerClock(now: { time.value }, sleep: { _ in })
    edit(&configuration)
    return Exchange(queue: queue, redis: redis, tokens: tokens, configuration: configuration)
  }

  /// Takes the next job of a queue.
  func take(_ queue: String, prefix: String = "bull", limiter: RateLimit? = nil) async throws -> Job? {
    try await exchange(QueueKey(prefix: prefix, name: queue)) { $0.limiter = limiter }([], wanted: 1).jobs.first
  }

  /// What an exchange without ended jobs answers.
  func ask(_ queue: String, limiter: RateLimit? = nil) async throws -> Exchange.Reply {
    try await exchange(QueueKey(name: queue)) { $0.limiter = limiter }([], wanted: 1)
  }

  /// Ends a job.
  ///
  /// - Returns: Redis's code.
  @discardableResult
  func end(_ job: Job, _ outcome: Outcome, points: Int = 0) async throws -> Int {
    try await exchange(job.key.queue) { $0.metricsPoints = points }(
      [EndedJob(job: job, outcome: outcome)], wanted: 0
    ).codes[0]
  }

  /// Takes the next job of a queue and completes it.
  @discardableResult
  func complete(_ queue: String, _ value: JSON = 1, prefix: String = "bull") async throws -> Job {
    let job = try #require(try await take(queue, prefix: prefix))
    #expect(try await end(job, .completed(value)) == 0)
    return job
  }

  /// Takes the next job of a queue and fails it, as its options say.
  @discardableResult
  func fail(_ queue: String, _ reason: String = "kaputt", prefix: String = "bull") async throws -> Job {
    let job = try #require(try await take(queue, prefix: prefix))
    #expect(try await end(job, .of(Reason(description: reason), in: job, random: 0)) == 0)
    return job
  }

  /// Recovers stalled jobs of a queue.
  func recoverStalled(_ queue: String, maxStalledCount: Int = 1) async throws -> [String] {
    try await redis.send(["DEL", "bull:\(queue):stalled-check"])
    return try await exchange(QueueKey(name: queue)) { $0.maxStalledCount = maxStalledCount }
      .recoverStalled(interval: .seconds(30))
  }

  /// Renews locks of the queue `q`.
  ///
  /// - Returns: those that are lost.
  func extend(_ locks: [JobLock]) async throws -> [JobLock] {
    try await exchange(QueueKey(name: "q")).extend(locks)
  }

  /// Puts back what was given to us without our knowing.
  func reclaim(_ queue: String, except known: Set<JobLock>) async throws {
    try await exchange(QueueKey(name: queue)).reclaim(except: known)
  }

  struct Reason: Error, CustomStringConvertible {
    let description: String
  }

  // MARK: Looking

  func job(_ key: String) async throws -> Job {
    let key = try #require(JobKey(key))
    return try #require(try await Job.read(key, from: redis), "there is no job \(key)")
  }

  func state(_ key: String) async throws -> JobState {
    let key = try #require(JobKey(key))
    return try await Job(JobSnapshot(key: key), redis: redis).getState()
  }

  /// Adds a flow whose nodes are named `queue/id`.
  @discardableResult
  func add(_ node: FlowNode) async throws -> JobNode { try await FlowProducer(connection: redis).add(node) }
}

/// A node by its place, `queue/id`.
func node(_ place: String, _ opts: JobOptions, prefix: String? = nil, _ children: FlowNode...) -> FlowNode {
  make(place, opts, prefix, children)
}

/// A node without options of its own.
func node(_ place: String, prefix: String? = nil, _ children: FlowNode...) -> FlowNode {
  make(place, [:], prefix, children)
}

private func make(_ place: String, _ opts: JobOptions, _ prefix: String?, _ children: [FlowNode]) -> FlowNode {
  let parts = place.split(separator: "/").map(String.init)
  var opts = opts
  opts.jobId = parts[1]
  return FlowNode(name: parts[1], queueName: parts[0], prefix: prefix, opts: opts, children: children)
}

/// Runs a test with a hand on a Redis of its own, and looks at the end whether everything fits together.
func withHand(
  isConsistent: Bool = true, prefixes: [String] = ["bull"], _ body: (Hand) async throws -> Void
) async throws {
  try await withRedis { redis, _ in
    try await body(Hand(redis))
    if isConsistent { #expect(try await ConsistencyCheck(connection: redis, prefixes: prefixes).run() == []) }
  }
}
