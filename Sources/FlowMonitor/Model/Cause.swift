import QueueClient

/// One thing that keeps a flow from finishing. Data alone: the words are made by whoever shows it.
public struct Cause: Sendable, Hashable {
  /// What it is.
  public var code: CauseCode
  /// The job that it lies with.
  public var job: JobKey
  /// The way from the flow's root to that job, both included.
  public var chain: [JobKey]
  /// Since when, in milliseconds since 1970; `nil` where nobody knows.
  public var since: Int?
  /// When it ends by itself, in milliseconds since 1970; `nil` where nobody knows, or it never does.
  public var until: Int?
  /// Whether it ends only by somebody's doing. Of what mostly does, some may not: a parent that waits in vain for one child
  /// is released where another fails whose failure lets it go on.
  public var needsPerson: Bool
  /// What it is concluded from.
  public var evidence: Evidence
  /// What helps, the best first.
  public var fixes: [Fix]

  /// What a cause is concluded from.
  public struct Evidence: Sendable, Hashable {
    /// The job's name; empty where it does not exist.
    public var name = ""
    /// Why the job failed, or will.
    public var reason: String?
    /// So many jobs are in the same plight; the first of them is named.
    public var count = 1
    /// Whether all of the job was read, or only where it is.
    public var isRead = true
    /// Whether the parent has failed: it waits again when it is run again.
    public var isParentFailed = false
    /// How many of these jobs are delayed: they wait until they are due, too.
    public var delayed = 0
    /// The parent that waits.
    public var parent: JobKey?
    /// That parent's name.
    public var parentName = ""
    /// A child that is waited for in vain, since it tells another job of its end.
    public var child: JobKey?
    /// How many attempts have ended, and how many there may be.
    public var attempts: Attempts?
    /// The worker that has the job, or had it.
    public var worker: String?
    /// How long the worker's lock still lasts, in milliseconds.
    public var lock: Int?
    /// How many jobs are taken before it.
    public var ahead: Int?
    /// How many jobs of the queue ended in the last minute.
    public var endedLastMinute: Int?
    /// A number that is at its limit: jobs active at once, or in a time.
    public var limit: Int?
    /// Some of the jobs that are active meanwhile.
    public var holders: [JobKey] = []

    /// Whether the job waits in a group of BullMQ Pro, of which nothing else is known.
    public var isInGroup = false

    /// Whether none of these jobs is due yet.
    var areAllDelayed: Bool { delayed > 0 && delayed >= count }

    /// Nothing known.
    public init() {}

    /// How often a job was tried.
    public struct Attempts: Sendable, Hashable {
      /// How many attempts have ended.
      public var made: Int
      /// How many there may be.
      public var most: Int
    }
  }

  /// What helps.
  public enum Fix: Sendable, Hashable {
    /// Runs the failed jobs of a flow again, and then the parents that failed through them.
    case retryFlow(JobKey)
    /// Gives up what can never come, in a whole flow.
    case releaseFlow(JobKey)
    /// Lets a parent go on without a child.
    case removeDependency(child: JobKey, parent: JobKey)
    /// Removes what has not started of a flow.
    case cancelFlow(JobKey)
    /// Lets a paused queue go on.
    case resumeQueue(QueueKey)
    /// Starts a worker of a queue.
    case startWorker(QueueKey)
    /// Lets a delayed job run now.
    case promote(JobKey)
    /// Removes a job.
    case remove(JobKey)
    /// Puts a job that is in no place back.
    case moveToWait(JobKey)
  }

  /// A cause from its parts.
  public init(
    _ code: CauseCode, at job: JobKey, chain: [JobKey], since: Int? = nil, until: Int? = nil,
    evidence: Evidence = Evidence(), fixes: [Fix] = []
  ) {
    self.code = code
    needsPerson = code.needsPerson
    self.job = job
    self.chain = chain
    self.since = since
    self.until = until
    self.evidence = evidence
    self.fixes = fixes
  }
}

extension Cause.Fix {
  /// Whether it cannot be done to a job that is not to be read.
  func needs(_ job: JobKey) -> Bool {
    switch self {
    case .retryFlow, .cancelFlow, .releaseFlow: true
    case .promote(let key), .remove(let key), .moveToWait(let key): key == job
    case .removeDependency, .resumeQueue, .startWorker: false
    }
  }
}

extension Cause {
  /// Whether what it is never ends by itself: a limit that no job fits into is no wait for a turn.
  var isForGood: Bool { code.needsPerson || allowsNone }

  /// Whether it is a limit of 0, or less.
  public var allowsNone: Bool { code == .concurrencyFull && evidence.limit.map { $0 <= 0 } ?? false }

  /// Whether it is a queue's plight, and all its jobs' at once.
  public var isOfQueue: Bool { code.isOfQueue || allowsNone }
}

/// Why a flow is not done: all causes, those that need somebody first.
public struct Explanation: Sendable, Hashable {
  /// The job that was asked about.
  public var job: JobKey
  /// Its state.
  public var state: JobState
  /// The root of its flow.
  public var root: JobKey
  /// Whether the root has completed.
  public var isComplete: Bool
  /// What keeps the flow from finishing.
  public var causes: [Cause]
  /// Keys that hold something else than BullMQ keeps there: nothing was concluded of what belongs to them.
  public var wrongTyped: Set<String> = []

  /// An explanation from its parts.
  public init(job: JobKey, state: JobState, root: JobKey, isComplete: Bool = false, causes: [Cause]) {
    self.job = job
    self.state = state
    self.root = root
    self.isComplete = isComplete
    self.causes = causes
  }

  /// What it comes to.
  public enum Verdict: String, Sendable, Hashable {
    /// It never ends unless somebody does something.
    case stuck
    /// It ends by itself.
    case waits
    /// It has ended.
    case done
  }

  /// What it comes to.
  public var verdict: Verdict {
    if causes.contains(where: { $0.needsPerson }) { return .stuck }
    return isComplete ? .done : .waits
  }
}
