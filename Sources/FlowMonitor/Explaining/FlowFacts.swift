import QueueClient

/// What was found of some flows, for a diagnosis: the jobs that have not ended, and how their queues stand. A value.
struct FlowFacts: Sendable, Equatable {
  /// The roots of the flows.
  var roots: [JobKey]
  /// The jobs that were looked at; children that have ended well are not among them, and of those that are alike only some.
  var jobs: [JobKey: Fact] = [:]
  /// By parent, the children that it waits for.
  var pending: [JobKey: [JobKey]] = [:]
  /// By failed job, the children through which it failed.
  var failedThrough: [JobKey: [JobKey]] = [:]
  /// How the queues of the jobs stand.
  var queues: [QueueKey: QueueFacts] = [:]
  /// Keys that hold something else than BullMQ keeps there: of what belongs to them nothing is concluded.
  var wrongTyped: Set<String> = []
  /// Whether what seemed to be in vain was looked at once more, at one time.
  var isSettled = false
  /// When this was read, in milliseconds since 1970.
  var now = 0

  /// What was found of a job.
  struct Fact: Sendable, Equatable {
    /// Whether there is such a job.
    var exists = true
    /// Where it is.
    var state = JobState.unknown
    /// How many jobs it stands for: of those that just wait for their turn only some are told apart.
    var count = 1
    /// How many lists and sets of its queue it is in.
    var places = 1
    /// How long its lock lasts, in milliseconds; `nil` without one, -1 for one that never ends.
    var lock: Int?
    /// Whether all of it was read, or only where it is.
    var isWhole = false
    var name = ""
    var failedReason: String?
    var deferredFailure: String?
    var attemptsMade = 0
    var attempts = 1
    var timestamp: Int?
    var processedOn: Int?
    var finishedOn: Int?
    /// When a delayed job is due, in milliseconds since 1970.
    var dueOn: Int?
    var worker: String?
    /// The job that it tells of its end.
    var parent: JobKey?
    /// What its failure does to that job.
    var policy: FailurePolicy?
    /// That job, where it does not exist and left something behind that waits for this one.
    var missingParent: JobKey?
    /// It changed its place while it was looked for: nothing is known of it.
    var isMoving = false
    /// Whether it belongs to a group of BullMQ Pro.
    var isGrouped = false
    /// How many children's failure was ignored.
    var ignored = 0
    /// Why one of these failed.
    var ignoredReason: String?
    /// How many jobs are taken before it, where that was found.
    var ahead: Int?

    var tries: Cause.Evidence.Attempts { .init(made: attemptsMade, most: attempts) }
  }
}

extension FlowFacts {
  /// Whether a job's place may be one that could not be read.
  func mayBeUnreadable(_ job: JobKey) -> Bool {
    !wrongTyped.isEmpty && QueueKey.Suffix.placesOfJobs.contains { wrongTyped.contains(job.queue[$0]) }
  }

  /// Whether for which children a job waits could be read.
  func knowsPending(of job: JobKey) -> Bool { wrongTyped.isEmpty || !wrongTyped.contains(job[.dependencies]) }

  /// Whether a job that is in no list may wait in a group of BullMQ Pro.
  func mayWaitInGroup(_ job: JobKey, _ fact: Fact) -> Bool {
    fact.state == .unknown && (fact.isGrouped || queues[job.queue]?.hasGroups == true)
  }
}

/// How a queue stands, for a diagnosis.
struct QueueFacts: Sendable, Equatable {
  var isPaused = false
  /// How many workers are connected; `nil` where that may not be asked.
  var workers: Int?
  /// For how long the worker that was heard of last has slept, in seconds; `nil` where none does.
  var leastIdle: Int?
  /// When the queue's newest event was, in milliseconds since 1970; `nil` where that was not asked, or nobody knows.
  var lastEvent: Int?
  var prioritized = 0
  var delayed = 0
  /// How many jobs may be active at once.
  var concurrency: Int?
  var active = 0
  /// The first of the jobs that are active.
  var activeJobs: [JobKey] = []
  var waiting = 0
  /// Whether what wakes sleeping workers is there.
  var hasMarker = false
  /// Whether it has groups of BullMQ Pro: jobs in these are in none of its lists.
  var hasGroups = false
  /// How long no job may begin, in milliseconds.
  var limitedFor: Int?
  /// How many may begin in the queue's time.
  var limit: Int?
  /// How many jobs ended in the last minute.
  var endedLastMinute = 0
  /// When a worker looks next for active jobs that nobody holds, in milliseconds from now; `nil` where it may at once.
  var stalledCheckIn: Int?

  /// Whether the queue's limit lets no job begin, ever: BullMQ takes one while fewer are active than it says.
  var allowsNone: Bool { concurrency.map { $0 <= 0 } ?? false }

  /// Whether no job of the queue begins unless somebody does something, whatever wakes its workers.
  var takesNone: Bool { isPaused || workers == 0 || allowsNone }

  /// Whether a worker left a trace within its last half minute or so: one that is not connected may be back in a moment.
  var hasTraceOfWorker: Bool { stalledCheckIn != nil || endedLastMinute > 0 }

  /// BullMQ's workers look for such jobs every so many milliseconds, unless they are told otherwise.
  static let stalledInterval = 30_000
}
