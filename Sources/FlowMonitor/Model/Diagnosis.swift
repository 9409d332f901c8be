import QueueClient

/// What is wrong with a flow, as far as its rows show it: light enough to be worked out with every picture. All causes, with
/// their evidence, are an `Explanation`'s.
public enum Diagnosis: Sendable, Hashable {
  /// Nothing is wrong.
  case fine
  /// It failed.
  case failed(reason: String)
  /// A child failed for good and nothing says what that means for the parent: it would wait for ever.
  case blockedByFailedChild(JobKey, name: String = "", reason: String)
  /// It is active, but no worker holds it.
  case withoutLock
  /// A child has vanished although its parent still counts on it.
  case missingChild(JobKey)
  /// A child exists and is in no list of its queue.
  case lostChild(JobKey, name: String = "")
  /// A child has completed, and its parent still waits for it.
  case completedStillPending(JobKey, name: String = "")
  /// It waits for children, and there is none to wait for.
  case waitsForNothing
  /// Its queue is paused.
  case queuePaused
  /// What a look at the whole flow found.
  case held(Cause)

  /// What it is; `nil` where nothing is wrong.
  public var code: CauseCode? {
    switch self {
    case .fine: nil
    case .failed: .failed
    case .blockedByFailedChild: .failedChild
    case .withoutLock: .stalled
    case .missingChild: .missingChild
    case .lostChild: .lostJob
    case .completedStillPending: .completedStillPending
    case .waitsForNothing: .waitsForNothing
    case .queuePaused: .queuePaused
    case .held(let cause): cause.code
    }
  }

  /// Whether it ends only by somebody's doing.
  public var needsPerson: Bool {
    if case .held(let cause) = self { return cause.needsPerson }
    return code?.needsPerson ?? false
  }

  /// Whether what failed did so through a child of its own, whose reason it does not have.
  var isThroughAnother: Bool {
    switch self {
    case .blockedByFailedChild(_, _, let reason): FlowJob.failedChild(in: reason) != nil
    case .held(let cause): cause.evidence.reason.map { FlowJob.failedChild(in: $0) != nil } ?? false
    default: false
    }
  }

  /// What a failure without a reason is said to have.
  static let noReason = "no reason given"
}

extension Diagnosis {
  /// Looks at a job and the jobs below it, as far as they were read; whatever goes in circles is looked at once.
  ///
  /// - Parameters:
  ///   - jobs: the jobs that were read.
  ///   - gone: those that were looked for and do not exist.
  ///   - children: the children of jobs, as far as they were read.
  ///   - isPaused: whether a queue is paused.
  public init(
    of root: JobKey, jobs: [JobKey: FlowJob], gone: Set<JobKey>, children: (JobKey) -> [Family.Child],
    isPaused: (QueueKey) -> Bool
  ) {
    var above: [JobKey: JobKey] = [:]
    var seen: Set<JobKey> = [root]
    var level = [root]
    var depth = 0
    var best: (rank: CauseRank, found: Diagnosis, at: JobKey)?
    while !level.isEmpty {
      var below: [JobKey] = []
      depth += 1
      for key in level {
        guard let job = jobs[key] else { continue }
        let found = Self.look(at: job, children: children(key), jobs: jobs, gone: gone, isPaused: isPaused)
        if let rank = found.rank(at: key, depth: depth), best.map({ rank < $0.rank }) ?? true {
          best = (rank, found, key)
        }
        guard job.state == .waitingChildren else { continue }
        for child in children(key) where child.kind == .unprocessed && seen.insert(child.key).inserted {
          // A failed child that has a policy is its parent's decision, not trouble.
          guard jobs[child.key]?.state != .failed else { continue }
          above[child.key] = key
          below.append(child.key)
        }
      }
      level = below
    }
    guard let best else {
      self = .fine
      return
    }
    // What is wrong further down lies there, and not with the root.
    self = best.at == root ? best.found : best.found.below(Self.way(to: best.at, above), jobs)
  }

  private static func way(to job: JobKey, _ above: [JobKey: JobKey]) -> [JobKey] {
    var way = [job]
    while let parent = way.last.flatMap({ above[$0] }) { way.append(parent) }
    return way.reversed()
  }

  /// What is wrong with the last job of a way from a root, as seen from there.
  private func below(_ way: [JobKey], _ jobs: [JobKey: FlowJob]) -> Diagnosis {
    guard let root = way.first, let job = way.last,
      var cause = cause(of: job, nameOf: { jobs[$0]?.name ?? "" })
    else { return self }
    cause.chain = way.dropLast() + cause.chain
    cause.fixes = cause.fixes.map { $0.of(flow: root) }
    return .held(cause)
  }

  /// What is wrong with one job, by itself and its children.
  private static func look(
    at job: FlowJob, children: [Family.Child], jobs: [JobKey: FlowJob], gone: Set<JobKey>,
    isPaused: (QueueKey) -> Bool
  ) -> Diagnosis {
    switch job.state {
    case .failed:
      return .failed(reason: job.failedReason ?? noReason)
    case .active where job.isWithoutLock:
      return .withoutLock
    case .waitingChildren:
      if job.isPendingKnown, job.counts.unprocessed == 0, !children.contains(where: { $0.kind == .unprocessed }) {
        return .waitsForNothing
      }
      let found = children.lazy.filter { $0.kind == .unprocessed }.map { child in
        Self.look(at: child.key, jobs[child.key], isGone: gone.contains(child.key))
      }
      return found.compactMap { diagnosis in diagnosis.rank(at: job.key).map { ($0, diagnosis) } }
        .min { $0.0 < $1.0 }?.1 ?? .fine
    case .waiting, .prioritized, .delayed:
      return isPaused(job.key.queue) ? .queuePaused : .fine
    case .active, .completed, .unknown:
      return .fine
    }
  }

  /// What is wrong with a child that a parent waits for.
  private static func look(at key: JobKey, _ child: FlowJob?, isGone: Bool) -> Diagnosis {
    if isGone { return .missingChild(key) }
    guard let child else { return .fine }
    switch child.state {
    case .failed where child.failurePolicy == nil:
      return .blockedByFailedChild(key, name: child.name, reason: child.failedReason ?? noReason)
    case .completed: return .completedStillPending(key, name: child.name)
    case .unknown: return .lostChild(key, name: child.name)
    default: return .fine
    }
  }
}
