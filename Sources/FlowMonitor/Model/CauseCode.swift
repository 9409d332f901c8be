/// What keeps a flow from finishing: the words that scripts and tables call it by. What people read stands elsewhere.
public enum CauseCode: String, Sendable, Hashable, CaseIterable {
  // MARK: These need a person

  /// A child failed for good, and its parent still waits for it.
  case failedChild = "failed-child"
  /// A child that a parent waits for does not exist.
  case missingChild = "missing-child"
  /// A child has completed, and its parent still waits for it.
  case completedStillPending = "completed-still-pending"
  /// A parent waits for children, and there is none to wait for.
  case waitsForNothing = "waits-for-nothing"
  /// The root of the flow failed.
  case failed
  /// A job waits for one above it.
  case circle
  /// The job that this one counts for does not exist.
  case missingParent = "missing-parent"
  /// A job exists and is in no list of its queue.
  case lostJob = "lost-job"
  /// A job is in two lists of its queue.
  case twoPlaces = "two-places"
  /// A job is active, no worker holds its lock, and none is connected that would put it back.
  case stalled
  /// Jobs wait in a queue that is paused.
  case queuePaused = "queue-paused"
  /// Jobs wait in a queue that no worker is connected to.
  case noWorker = "no-worker"
  /// Jobs wait, and what wakes the workers, who sleep, is gone.
  case lostMarker = "lost-marker"

  // MARK: These end by themselves

  /// The queue's rate limit is used up for now.
  case rateLimited = "rate-limited"
  /// As many jobs of the queue are active as may be.
  case concurrencyFull = "concurrency-full"
  /// Jobs wait for their turn.
  case backlog
  /// A job waits until it is due.
  case delayed
  /// A job failed and waits for its next attempt.
  case retrying
  /// A worker is at it.
  case active
  /// A failure was decided elsewhere; the next worker that takes the job fails it.
  case deferredFailure = "deferred-failure"
  /// Children failed, and their failure is ignored.
  case ignoredFailures = "ignored-failures"

  /// Whether it ends only by somebody's doing.
  public var needsPerson: Bool {
    switch self {
    case .failedChild, .missingChild, .completedStillPending, .waitsForNothing, .failed, .circle, .missingParent,
      .lostJob, .twoPlaces, .stalled, .noWorker, .queuePaused, .lostMarker:
      true
    case .backlog, .delayed, .retrying, .rateLimited, .concurrencyFull, .active, .deferredFailure, .ignoredFailures:
      false
    }
  }

  /// Whether it holds although its parts were read at different times: else it counts only if it stands a while.
  public var isCertain: Bool {
    switch self {
    case .missingChild, .completedStillPending, .waitsForNothing, .failedChild, .lostJob, .twoPlaces, .stalled,
      .noWorker, .lostMarker, .missingParent, .circle:
      false
    default: true
    }
  }
}
