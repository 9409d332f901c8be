/// The fields of a job's hash.
public enum JobField: String, Sendable, CaseIterable {
  case name, data, opts, timestamp, delay, priority, processedOn, finishedOn, returnvalue, failedReason, stacktrace
  case progress, parentKey
  /// The parent's id and queue, and what a failure does to it, as JSON.
  case parent
  /// How often a worker took it.
  case attemptsStarted = "ats"
  /// How many attempts have ended.
  case attemptsMade = "atm"
  /// The same, as BullMQ wrote it up to version 4.
  case formerAttemptsMade = "attemptsMade"
  /// How often it stalled.
  case stalledCounter = "stc"
  /// The worker's name.
  case processedBy = "pb"
  /// A failure decided elsewhere.
  case deferredFailure = "defa"
  /// The id that keeps others like it out.
  case deduplicationID = "deid"
  /// The job scheduler that made it.
  case repeatJobKey = "rjk"
  /// The job that its scheduler made next.
  case nextRepeatableJobID = "nrjid"
  /// The group of BullMQ Pro that it belongs to.
  case groupID = "gid"
}

/// The fields of a queue's settings.
public enum MetaField: String, Sendable, CaseIterable {
  case maxLenEvents = "opts.maxLenEvents"
  case paused, concurrency, max, duration, version
}

/// The options that are stored under a short name.
public enum ShortOption: String, Sendable, CaseIterable {
  case deduplication = "de"
  case keepLogs = "kl"
  case omitContext = "omc"
  case telemetry = "tm"
  case failParentOnFailure = "fpof"
  case continueParentOnFailure = "cpof"
  case ignoreDependencyOnFailure = "idof"
  case removeDependencyOnFailure = "rdof"

  /// The name in the API.
  public var longName: String { "\(self)" }
}

/// The names of events in a queue's stream.
public enum EventName: String, Sendable, CaseIterable {
  case added, waiting, active, progress, completed, failed, delayed, duplicated, deduplicated, removed, stalled
  case paused, resumed, drained, cleaned
  case waitingChildren = "waiting-children"
  case retriesExhausted = "retries-exhausted"
}

/// What scripts answer instead of doing what they were asked for.
public enum ErrorCode: Int, Sendable, CaseIterable {
  case missingJob = -1
  case missingLock = -2
  case notInState = -3
  case pendingChildren = -4
  case missingParent = -5
  case foreignLock = -6
  case parentCannotBeReplaced = -7
  case scheduledJob = -8
  case failedChildren = -9
  case circular = -10
  case lostJobs = -11
  case wrongKind = -12
  case parentActive = -13
  case parentCompleted = -14
  case scriptError = -15
}
