import QueueClient

/// What a source says has changed in Redis.
public enum Change: Sendable, Hashable {
  /// Something of a job.
  case job(JobKey, Part)
  /// Flows of a queue came, went or ended.
  case flows(QueueKey)
  /// A queue's settings: it was made, paused, resumed, or removed.
  case settings(QueueKey)

  /// What of a job has changed.
  public enum Part: Sendable, Hashable {
    /// Its hash or its lock.
    case itself
    /// What it holds about its children.
    case children
  }
}
