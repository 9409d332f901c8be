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
    self = Self.find(job, in: forest)
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

  /// The first trouble on the way down, depth first. A stack of our own, and no job twice: flows may be as deep as they
  /// like, and may run in circles.
  private static func find(_ job: FlowJob, in forest: FlowForest) -> Diagnosis {
    var seen: Set<JobKey> = [job.key]
    var waiting = [job]
    var isFirst = true
    while let job = waiting.popLast() {
      let own = own(job, in: forest)
      // That the queue of a job below is paused is no trouble of those above it.
      if own.needsAPerson || (isFirst && own != .fine) { return own }
      isFirst = false
      guard job.state == .waitingChildren else { continue }
      var below: [FlowJob] = []
      for child in job.children where child.kind == .unprocessed {
        guard let found = forest.jobs[child.key], seen.insert(child.key).inserted else { continue }
        if found.state == .failed, found.failurePolicy == nil {
          return .blockedByFailedChild(child.key, reason: found.failedReason ?? "no reason given")
        }
        if found.state == .unknown { return .missingChild(child.key) }
        if found.state != .failed { below.append(found) }
      }
      waiting += below.reversed()
    }
    return .fine
  }

  /// What is wrong with a job by itself.
  private static func own(_ job: FlowJob, in forest: FlowForest) -> Diagnosis {
    switch job.state {
    case .failed:
      return .failed(reason: job.failedReason ?? "no reason given")
    case .active where job.isWithoutLock:
      return .withoutLock
    case .waiting, .prioritized, .delayed:
      return forest.queues[job.key.queue]?.isPaused == true ? .queuePaused : .fine
    case .waitingChildren, .active, .completed, .unknown:
      return .fine
    }
  }
}
