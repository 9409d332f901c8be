import QueueClient

/// What was read of a flow for its timeline. A value, bounded whatever the flow holds.
public struct TimelineFacts: Sendable, Equatable {
  /// The job on top.
  public var root: JobKey
  /// The job that was asked about, somewhere in the flow.
  public var job: JobKey
  /// When this was read, by the server's clock, in milliseconds since 1970.
  public var now: Int
  /// The jobs that were looked at and exist.
  public var jobs: [JobKey: TimedJob] = [:]
  /// The jobs that a parent names and that do not exist.
  public var gone: Set<JobKey> = []
  /// The children of the jobs that were gone into.
  public var families: [JobKey: TimedFamily] = [:]
  /// The queues that are paused.
  public var pausedQueues: Set<QueueKey> = []
  /// What the event streams of queues still tell.
  public var history = FlowHistory()
  /// How long such steps took in earlier flows.
  public var earlier = EarlierFlows()
  /// Whether there are more jobs than are looked at.
  public var isCut = false

  /// Facts of which nothing is known yet.
  public init(root: JobKey, job: JobKey? = nil, now: Int) {
    (self.root, self.job, self.now) = (root, job ?? root, now)
  }

  /// Whether the flow has come to its end.
  public var isFinished: Bool { jobs[root]?.job.isFinished ?? true }
}

/// A job with everything that tells when it did what.
public struct TimedJob: Sendable, Hashable {
  /// The job.
  public var job: FlowJob
  /// How often a worker took it.
  public var attemptsStarted = 0
  /// How often it stalled.
  public var stalledCounter = 0
  /// How long it waits now, where it is delayed, in milliseconds.
  public var delay = 0
  /// How long it was told to wait before its first attempt, in milliseconds.
  public var initialDelay = 0
  /// Since when it waits for children, in milliseconds since 1970.
  public var waitingSince: Int?

  /// A job without these.
  public init(_ job: FlowJob) { self.job = job }

  /// How long its last attempt took, in milliseconds; `nil` where it has not ended.
  public var runTime: Int? {
    guard job.isFinished, let start = job.processedOn, let end = job.finishedOn else { return nil }
    return max(0, end.subtractingClamped(start))
  }
}

/// The children of a job, as far as they were looked at.
public struct TimedFamily: Sendable, Hashable {
  /// How many there are of each kind.
  public var counts = DependenciesCount()
  /// Those that were looked at, in a steady order.
  public var children: [Family.Child] = []
  /// Whether there are so many that they are shown as groups.
  public var isWide = false

  /// A family of nobody.
  public init() {}

  /// How many were not looked at.
  public var unread: Int { max(0, counts.total.subtractingClamped(children.count)) }
}

/// How long steps took in flows of the same root name that had completed before one began.
public struct EarlierFlows: Sendable, Hashable {
  /// How many flows were looked at.
  public var flows = 0
  /// The median of how long these took from the beginning to the end, in milliseconds.
  public var total: Int?
  /// How long steps ran.
  public var steps: [Step: Usual] = [:]

  /// None.
  public init() {}

  /// Jobs of one name in one queue.
  public struct Step: Sendable, Hashable {
    /// The queue.
    public var queue: QueueKey
    /// The jobs' name.
    public var name: String

    /// A step from its parts.
    public init(queue: QueueKey, name: String) { (self.queue, self.name) = (queue, name) }
  }

  /// What is usual.
  public struct Usual: Sendable, Hashable {
    /// The median, in milliseconds.
    public var median: Int
    /// Of so many jobs.
    public var count: Int

    /// The median of some durations; `nil` of none.
    public init?(_ durations: [Int]) {
      guard !durations.isEmpty else { return nil }
      let sorted = durations.sorted()
      let middle = sorted.count / 2
      let (high, low) = (sorted[middle], sorted[sorted.count.isMultiple(of: 2) ? middle - 1 : middle])
      median = low.addingClamped(high.subtractingClamped(low) / 2)
      count = sorted.count
    }
  }

  /// What is usual for a job.
  public func usual(for job: FlowJob) -> Usual? { steps[Step(queue: job.key.queue, name: job.name)] }
}
