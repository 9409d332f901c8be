/// Where a job is in its life, by BullMQ's names.
public enum JobState: String, Sendable, Hashable, CaseIterable, Codable {
  /// Ready to run.
  case waiting
  /// Ready to run, by priority.
  case prioritized
  /// Due later.
  case delayed
  /// A parent whose children are not all done.
  case waitingChildren = "waiting-children"
  /// Being processed.
  case active
  /// Done.
  case completed
  /// Failed for good, until somebody retries it.
  case failed
  /// In no list: removed, or not there yet.
  case unknown

  /// Whether it is one that a job ends in: completed or failed.
  public var isFinished: Bool { self == .completed || self == .failed }
}
