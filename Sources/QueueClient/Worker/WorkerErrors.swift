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

/// What a processor throws when it could not even begin, for a reason that does not lie in the job: its program is gone,
/// there is no memory. It is a failed attempt like any other, but never the job's last: that one is put back, and costs
/// nothing.
///
/// Whoever throws it rests before: the worker takes the next job at once.
public struct NotStartedError: Error, Sendable, CustomStringConvertible {
  /// The reason.
  public let description: String

  /// Why the processor could not begin.
  public init(_ reason: String) { description = reason }
}
