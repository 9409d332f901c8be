/// The fields of an entry of a queue's event stream, beside those that some event alone has.
public enum EventField: String, Sendable, CaseIterable {
  case event, delay, name, data, returnvalue, failedReason, attemptsMade, count
  case jobID = "jobId"
  /// The state that the job came from.
  case previous = "prev"
  case deduplicationID = "deduplicationId"
  /// The job that was not added, or was replaced.
  case deduplicatedJobID = "deduplicatedJobId"
}

extension [String: String] {
  /// A field of an entry of an event stream.
  public subscript(_ field: EventField) -> String? { self[field.rawValue] }
}

/// The fields of a job scheduler's hash.
enum SchedulerField: String, CaseIterable {
  case name, data, offset, pattern, every, tz, limit, endDate
  /// How many jobs it has made.
  case iterationCount = "ic"
}

/// The fields of the hash that counts a queue's completed or failed jobs.
enum MetricsField: String, CaseIterable {
  case count
  /// The minute that the newest point is of.
  case previousTime = "prevTS"
  /// What had been counted by then.
  case previousCount = "prevCount"
}

/// The fields of the job that is added when the one that keeps it out has ended, beside those that a job has, too.
enum NextField: String, CaseIterable {
  case jobID = "jid"
  case parentKey = "pk"
  case parent = "pd"
  /// The key of the parent's pending children.
  case parentDependencies = "pdk"
}

/// Texts that are stored as they are.
enum StoredText: String, CaseIterable {
  /// What the ids of a scheduler's jobs begin with.
  case scheduledID = "repeat:"
  /// Why a job failed that stalled too often.
  case stalledTooOften = "job stalled more than allowable limit"
}

/// How an attempt has ended, as scripts are told.
enum OutcomeName: String, CaseIterable {
  case completed, failed, retry
}
