import QueueClient

/// How a queue stands.
public struct QueueStatus: Sendable, Hashable {
  /// The queue.
  public var key: QueueKey
  /// How many jobs are in each state.
  public var counts: [JobState: Int]
  /// Whether it is paused.
  public var isPaused: Bool
  /// How many of its jobs may be active at once, everywhere; `nil` for any number.
  public var concurrency: Int?
  /// How many of its jobs may begin in a time; `nil` for any number.
  public var limit: Limit?

  /// A rate limit.
  public struct Limit: Sendable, Hashable {
    /// So many jobs.
    public var jobs: Int
    /// In so many milliseconds.
    public var milliseconds: Int
  }

  /// A status from its parts.
  public init(key: QueueKey, counts: [JobState: Int] = [:], isPaused: Bool = false) {
    self.key = key
    self.counts = counts
    self.isPaused = isPaused
  }
}
