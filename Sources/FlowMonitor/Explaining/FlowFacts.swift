import QueueClient

/// What was found of one flow, for a diagnosis: the jobs that have not ended, and how their queues stand. A value.
struct FlowFacts: Sendable, Equatable {
  /// The root of the flow.
  var root: JobKey
  /// The jobs that were looked at; children that have ended well are not among them.
  var jobs: [JobKey: Fact] = [:]
  /// What was read of some of them.
  var details: [JobKey: Detail] = [:]
  /// The job that the root counts for, where that does not exist.
  var missingParent: JobKey?
  /// By parent, the children that it waits for.
  var pending: [JobKey: [JobKey]] = [:]
  /// By failed job, the child through which it failed.
  var failedThrough: [JobKey: JobKey] = [:]
  /// How the queues of the jobs stand.
  var queues: [QueueKey: QueueFacts] = [:]
  /// When this was read, in milliseconds since 1970.
  var now = 0

  /// Where a job is.
  struct Fact: Sendable, Equatable {
    /// Whether there is such a job.
    var exists = true
    /// Its state.
    var state = JobState.unknown
    /// How many lists and sets of its queue it is in.
    var places = 1
    /// Whether a worker holds it, as far as it is in no sorted set.
    var isLocked = false
    /// How many jobs are taken before it, where that was found.
    var ahead: Int?
  }

  /// What was read of a job. Of very many that are alike, only some are read.
  struct Detail: Sendable, Equatable {
    var name = ""
    /// How long its lock lasts, in milliseconds; `nil` without one, -1 for one that never ends.
    var lock: Int?
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
    /// How many children's failure was ignored.
    var ignored = 0

    var tries: Cause.Evidence.Attempts { .init(made: attemptsMade, most: attempts) }
  }
}

/// How a queue stands, for a diagnosis.
struct QueueFacts: Sendable, Equatable {
  var isPaused = false
  /// How many workers are connected; `nil` where that may not be asked.
  var workers: Int?
  /// For how long the worker that was heard of last has slept, in seconds; `nil` where none does.
  var leastIdle: Int?
  /// How many jobs may be active at once.
  var concurrency: Int?
  var active = 0
  var waiting = 0
  /// Whether what wakes sleeping workers is there.
  var hasMarker = false
  /// How long no job may begin, in milliseconds.
  var limitedFor: Int?
  /// How many may begin in the queue's time.
  var limit: Int?
  /// How many jobs ended in the last minute.
  var endedLastMinute = 0
}
