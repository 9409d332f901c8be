import QueueClient

/// How a queue stands.
public struct QueueStatus: Sendable, Hashable {
  /// The queue.
  public var key: QueueKey
  /// How many jobs are in each state.
  public var counts: [JobState: Int]
  /// Whether it is paused.
  public var isPaused: Bool

  /// A status from its parts.
  public init(key: QueueKey, counts: [JobState: Int] = [:], isPaused: Bool = false) {
    self.key = key
    self.counts = counts
    self.isPaused = isPaused
  }
}
