import QueueClient

/// The words for the steps of a change of a flow, for commands and panels alike. They quote what stands in Redis, and
/// are to be cleaned before they reach a terminal.
public enum FlowWords {
  /// A step in a line.
  public static func line(_ step: FlowStep) -> String {
    let job = step.job.description
    let parent = step.parent.map { " of \($0)" } ?? ""
    let action =
      switch step.action {
      case .drop: "drop \(job)\(parent)"
      case .record: "record \(job)\(parent)"
      case .release: "release \(job)"
      case .retry: "retry \(job)"
      case .hold: "hold \(job)"
      case .remove: "remove \(job)"
      case .detach: "detach \(job)\(parent)"
      case .add: "add \(job) again"
      case .omit: "leave out \(job)"
      case .leave: "\(job) is left"
      }
    if step.action == .add { return action }
    return "\(action): \(reason(step))"
  }

  /// A step that is refused, for a narrow place: the reason first, then which job.
  static func refusal(_ step: FlowStep) -> String {
    "\(reason(step)) (\(step.job.queue.name)/\(JobName.shortened(step.job.id)))"
  }

  /// Why a step is taken, or is not.
  public static func reason(_ step: FlowStep) -> String {
    func detail(_ before: String) -> String { step.detail.map { before + $0 } ?? "" }
    return switch step.reason {
    case .missing: "it is gone"
    case .failed: "it failed" + detail(": ")
    case .completed: "it completed, and is still waited for"
    case .otherParent: "it will tell another parent of its end, not this one" + detail(": ")
    case .circle: "it waits for the job that waits for it" + (step.action == .leave ? "; name it with --only" : "")
    case .lost: "it is in no list or set of its queue" + (step.action == .leave ? "; name it with --only" : "")
    case .waitsForNothing: "it waits for children, and none is pending"
    case .nothingLeft: "it waits for nothing else"
    case .failedThroughChild: "it failed through a child" + detail(": ")
    case .childRetried: "a child of it is retried, and it waits for that again"
    case .notStarted: "it has not started"
    case .active: step.detail.map { "a worker has \($0) below it" } ?? "a worker has it"
    case .parentActive: "a worker has its parent, which went on without it"
    case .parentCompleted: "its parent has completed without it"
    case .failedChild: "a job below it failed and is not retried" + detail(": ")
    case .pendingChildren: "it still waits for children"
    case .scheduled: "it is the next one of a job scheduler"
    case .changed: "it has changed meanwhile"
    case .wrongState: "it is" + detail(" ")
    case .canBeMet: "it can still end, and then it is waited for no longer"
    case .notPending: "nobody of the flow waits for it"
    case .partOfFlow: "it is in the flow already"
    case .deduplication: "its deduplication, which would keep the new job out"
    case .scheduler: "its scheduler, which makes jobs of its own"
    case .timestamp: "the time of its adding, which is now"
    case .parent: "its own parent: the new flow is nobody's child"
    case .wrongType: "a key holds something else than BullMQ keeps there" + detail(": ")
    case .refused: "Redis refused it" + detail(": ")
    }
  }

  /// What a plan does, counted, in a sentence.
  public static func summary(_ plan: FlowChangePlan) -> String {
    let counts = FlowStep.Action.allCases.compactMap { action -> String? in
      let count = plan.changes.count { $0.action == action }
      return count == 0 ? nil : "\(action.rawValue) \(count)"
    }
    return "\(plan.job): \(counts.joined(separator: ", "))."
  }

  /// Why a plan has nothing to do.
  public static func nothingToDo(_ plan: FlowChangePlan) -> String {
    let refusals = plan.refusals
    if let first = refusals.first {
      let more = refusals.count > 1 ? " (and \(refusals.count - 1) more)" : ""
      return line(first) + more
    }
    return switch plan.verb {
    case .release: "nothing from \(plan.job) down waits for what cannot come"
    case .retry: "nothing from \(plan.job) down has failed"
    case .cancel: "nothing from \(plan.job) down is still to start"
    case .clone: "there is nothing to add"
    }
  }
}
