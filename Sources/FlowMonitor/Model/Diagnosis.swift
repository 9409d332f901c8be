import QueueClient

/// Why a job is not done, as far as the jobs read so far can tell.
public enum Diagnosis: Sendable, Hashable {
  /// Nothing is wrong.
  case fine
  /// It failed.
  case failed(reason: String)
  /// A child failed for good and nothing says what that means for the parent: it would wait for ever.
  case blockedByFailedChild(JobKey, reason: String)
  /// It is active, but no worker holds it.
  case withoutLock
  /// A child has vanished although its parent still counts on it.
  case missingChild(JobKey)
  /// Its queue is paused.
  case queuePaused

  /// Looks at a job and the jobs below it.
  public init(of key: JobKey, in forest: FlowForest) {
    guard let job = forest.jobs[key] else {
      self = .fine
      return
    }
    self = Self.find(job, in: forest, depth: 0)
  }

  /// Whether it ends only by somebody's doing.
  public var needsAPerson: Bool {
    switch self {
    case .fine, .queuePaused: false
    case .failed, .blockedByFailedChild, .withoutLock, .missingChild: true
    }
  }

  /// The trouble in one line, with the mend.
  public var words: String {
    switch self {
    case .fine: "nothing seems wrong"
    case .failed(let reason): "failed: \(reason)"
    case .blockedByFailedChild(let child, let reason):
      "waits for \(child), which failed (\(reason)) and has no failure policy; retry or remove that child"
    case .withoutLock: "active, but no worker holds its lock; is a worker of its queue running?"
    case .missingChild(let child): "waits for \(child), which does not exist any more; remove that dependency"
    case .queuePaused: "its queue is paused; resume it"
    }
  }

  private static let depthLimit = 64

  private static func find(_ job: FlowJob, in forest: FlowForest, depth: Int) -> Diagnosis {
    switch job.state {
    case .failed:
      return .failed(reason: job.failedReason ?? "no reason given")
    case .active where job.isWithoutLock:
      return .withoutLock
    case .waitingChildren where depth < depthLimit:
      for child in job.children where child.kind == .unprocessed {
        guard let below = forest.jobs[child.key] else { continue }
        if below.state == .failed, below.failurePolicy == nil {
          return .blockedByFailedChild(child.key, reason: below.failedReason ?? "no reason given")
        }
        if below.state == .unknown { return .missingChild(child.key) }
        let deeper = find(below, in: forest, depth: depth + 1)
        if deeper.needsAPerson, below.state != .failed { return deeper }
      }
      return .fine
    case .waiting, .prioritized, .delayed:
      return forest.queues[job.key.queue]?.isPaused == true ? .queuePaused : .fine
    case .waitingChildren, .active, .completed, .unknown:
      return .fine
    }
  }
}
