/// One step of what mends or ends a flow: what would be done to which job. A plan is made of them, and each is checked
/// again when it is done.
public struct FlowAction: Sendable, Hashable {
  /// What is done.
  public var kind: Kind
  /// The job that it is done to.
  public var job: JobKey
  /// The parent that no longer waits for the job, where that is what is done.
  public var parent: JobKey?
  /// Why.
  public var reason: Reason

  /// Why something is done to a job, or not. Of a dependency that is dropped, what the child must still be then.
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// It does not exist.
    case missing
    /// It failed for good.
    case failed
    /// It has completed.
    case completed
    /// It was named, whatever became of it.
    case any
    /// It waits for nothing.
    case waitsForNothing = "waits-for-nothing"
    /// It failed through a child, or is about to.
    case failedChild = "failed-child"
    /// It has not started.
    case notStarted = "not-started"
    /// A worker is at it.
    case active
    /// It waits for a job that a worker is at.
    case waitsForActive = "waits-for-active"
    /// It has ended.
    case ended
  }

  /// What is done.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A parent waits for the job no longer.
    case dropDependency = "drop-dependency"
    /// A parent that waits for nothing runs.
    case release
    /// A job that failed runs again.
    case retry
    /// A parent that failed through children waits for them again.
    case revive
    /// A job is removed.
    case remove
    /// Nothing: the reason says why.
    case keep
  }

  /// An action from its parts.
  public init(_ kind: Kind, _ job: JobKey, parent: JobKey? = nil, because reason: Reason) {
    self.kind = kind
    self.job = job
    self.parent = parent
    self.reason = reason
  }
}

/// What became of the actions of a plan.
public struct FlowReport: Sendable, Hashable {
  /// Those that were done.
  public var done: [FlowAction] = []
  /// Those that were not, each with the reason.
  public var refused: [Refusal] = []

  /// An action that was not done.
  public struct Refusal: Sendable, Hashable {
    /// The action.
    public var action: FlowAction
    /// What Redis answered.
    public var code: ErrorCode
  }

  /// Nothing done yet.
  public init() {}
}
