import QueueClient
import Redis

/// Which flows there really are, by raw commands over all keys, and in which order they last changed.
struct RealFlows {
  let redis: RedisClient

  /// The roots of flows, the newest change first; those whose time is the same stand in one set.
  func newestFirst(prefix: String = QueueKey.defaultPrefix) async throws -> [Set<JobKey>] {
    var times: [Double: Set<JobKey>] = [:]
    for queue in try await queues(prefix: prefix) {
      for (suffix, isSorted) in Self.places {
        let key = queue[suffix]
        let range: RedisCommand = isSorted ? ["ZRANGE", .text(key), "0", "-1"] : ["LRANGE", .text(key), "0", "-1"]
        for id in try await redis.send(range).strings where !id.hasPrefix("0:") {
          let job = JobKey(queue: queue, id: id)
          guard try await isRoot(job), let time = try await time(of: job, in: suffix) else { continue }
          times[time, default: []].insert(job)
        }
      }
    }
    return times.sorted { $0.key > $1.key }.map(\.value)
  }

  private static let places: [(QueueKey.Suffix, isSorted: Bool)] = [
    (.completed, true), (.failed, true), (.waitingChildren, true), (.delayed, true), (.prioritized, true),
    (.active, false), (.wait, false), (.paused, false),
  ]

  private func queues(prefix: String) async throws -> [QueueKey] {
    try await redis.send(["KEYS", .text("\(prefix):*:meta")]).strings
      .compactMap { QueueKey(metaKey: $0, prefix: prefix) }
  }

  private func isRoot(_ job: JobKey) async throws -> Bool {
    let base = job.description
    let children = ["dependencies", "processed", "failed", "unsuccessful"].map {
      RedisCommand.Argument.text("\(base):\($0)")
    }
    guard try await redis.send(RedisCommand("EXISTS", children)).int ?? 0 > 0 else { return false }
    guard let parent = try await redis.send(["HGET", .text(base), "parentKey"]).string else { return true }
    return try await redis.send(["EXISTS", .text(parent)]).int == 0
  }

  /// When a flow last changed: when it ended, else when it was added.
  private func time(of job: JobKey, in suffix: QueueKey.Suffix) async throws -> Double? {
    switch suffix {
    case .completed, .failed, .waitingChildren:
      try await redis.send(["ZSCORE", .text(job.queue[suffix]), .text(job.id)]).double
    default: try await redis.send(["HGET", .text(job.description), "timestamp"]).double
    }
  }
}
