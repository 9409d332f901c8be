import QueueClient
import Redis

/// Which ids the long lists of queues hold, as they were a while ago: whoever is in none may be lost.
actor ListBook {
  private let reader: ListReader
  /// By queue, the ids; `nil` where the lists are too long to be looked through.
  private var ids: [QueueKey: Set<String>?] = [:]
  private var readAt: ContinuousClock.Instant?

  /// So long lists count as they were read.
  private static let age = Duration.seconds(5)

  init(redis: RedisClient) { reader = ListReader(redis: redis) }

  /// Whether a job may be in no list of its queue.
  ///
  /// - Throws: `RedisError`.
  func misses(_ job: JobKey, at now: ContinuousClock.Instant) async throws -> Bool {
    if let readAt, now - readAt > Self.age { ids = [:] }
    if ids.isEmpty { readAt = now }
    if ids[job.queue] == nil { ids[job.queue] = .some(try await reader.ids(of: job.queue)) }
    guard let known = ids[job.queue] ?? nil else { return false }
    return !known.contains(job.id)
  }
}
