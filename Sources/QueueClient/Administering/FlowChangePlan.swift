/// What can be done with a whole flow.
public enum FlowVerb: String, Sendable, CaseIterable {
  /// Drops what can never be met, and lets go who then waits for nothing.
  case release
  /// Runs all failed jobs again, and those that failed through them.
  case retry
  /// Removes what has not started.
  case cancel
  /// Adds the flow again.
  case clone

  /// Whether it can be taken back.
  public var canBeUndone: Bool { self == .retry || self == .clone }
}

/// What a change of a flow would do: read, and not done yet.
public struct FlowChangePlan: Sendable {
  /// Which change.
  public var verb: FlowVerb
  /// The job that was named.
  public var job: JobKey
  /// What is done, in order; what is left as it is stands among it, with the reason.
  public var steps: [FlowStep]
  /// The flow that a clone adds.
  var flow: FlowNode?
  /// What a step needs to know beyond itself.
  var notes = Notes()

  /// What steps need to know.
  struct Notes: Sendable {
    /// The states that jobs were seen in.
    var states: [JobKey: JobState] = [:]
    /// The jobs that go, of a cancellation.
    var going: Set<JobKey> = []
    /// The jobs of the circle that a step breaks, from the child that is dropped down to its parent.
    var circles: [FlowStep: [JobKey]] = [:]
    /// The jobs that go to the front of their queue.
    var lifo: Set<JobKey> = []
  }

  /// What is done, without what is left.
  public var changes: [FlowStep] { steps.filter(\.changesSomething) }

  /// What is left as it is, and why.
  public var refusals: [FlowStep] { steps.filter { $0.action == .leave } }

  /// Whether there is nothing to do.
  public var isEmpty: Bool { !steps.contains(where: \.changesSomething) }
}

/// What became of a change of a flow.
public struct FlowChangeOutcome: Sendable {
  /// What was done.
  public var done: [FlowStep] = []
  /// What was refused when it was to be done, each with the reason: the jobs had changed since they were read.
  public var refused: [FlowStep] = []
  /// The flow that a clone added.
  public var added: JobNode?
}
