/// One thing that a change of a flow does, or does not do, and why: a code each, no words.
public struct FlowStep: Sendable, Hashable {
  /// What is done.
  public enum Action: String, Sendable, CaseIterable {
    /// The parent waits for the job no longer.
    case drop
    /// The parent is given what the completed job returned, and waits for it no longer.
    case record
    /// The job, which waits for nothing any more, is let go to where workers find it.
    case release
    /// The failed job runs again, or waits for its children again.
    case retry
    /// The job was let go too early: it waits for its children again.
    case hold
    /// The job is removed.
    case remove
    /// The job stays, cut loose from a parent that goes.
    case detach
    /// The job is added again, under a new id.
    case add
    /// Something of the job is not taken along.
    case omit
    /// The job is left as it is: the reason says why it cannot be changed.
    case leave
  }

  /// Why.
  public enum Reason: String, Sendable, CaseIterable {
    /// The job is gone, and its parent was not told.
    case missing
    /// It failed for good, and is still waited for.
    case failed
    /// It completed, and is still waited for.
    case completed
    /// It names another parent, and so will never tell this one of its end.
    case otherParent = "other-parent"
    /// It waits, directly or not, for the job that waits for it.
    case circle
    /// It is in no list or set of its queue.
    case lost
    /// It is in waiting-children, and no child is pending.
    case waitsForNothing = "waits-for-nothing"
    /// All it waits for is dropped.
    case nothingLeft = "nothing-left"
    /// It failed because a job below it did.
    case failedThroughChild = "failed-through-child"
    /// A job below it runs again.
    case childRetried = "child-retried"
    /// No worker has had it since it became ready.
    case notStarted = "not-started"
    /// A worker has it.
    case active
    /// Its parent is being worked on.
    case parentActive = "parent-active"
    /// Its parent has completed without it.
    case parentCompleted = "parent-completed"
    /// A job below it has failed and is not retried.
    case failedChild = "failed-child"
    /// It still waits for children.
    case pendingChildren = "pending-children"
    /// It is the next one of a job scheduler.
    case scheduled
    /// It is not in the state any more that was seen.
    case changed
    /// It is in a state in which that cannot be done; the detail names the state.
    case wrongState = "wrong-state"
    /// It can still end, and its parent be told.
    case canBeMet = "can-be-met"
    /// No parent waits for it.
    case notPending = "not-pending"
    /// It is part of the flow.
    case partOfFlow = "part-of-flow"
    /// Its deduplication would keep the new job out.
    case deduplication
    /// Its scheduler would make it again.
    case scheduler
    /// It has the time of its adding among its options.
    case timestamp
    /// It is itself a child: the new flow is nobody's.
    case parent
    /// A key that tells where it stands holds something else than BullMQ keeps there: the detail names it.
    case wrongType = "wrong-type"
    /// Redis refused it.
    case refused
  }

  /// What is done.
  public var action: Action
  /// The job that it is done to.
  public var job: JobKey
  /// The parent whose waiting it is about, where there is one.
  public var parent: JobKey?
  /// Why.
  public var reason: Reason
  /// A value of Redis that goes with the reason: why the job failed, or which child did; as it stands there.
  public var detail: String?

  /// A step from its parts.
  public init(_ action: Action, _ job: JobKey, of parent: JobKey? = nil, _ reason: Reason, detail: String? = nil) {
    self.action = action
    self.job = job
    self.parent = parent
    self.reason = reason
    self.detail = detail
  }

  /// Whether it changes something in Redis.
  public var changesSomething: Bool { action != .leave && action != .omit }

  /// The job that it changes: where a dependency goes, that is the parent, which waits for it no longer.
  public var changedJob: JobKey {
    switch action {
    case .drop, .record, .detach: parent ?? job
    case .release, .retry, .hold, .remove, .add, .omit, .leave: job
    }
  }

  /// The step as one that is not done.
  func refused(_ reason: Reason, detail: String? = nil) -> FlowStep {
    FlowStep(.leave, job, of: parent, reason, detail: detail)
  }
}

extension Sequence<FlowStep> {
  /// The jobs that they change, each once, in the order of the steps.
  public var changedJobs: [JobKey] {
    var seen: Set<JobKey> = []
    return map(\.changedJob).filter { seen.insert($0).inserted }
  }
}
