/// A failure that no further attempt can mend.
public struct UnrecoverableError: Error, Sendable, CustomStringConvertible {
  /// The reason.
  public let description: String

  /// An unrecoverable failure with its reason.
  public init(_ reason: String) { description = reason }
}

/// What a processor throws when its job has left its hands without an end.
///
/// ```swift
/// if try await job.moveToWaitingChildren() { throw JobMoved.toWaitingChildren }
/// ```
public enum JobMoved: Error, Sendable, Hashable {
  /// The job waits for children, after `Job.moveToWaitingChildren()` (BullMQ's `WaitingChildrenError`).
  case toWaitingChildren
  /// The job is due later, after `Job.moveToDelayed(until:)` (BullMQ's `DelayedError`).
  case toDelayed
  /// The job is ready again, after `Job.moveToWait()` (BullMQ's `WaitingError`).
  case toWait
}

/// What a processor throws when the job shall be put back, since the queue is rate limited now, as by
/// `Queue.rateLimit(_:)` (BullMQ's `RateLimitError`). It costs the job no attempt.
public struct RateLimitError: Error, Sendable {
  /// The queue is rate limited.
  public init() {}
}
