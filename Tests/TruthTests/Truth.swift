import QueueClient
import Redis
import TestSupport

@testable import FlowMonitor

/// What really stands in Redis of some jobs, by raw commands, and how long a picture was wrong about it.
actor Truth {
  private let redis: RedisClient
  private let monitor: FlowMonitor
  private var picture = Picture()
  private var wrongSince: [JobKey: ContinuousClock.Instant] = [:]
  /// How long each wrong row was wrong.
  private(set) var staleness: [Duration] = []
  /// The longest that a row was wrong while the picture called itself live.
  private(set) var longestLie = Duration.zero
  private var liveSince: ContinuousClock.Instant?

  init(redis: RedisClient, monitor: FlowMonitor) {
    (self.redis, self.monitor) = (redis, monitor)
  }

  var last: Picture { picture }
  var isLive: Bool { picture.status == .live }

  func collect() async {
    for await picture in monitor.pictures { take(picture) }
  }

  private func take(_ new: Picture) {
    picture = new
    if new.status != .live { liveSince = nil } else if liveSince == nil { liveSince = .now }
  }

  /// Compares all the time.
  func compareAlways() async {
    while (try? await Task.sleep(for: .milliseconds(100))) != nil { _ = try? await isRight() }
  }

  /// Whether all that the picture holds is as it stands in Redis.
  func isRight() async throws -> Bool {
    let held = picture
    let keys = Array(held.jobs.keys) + held.gone
    let real = try await read(keys)
    // What changed meanwhile is judged next time.
    guard picture == held || !keys.isEmpty else { return false }
    let now = ContinuousClock.now
    var wrong: Set<JobKey> = []
    for (key, job) in zip(keys, real)
    where picture.jobs[key].map({ !job.isLike($0) }) ?? (picture.gone.contains(key) && job.exists) {
      wrong.insert(key)
    }
    for (key, since) in wrongSince where !wrong.contains(key) {
      staleness.append(now - since)
      wrongSince[key] = nil
    }
    for key in wrong {
      let since = wrongSince[key] ?? now
      wrongSince[key] = since
      if let liveSince { longestLie = max(longestLie, now - max(since, liveSince)) }
    }
    return wrong.isEmpty
  }

  /// What is shown, and what of it is wrong, in words.
  func explanation() async -> String {
    let keys = Array(picture.jobs.keys)
    guard let real = try? await read(keys) else { return "\(picture.status); Redis does not answer" }
    let wrong = zip(keys, real).compactMap { key, job -> String? in
      guard let held = picture.jobs[key], !job.isLike(held) else { return nil }
      return "\(key): held \(held.state) \(held.counts), is \(job)"
    }
    return "\(picture.status), \(picture.flows.roots.count) flows, \(wrong.count) wrong: \(wrong.prefix(3))"
  }

  struct Job: Sendable {
    var exists: Bool
    var state: JobState
    var counts: DependenciesCount

    func isLike(_ held: FlowJob) -> Bool {
      exists && counts == held.counts && (state == held.state || held.isStateAssumed)
    }
  }

  private func read(_ keys: [JobKey]) async throws -> [Job] {
    let replies = try await redis.rawReplies(
      to: keys.flatMap { key -> [RedisCommand] in
        let base = key.queue.description
        return [
          ["EXISTS", .text("\(key)")], ["ZSCORE", .text(base + ":completed"), .text(key.id)],
          ["ZSCORE", .text(base + ":failed"), .text(key.id)], ["ZSCORE", .text(base + ":delayed"), .text(key.id)],
          ["ZSCORE", .text(base + ":prioritized"), .text(key.id)], ["LPOS", .text(base + ":active"), .text(key.id)],
          ["LPOS", .text(base + ":wait"), .text(key.id)],
          ["ZSCORE", .text(base + ":waiting-children"), .text(key.id)], ["HLEN", .text("\(key):processed")],
          ["SCARD", .text("\(key):dependencies")], ["HLEN", .text("\(key):failed")],
          ["ZCARD", .text("\(key):unsuccessful")],
        ]
      })
    let states: [JobState] = [.completed, .failed, .delayed, .prioritized, .active, .waiting, .waitingChildren]
    return keys.indices.map { index in
      let answers = replies[index * 12..<(index + 1) * 12].map(\.self)
      let state = zip(states, answers[1...7]).first { !$1.isNull && $1.errorLine == nil }?.0 ?? .unknown
      return Job(
        exists: answers[0].int == 1, state: state,
        counts: DependenciesCount(
          processed: answers[8].int ?? 0, unprocessed: answers[9].int ?? 0, ignored: answers[10].int ?? 0,
          failed: answers[11].int ?? 0))
    }
  }
}
