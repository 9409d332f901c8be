/// What a person at a screen does with one job, with several, or with a queue: which verb, and to what. Data alone.
public struct JobAction: Sendable, Hashable {
  /// What is done.
  public enum Verb: String, Sendable, CaseIterable {
    /// Runs a job that has ended again.
    case retry
    /// Lets a delayed job run now.
    case promote
    /// Puts a job that is in no list of its queue back.
    case moveToWait = "move-to-wait"
    /// Removes a job and all below it.
    case remove
    /// Removes the children that a job still waits for.
    case removeUnprocessed = "remove-unprocessed"
    /// Lets a parent wait for a child no longer.
    case removeDependency = "remove-dependency"
    /// Runs all failed jobs of a flow again.
    case retryFlow = "retry-flow"
    /// Drops what can never be met.
    case releaseFlow = "release-flow"
    /// Removes what has not started of a flow.
    case cancelFlow = "cancel-flow"
    /// Adds a flow again.
    case cloneFlow = "clone-flow"
    /// Pauses a queue.
    case pause
    /// Lets a paused queue go on.
    case resume

    /// The change of a whole flow that it is; `nil` for the others.
    public var flowVerb: FlowVerb? {
      switch self {
      case .retryFlow: .retry
      case .releaseFlow: .release
      case .cancelFlow: .cancel
      case .cloneFlow: .clone
      case .retry, .promote, .moveToWait, .remove, .removeUnprocessed, .removeDependency, .pause, .resume: nil
      }
    }
  }

  /// What it is done to.
  public enum Target: Sendable, Hashable {
    /// A job, or the flow from that job down.
    case job(JobKey)
    /// A child, and the parent that is to wait for it no longer.
    case dependency(child: JobKey, parent: JobKey)
    /// A queue.
    case queue(QueueKey)

    /// The queue in which it is.
    public var queue: QueueKey {
      switch self {
      case .job(let key), .dependency(let key, _): key.queue
      case .queue(let key): key
      }
    }

    /// Its key in Redis: a job's, a child's, a queue's.
    public var key: String {
      switch self {
      case .job(let key), .dependency(let key, _): key.description
      case .queue(let key): key.description
      }
    }
  }

  /// What is done.
  public var verb: Verb
  /// To what, in order; never twice the same.
  public var targets: [Target]

  /// An action.
  public init(_ verb: Verb, _ targets: [Target]) {
    self.verb = verb
    var seen: Set<Target> = []
    self.targets = targets.filter { seen.insert($0).inserted }
  }
}
