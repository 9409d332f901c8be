import PrivateRedis
import Redis

/// Runs a test on a Redis of its own.
public func withRedis(
  options: [String] = [], port: Int? = nil, _ body: (RedisClient, PrivateRedis) async throws -> Void
) async throws {
  let server = try await PrivateRedis.start(port: port, options: options)
  defer { server.stop() }
  let redis = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
  defer { redis.close() }
  try await body(redis, server)
}

/// Waits until a condition holds.
///
/// - Returns: how long that took; `nil` when it did not hold within the limit.
public func eventually(
  within limit: Duration = .seconds(30), isolation: isolated (any Actor)? = #isolation,
  _ condition: () async throws -> Bool
) async throws -> Duration? {
  let clock = ContinuousClock()
  let start = clock.now
  while clock.now - start < limit {
    if try await condition() { return clock.now - start }
    try await Task.sleep(for: .milliseconds(5))
  }
  return nil
}
