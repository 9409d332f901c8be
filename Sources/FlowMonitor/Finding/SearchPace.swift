import Redis

/// How fast a search may go: which part of Redis's time it takes at the most.
struct SearchPace: Sendable {
  /// How long the way to Redis and back takes, which costs it nothing.
  private var way: Duration?
  /// So many times as long as a step takes Redis, it rests behind it.
  private let rests: Int
  /// How long to rest before the next step.
  private(set) var rest = Duration.zero

  /// A pace with rests so many times as long as the steps.
  init(rests: Int) { self.rests = rests }

  /// Measures the way.
  mutating func measure(_ redis: RedisClient) async throws {
    for _ in 0..<3 {
      let start = ContinuousClock.now
      _ = try await redis.rawReplies(to: [["PING"]])
      let took = ContinuousClock.now - start
      way = min(way ?? took, took)
    }
  }

  /// Takes note of a step.
  mutating func took(_ duration: Duration) {
    rest = max(.microseconds(200), duration - (way ?? .zero)) * rests
  }

  /// Rests, now that a step is done.
  func wait() async throws {
    if rest > .zero { try await Task.sleep(for: rest) }
  }
}
