import QueueClient
import Redis

/// The search for parents that are in no place: whoever has no parent himself is met nowhere else. They are found by what
/// they keep of their children, some hundred at a time.
struct LostParentSearch: Sendable {
  private let redis: RedisClient
  private let prefix: String
  private let survey: JobSurvey

  /// A search among the keys of a prefix.
  init(redis: RedisClient, prefix: String) {
    self.redis = redis
    self.prefix = prefix
    survey = JobSurvey(connection: redis)
  }

  /// About so many keys a step looks at.
  private static let keys = 1000

  /// One bounded step.
  ///
  /// - Parameters:
  ///   - cursor: where it begins.
  ///   - lists: what the lists of queues hold.
  /// - Returns: parents that may be lost, and where the next step begins; `nil` at the end.
  /// - Throws: `RedisError`.
  func step(
    from cursor: String, lists: ListBook, at time: ContinuousClock.Instant
  ) async throws -> (parents: [JobKey], next: String?) {
    // What begins like one of the two; which of them a key is, its name says.
    let pattern = RedisPattern.literal(prefix) + ":*:[dp]*"
    let step = try await redis.scan(pattern, from: cursor, count: Self.keys)
    let parents = Set(
      step.keys.compactMap { key -> JobKey? in
        guard case .job(let job, let suffix?)? = StoredKey(key, prefix: prefix),
          suffix == .dependencies || suffix == .processed
        else { return nil }
        return job
      }
    ).sorted()
    var lost: [JobKey] = []
    for (job, sight) in zip(parents, try await survey.look(at: parents).sights) where sight.exists && sight.places == 0
    {
      if try await lists.misses(job, at: time) { lost.append(job) }
    }
    return (lost, step.next)
  }
}
