/// Why something cannot be done with a job; nothing was changed.
public enum JobError: Error, Sendable, Hashable, CustomStringConvertible {
  /// There is no such job.
  case missing(JobKey)
  /// The job's parent does not exist.
  case missingParent(of: JobKey)
  /// The job is not in the state that this takes.
  case notInState(JobKey, JobState)
  /// A worker has a job in hand, the job itself or one below it.
  case locked(String, removing: JobKey)
  /// No worker, or another one, has the job in hand.
  case notInHand(JobKey)
  /// Children have failed whose failure fails the job.
  case failedChildren(of: JobKey)
  /// The job is the next one of a job scheduler, which alone may remove it.
  case scheduled(JobKey)
  /// What was given cannot be.
  case invalid(JobKey, reason: String)
  /// The job failed, while somebody waited for its result.
  case failed(JobKey, reason: String)
  /// The job did not end in time.
  case notFinished(JobKey, after: Duration)

  /// One line: which job, and why.
  public var description: String {
    switch self {
    case .missing(let key): "there is no job \(key)"
    case .missingParent(let key): "the parent of job \(key) does not exist"
    case .notInState(let key, .unknown):
      "job \(key) is not lost: it is in a list or set of its queue, or a worker holds it"
    case .notInState(let key, let state): "job \(key) is not \(state.rawValue)"
    case .locked(let holder, let key):
      holder == key.description
        ? "job \(key) is locked: a worker has it in hand"
        : "job \(key) cannot be removed: \(holder) below it is locked, a worker has it in hand"
    case .notInHand(let key): "job \(key) is not in this worker's hands"
    case .failedChildren(let key): "job \(key) cannot complete: it has failed children"
    case .scheduled(let key): "job \(key) is the next one of a job scheduler; remove the scheduler"
    case .invalid(let key, let reason): "job \(key): \(reason)"
    case .failed(let key, let reason): "job \(key) failed: \(reason)"
    case .notFinished(let key, let limit): "job \(key) did not end within \(limit)"
    }
  }
}
