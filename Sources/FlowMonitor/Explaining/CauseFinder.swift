import QueueClient

/// Concludes from what was found of a flow what keeps it from finishing. Pure.
///
/// Causes that are alike become one, of the first job met, with their count: ten thousand jobs that wait are one cause.
struct CauseFinder {
  private let facts: FlowFacts
  /// By job, the parent by which it was met.
  private var above: [JobKey: JobKey] = [:]
  private var causes: [Cause] = []
  private var places: [Likeness: Int] = [:]

  /// The causes, those that need somebody first, then those nearest to the root.
  static func causes(in facts: FlowFacts) -> [Cause] {
    var finder = CauseFinder(facts: facts)
    finder.walk()
    return finder.causes.sorted { Self.rank($0) < Self.rank($1) }
  }

  private init(facts: FlowFacts) { self.facts = facts }

  /// Workers that sleep look for jobs by themselves after so many seconds.
  static let longestSleep = 12

  private static func rank(_ cause: Cause) -> (Int, Int, Int, JobKey) {
    (cause.code.needsPerson ? 0 : 1, CauseCode.allCases.firstIndex(of: cause.code) ?? 0, cause.chain.count, cause.job)
  }

  // MARK: The walk

  /// From the root down, level by level, through what is waited for.
  private mutating func walk() {
    let facts = facts
    if let missing = facts.missingParent, facts.jobs[facts.root]?.exists == true {
      add(.missingParent, facts.root, parent: missing, since: facts.details[facts.root]?.timestamp) {
        $0.fixes = [.cancelFlow(facts.root)]
      }
    }
    var seen: Set<JobKey> = [facts.root]
    var level = [facts.root]
    while !level.isEmpty {
      var below: [JobKey] = []
      for key in level {
        look(at: key)
        for child in facts.pending[key] ?? [] {
          if seen.insert(child).inserted {
            above[child] = key
            below.append(child)
          } else if case let chain = chain(to: key), chain.contains(child) {
            add(.circle, child, parent: key) {
              $0.chain = chain + [child]
              $0.fixes = [.removeDependency(child: child, parent: key), .releaseFlow(facts.root)]
            }
          }
        }
      }
      level = below
    }
  }

  private func chain(to key: JobKey) -> [JobKey] {
    var chain = [key]
    while let parent = chain.last.flatMap({ above[$0] }) { chain.append(parent) }
    return chain.reversed()
  }

  /// What makes causes alike.
  private struct Likeness: Hashable {
    var code: CauseCode
    var queue: QueueKey
    var parent: JobKey?
    var reason: String?
  }

  /// Takes a cause in.
  ///
  /// - Parameter describe: is asked for the first of its kind alone.
  private mutating func add(
    _ code: CauseCode, _ key: JobKey, parent: JobKey? = nil, since: Int? = nil, until: Int? = nil,
    reason: String? = nil, count: Int = 1, _ describe: (inout Cause) -> Void = { _ in }
  ) {
    let likeness = Likeness(
      code: code, queue: key.queue, parent: parent, reason: reason.map(ErrorNormalizer.normalized))
    if let place = places[likeness] {
      causes[place].evidence.count = causes[place].evidence.count.addingClamped(count)
      if let since { causes[place].since = min(causes[place].since ?? since, since) }
      if let until { causes[place].until = max(causes[place].until ?? until, until) }
      return
    }
    var cause = Cause(code, at: key, chain: chain(to: key), since: since, until: until)
    let detail = facts.details[key]
    cause.evidence.name = detail?.name ?? ""
    cause.evidence.worker = detail?.worker
    cause.evidence.reason = reason
    cause.evidence.count = count
    cause.evidence.parent = parent
    cause.evidence.parentName = parent.flatMap { facts.details[$0]?.name } ?? ""
    describe(&cause)
    places[likeness] = causes.count
    causes.append(cause)
  }

  // MARK: One job

  private mutating func look(at key: JobKey) {
    guard let fact = facts.jobs[key] else { return }
    let (root, parent) = (facts.root, above[key])
    let detail = facts.details[key] ?? FlowFacts.Detail()
    if detail.ignored > 0, fact.state != .completed {
      add(.ignoredFailures, key, parent: parent, count: detail.ignored)
    }
    guard fact.exists else {
      if let parent {
        add(.missingChild, key, parent: parent) {
          $0.fixes = [.releaseFlow(root), .removeDependency(child: key, parent: parent)]
        }
      }
      return
    }
    if fact.places > 1 { add(.twoPlaces, key, parent: parent) { $0.fixes = [.remove(key)] } }
    switch fact.state {
    case .failed: failed(key, detail, parent)
    case .completed:
      guard let parent else { return }
      add(.completedStillPending, key, parent: parent, since: detail.finishedOn) {
        $0.fixes = [.releaseFlow(root), .removeDependency(child: key, parent: parent)]
      }
    case .waitingChildren:
      guard facts.pending[key]?.isEmpty ?? true else { return }
      add(.waitsForNothing, key, since: detail.timestamp) { $0.fixes = [.releaseFlow(root)] }
    case .active: active(key, fact, detail)
    case .waiting, .prioritized: waiting(key, fact, detail)
    case .delayed:
      if isHeldUp(key, detail) { return }
      add(
        detail.attemptsMade > 0 ? .retrying : .delayed, key, since: detail.timestamp, until: detail.dueOn,
        reason: detail.failedReason
      ) {
        $0.evidence.attempts = detail.tries
        $0.fixes = [.promote(key)]
      }
    case .unknown:
      add(.lostJob, key, parent: parent, since: detail.timestamp) {
        $0.fixes = parent.map { [.removeDependency(child: key, parent: $0), .remove(key)] } ?? [.remove(key)]
      }
    }
  }

  /// A failed job: what was wrong lies with the last one through which it failed.
  private mutating func failed(_ key: JobKey, _ detail: FlowFacts.Detail, _ parent: JobKey?) {
    let root = facts.root
    var (trail, culprit, met) = ([JobKey](), key, Set([key]))
    while let next = facts.failedThrough[culprit], met.insert(next).inserted {
      trail.append(next)
      culprit = next
    }
    let its = facts.details[culprit] ?? detail
    add(
      parent == nil ? .failed : .failedChild, key, parent: parent, since: its.finishedOn ?? detail.finishedOn,
      reason: its.failedReason ?? detail.failedReason
    ) {
      $0.job = culprit
      $0.chain += trail
      $0.evidence.name = its.name
      $0.evidence.worker = its.worker
      $0.evidence.attempts = its.tries
      $0.fixes = [.retryFlow(root)]
      if let parent { $0.fixes += [.removeDependency(child: key, parent: parent), .cancelFlow(root)] }
    }
  }

  private mutating func active(_ key: JobKey, _ fact: FlowFacts.Fact, _ detail: FlowFacts.Detail) {
    let isStalled = !fact.isLocked && detail.lock == nil && facts.queues[key.queue]?.workers == 0
    add(isStalled ? .stalled : .active, key, since: detail.processedOn) {
      $0.evidence.lock = detail.lock
      if isStalled { $0.fixes = [.startWorker(key.queue)] }
    }
  }

  private mutating func waiting(_ key: JobKey, _ fact: FlowFacts.Fact, _ detail: FlowFacts.Detail) {
    let queue = facts.queues[key.queue] ?? QueueFacts()
    if isHeldUp(key, detail) { return }
    let (code, reason, until) = whyWaiting(fact, detail, queue)
    add(code, key, since: detail.timestamp, until: until, reason: reason) {
      $0.evidence.ahead = fact.ahead
      switch code {
      case .rateLimited: $0.evidence.limit = queue.limit
      case .concurrencyFull: $0.evidence.limit = queue.concurrency
      case .retrying: $0.evidence.attempts = detail.tries
      case .backlog: $0.evidence.endedLastMinute = queue.endedLastMinute
      case .lostMarker: $0.fixes = [.resumeQueue(key.queue)]
      default: break
      }
    }
  }

  private func whyWaiting(
    _ fact: FlowFacts.Fact, _ detail: FlowFacts.Detail, _ queue: QueueFacts
  ) -> (code: CauseCode, reason: String?, until: Int?) {
    if let failure = detail.deferredFailure { return (.deferredFailure, failure, nil) }
    if let left = queue.limitedFor { return (.rateLimited, nil, facts.now.addingClamped(left)) }
    if let most = queue.concurrency, queue.active >= most { return (.concurrencyFull, nil, nil) }
    if fact.state == .waiting, !queue.hasMarker, queue.active == 0, (queue.leastIdle ?? 0) > Self.longestSleep {
      return (.lostMarker, nil, nil)
    }
    if detail.attemptsMade > 0 { return (.retrying, detail.failedReason, nil) }
    guard let ahead = fact.ahead, queue.endedLastMinute > 0 else { return (.backlog, nil, nil) }
    let (work, isOver) = ahead.multipliedReportingOverflow(by: 60_000)
    return (.backlog, nil, isOver ? nil : facts.now.addingClamped(work / queue.endedLastMinute))
  }

  /// Whether no job of a queue begins, whatever its turn.
  private mutating func isHeldUp(_ key: JobKey, _ detail: FlowFacts.Detail) -> Bool {
    let queue = facts.queues[key.queue] ?? QueueFacts()
    if queue.isPaused {
      add(.queuePaused, key, since: detail.timestamp) { $0.fixes = [.resumeQueue(key.queue)] }
    }
    if queue.workers == 0 {
      add(.noWorker, key, since: detail.timestamp) { $0.fixes = [.startWorker(key.queue)] }
    }
    return queue.isPaused || queue.workers == 0
  }
}
