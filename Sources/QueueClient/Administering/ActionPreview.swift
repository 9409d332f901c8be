import Foundation

/// What an action would change: read from Redis, and not done yet.
public struct ActionPreview: Sendable, Identifiable, Hashable {
  /// Which reading this is.
  public let id = UUID()
  /// The action.
  public var action: JobAction
  /// How many jobs it changes; of a queue's pause, how many wait there.
  public var jobs = 0
  /// Which jobs it changes.
  public internal(set) var changed: [JobKey] = []
  /// In how many queues.
  public var queues = 0
  /// What is not done, and why.
  public var refusals: [FlowStep] = []
  /// Of an action on one job: the job, as it was read.
  public var subject: InspectedJob?
  /// Of a job that goes to its queue: how many jobs are ready to run there.
  public var ahead: Int?
  /// The queue that the work goes to, as it was read; `nil` where it makes no difference.
  public var queue: QueueFacts?
  /// What is done, one after the other.
  var parts: [Part] = []

  /// How a queue stands.
  public struct QueueFacts: Sendable, Hashable {
    /// Which.
    public var key: QueueKey
    /// Whether it is paused.
    public var isPaused: Bool
    /// How many connections of workers there are; `nil` where the server does not say.
    public var workers: Int?
  }

  /// One thing that is done, with what it must still find.
  enum Part: Sendable {
    case retry(JobKey, JobState)
    case promote(JobKey)
    case moveToWait(JobKey)
    case remove(JobKey, JobState)
    case forget(JobKey)
    case removeUnprocessed(JobKey)
    case removeDependency(child: JobKey, parent: JobKey)
    case setPaused(QueueKey, Bool)
    case plan(FlowChangePlan)
  }

  init(_ action: JobAction) { self.action = action }

  /// Whether there is nothing to do.
  public var isEmpty: Bool { parts.isEmpty }

  /// How many steps it takes: for the progress of a long one.
  public var stepCount: Int { parts.count }

  /// Two previews are the same when they come from the same reading.
  public static func == (first: ActionPreview, second: ActionPreview) -> Bool { first.id == second.id }

  /// Goes by the reading, too.
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// What became of an action.
public struct ActionOutcome: Sendable {
  /// How many jobs were changed, as far as they were counted beforehand or by Redis; of a queue, 0.
  public var jobs = 0
  /// What was changed, by its keys, for the record.
  public var subjects: [String] = []
  /// What was not done when it was to be done: the jobs had changed since they were read.
  public var refusals: [FlowStep] = []
  /// What ended it early: a lost connection, a missing right, a cancellation; what was done by then is done.
  public var interruption: (any Error)?
  /// A record of it that could not be kept, in words.
  public var warning: String?
  /// The root of the flow that a clone added.
  public var added: JobKey?

  /// Nothing done yet.
  public init() {}
}
