import QueueClient
import Redis

/// Looks again at jobs that were found.
public struct FoundJobs: Sendable {
  private let reader: JobReader

  /// Looks at the jobs of a Redis.
  public init(redis: RedisClient) { reader = JobReader(redis: redis) }

  /// Jobs as they are now; those that are gone are left out.
  ///
  /// - Throws: `RedisError`.
  public func read(_ keys: [JobKey]) async throws -> [JobKey: FlowJob] { try await reader.read(keys).jobs }

  /// The way from the root of a job's flow down to the job; a job above which nothing exists is its own root.
  ///
  /// - Throws: `RedisError`.
  public func chain(to key: JobKey) async throws -> [JobKey] {
    var chain = [key]
    // Parents may stand in a circle.
    var seen: Set<JobKey> = [key]
    var parent = try await reader.read([key]).jobs[key]?.parentKey
    while let key = parent, chain.count < Self.most, seen.insert(key).inserted {
      guard let job = try await reader.read([key]).jobs[key] else { break }
      chain.insert(key, at: 0)
      parent = job.parentKey
    }
    return chain
  }

  /// Higher than this nobody climbs.
  private static let most = 1000
}
