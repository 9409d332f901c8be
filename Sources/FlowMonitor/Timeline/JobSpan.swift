import QueueClient

/// A stretch of a job's life, in milliseconds since 1970.
public struct JobSpan: Sendable, Hashable {
  /// What the job did.
  public var kind: Kind
  /// When that began.
  public var start: Int
  /// When it was over; `nil` while it lasts.
  public var end: Int?
  /// Which attempt it was, from 1 on, where that is known.
  public var attempt: Int?
  /// Whether the attempt failed, or came to nothing.
  public var isFailure = false
  /// Why the job could not go on.
  public var block: Block?
  /// What it was that Redis does not tell in more detail.
  public var gap: Gap?

  /// What a job does for a while.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// It waits for its children.
    case waitingChildren = "waiting-children"
    /// It waits in its queue for a worker.
    case waiting
    /// It was told to wait.
    case delayed
    /// It waits between two attempts.
    case backoff
    /// A worker runs it.
    case active
    /// It cannot go on unless something else changes.
    case blocked
    /// It has ended, and is retried or waited for again later.
    case ended
    /// Something of these; Redis does not tell what.
    case unknown
  }

  /// Why a job cannot go on.
  public enum Block: Sendable, Hashable {
    /// Its queue is, or was, paused.
    case pausedQueue
    /// A child has failed, and nothing says what that means for its parent.
    case failedChild(JobKey)
    /// A child is gone, and is waited for.
    case missingChild(JobKey)
    /// It is active, and no worker holds its lock.
    case noLock
  }

  /// What a stretch holds of which Redis keeps no times.
  public enum Gap: Sendable, Hashable {
    /// So many earlier attempts, and what lay between them.
    case earlierAttempts(Int)
    /// It ran before it had children.
    case runBeforeChildren
    /// The children were waited for, and the queue; some of them are gone or were not looked at.
    case missingChildren
    /// A worker took it and lost it; when is not known.
    case lostAttempt
    /// Nothing else is known.
    case nothing
  }

  /// A span from its parts.
  public init(_ kind: Kind, from start: Int, to end: Int?) {
    (self.kind, self.start, self.end) = (kind, start, end)
  }

  /// How long it lasted, or has lasted, in milliseconds; never negative.
  public func duration(at now: Int) -> Int { max(0, (end ?? now).subtractingClamped(start)) }
}

extension Int {
  /// The difference, kept within what an `Int` can hold.
  public func subtractingClamped(_ other: Int) -> Int {
    let (difference, isOver) = subtractingReportingOverflow(other)
    return isOver ? (other > 0 ? .min : .max) : difference
  }
}
