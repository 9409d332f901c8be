import QueueClient
import Redis

/// Whether a Redis lets us follow changes by its keyspace channels.
public enum SubscriptionCheck {
  /// Subscribes, on a connection of its own, to channels and patterns like those that a monitor follows.
  ///
  /// - Returns: why that is refused; `nil` where it is not.
  /// - Throws: `RedisError`, where the server cannot be asked.
  public static func refusal(of redis: RedisClient, prefix: String) async throws -> RedisError? {
    var ledger = SubscriptionLedger(database: redis.configuration.endpoint.database, prefix: prefix)
    var wanted = SubscriptionLedger.Wanted()
    wanted.jobs[JobKey(queue: QueueKey(prefix: prefix, name: "bullflow-doctor"), id: "0")] = [.itself, .lock]
    do {
      try await redis.trySubscribing(channels: ledger.follow(wanted).channels, patterns: ledger.patterns)
      return nil
    } catch let error as RedisError where error.isMissingRight {
      return error
    }
  }
}
