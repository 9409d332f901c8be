import FlowMonitor
import QueueClient

/// A job that an action is about, and the parent that would go on without it.
struct ChosenJob {
  var key: JobKey
  var parent: JobKey?
}

extension ActionChoice {
  /// What is to be done.
  ///
  /// - Parameter isPaused: whether the queue that it is about is paused.
  func verb(isPaused: Bool) -> JobAction.Verb {
    switch self {
    case .verb(let verb): verb
    case .pauseOrResume: isPaused ? .resume : .pause
    }
  }
}

extension JobAction {
  /// What a verb does to what is chosen; `nil` where nothing is chosen that it could be about.
  ///
  /// - Parameter queues: those of the chosen rows; without them, those of the jobs.
  init?(_ verb: Verb, to jobs: [ChosenJob], in queues: [QueueKey]? = nil) {
    let targets: [Target] =
      switch verb {
      case .pause, .resume: (queues ?? jobs.map(\.key.queue)).map { .queue($0) }
      case .removeDependency: jobs.compactMap { job in job.parent.map { .dependency(child: job.key, parent: $0) } }
      default: jobs.map { .job($0.key) }
      }
    if targets.isEmpty { return nil }
    self.init(verb, targets)
  }
}

extension ActionTable.Facts {
  /// What the row of a job shows of it; `nil` for a job that was not read.
  init(of job: FlowJob?, hasParent: Bool) {
    self.init(state: job?.state ?? .unknown)
    isLocked = job?.state == .active && job?.isWithoutLock == false
    isParent = job?.isParent ?? false
    hasPendingChildren = (job?.counts.unprocessed ?? 0) > 0
    hasFailed = (job?.counts.failed ?? 0) > 0
    self.hasParent = hasParent
  }

  /// Adds what is known of what is wrong below a job.
  mutating func note(_ key: JobKey, in scene: Scene) {
    let fixes = scene.picture.trouble(of: key)?.cause(of: key)?.fixes ?? []
    let verbs = Set(fixes.compactMap(\.action?.verb))
    if verbs.contains(.retryFlow) { hasFailed = true }
    if !verbs.isDisjoint(with: [.releaseFlow, .removeDependency]) { waitsInVain = true }
  }
}

extension Scene {
  /// Whether a queue is paused, as far as the picture tells.
  func isPaused(_ queue: QueueKey) -> Bool { picture.queues[queue]?.isPaused == true }
}
