import QueueClient

/// Concludes from what was found of a flow what keeps it from finishing. Pure.
struct CauseFinder {
  let facts: FlowFacts
  private var causes: [Cause] = []

  /// The causes, those that need somebody first, then those nearest to the root.
  static func causes(in facts: FlowFacts) -> [Cause] {
    var finder = CauseFinder(facts: facts)
    finder.walk()
    return finder.causes.merged.sorted { Self.rank($0) < Self.rank($1) }
  }

  private init(facts: FlowFacts) { self.facts = facts }

  /// Workers that sleep look for jobs by themselves after so many seconds.
  static let longestSleep = 12

  private static func rank(_ cause: Cause) -> (Int, Int, Int, JobKey) {
    (cause.code.needsPerson ? 0 : 1, CauseCode.allCases.firstIndex(of: cause.code) ?? 0, cause.chain.count, cause.job)
  }

  // MARK: The walk

  /// From the root down, level by level, through what is waited for; the way to each job is kept by its parent.
  private mutating func walk() {
    let facts = facts
    var above: [JobKey: JobKey] = [:]
    var seen: Set<JobKey> = [facts.root]
    var level = [facts.root]
    while !level.isEmpty {
      var below: [JobKey] = []
      for key in level {
        look(at: key, chain: Self.chain(to: key, above))
        for child in facts.pending[key] ?? [] {
          if seen.insert(child).inserted {
            above[child] = key
            below.append(child)
          } else if Self.chain(to: key, above).contains(child) {
            add(.circle, child, chain: Self.chain(to: key, above) + [child], parent: key) {
              $0.fixes = [.removeDependency(child: child, parent: key), .releaseFlow(facts.root)]
            }
          }
        }
      }
      level = below
    }
  }

  private static func chain(to key: JobKey, _ above: [JobKey: JobKey]) -> [JobKey] {
    var chain = [key]
    while let parent = chain.last.flatMap({ above[$0] }) { chain.append(parent) }
    return chain.reversed()
  }

  private mutating func add(
    _ code: CauseCode, _ key: JobKey, chain: [JobKey], parent: JobKey? = nil, _ edit: (inout Cause) -> Void = { _ in }
  ) {
    let fact = facts.jobs[key]
    var cause = Cause(code, at: key, chain: chain)
    cause.evidence.name = fact?.name ?? ""
    cause.evidence.parent = parent
    cause.evidence.parentName = parent.flatMap { facts.jobs[$0]?.name } ?? ""
    edit(&cause)
    causes.append(cause)
  }

  // MARK: One job

  private mutating func look(at key: JobKey, chain: [JobKey]) {
    let facts = facts
    guard let fact = facts.jobs[key] else { return }
    let parent = chain.dropLast().last
    if let missing = fact.missingParent, fact.exists {
      add(.missingParent, key, chain: chain, parent: missing) {
        $0.since = fact.timestamp
        $0.fixes = [.cancelFlow(key)]
      }
    }
    if fact.ignored > 0, fact.state != .completed {
      add(.ignoredFailures, key, chain: chain) { $0.evidence.count = fact.ignored }
    }
    guard fact.exists else {
      if let parent {
        add(.missingChild, key, chain: chain, parent: parent) {
          $0.fixes = [.releaseFlow(facts.root), .removeDependency(child: key, parent: parent)]
        }
      }
      return
    }
    if fact.places > 1 {
      add(.twoPlaces, key, chain: chain, parent: parent) { $0.fixes = [.remove(key)] }
    }
    switch fact.state {
    case .failed: failed(key, fact, chain, parent)
    case .completed:
      guard let parent else { return }
      add(.completedStillPending, key, chain: chain, parent: parent) {
        $0.since = fact.finishedOn
        $0.fixes = [.releaseFlow(facts.root), .removeDependency(child: key, parent: parent)]
      }
    case .waitingChildren:
      guard facts.pending[key]?.isEmpty ?? true else { return }
      add(.waitsForNothing, key, chain: chain) {
        $0.since = fact.timestamp
        $0.fixes = [.releaseFlow(facts.root)]
      }
    case .active: active(key, fact, chain)
    case .waiting, .prioritized: waiting(key, fact, chain)
    case .delayed: delayed(key, fact, chain)
    case .unknown:
      add(.lostJob, key, chain: chain, parent: parent) {
        $0.since = fact.timestamp
        $0.fixes = parent.map { [.removeDependency(child: key, parent: $0), .remove(key)] } ?? [.remove(key)]
      }
    }
  }

  /// A failed job: what was wrong lies with the last one through which it failed.
  private mutating func failed(_ key: JobKey, _ fact: FlowFacts.Fact, _ chain: [JobKey], _ parent: JobKey?) {
    let facts = facts
    var (chain, culprit) = (chain, key)
    while let next = facts.failedThrough[culprit], !chain.contains(next) {
      chain.append(next)
      culprit = next
    }
    let its = facts.jobs[culprit] ?? fact
    add(parent == nil ? .failed : .failedChild, culprit, chain: chain, parent: parent) {
      $0.since = its.finishedOn ?? fact.finishedOn
      $0.evidence.reason = its.failedReason ?? fact.failedReason
      $0.evidence.attempts = its.tries
      $0.evidence.worker = its.worker
      $0.fixes = [.retryFlow(facts.root)]
      if let parent {
        $0.fixes += [.removeDependency(child: key, parent: parent), .cancelFlow(facts.root)]
      }
    }
  }

  private mutating func active(_ key: JobKey, _ fact: FlowFacts.Fact, _ chain: [JobKey]) {
    if fact.lock == nil, facts.queues[key.queue]?.workers == 0 {
      add(.stalled, key, chain: chain) {
        $0.since = fact.processedOn
        $0.evidence.worker = fact.worker
        $0.fixes = [.startWorker(key.queue)]
      }
      return
    }
    add(.active, key, chain: chain) {
      $0.since = fact.processedOn
      $0.evidence.worker = fact.worker
      $0.evidence.lock = fact.lock
    }
  }

  private mutating func waiting(_ key: JobKey, _ fact: FlowFacts.Fact, _ chain: [JobKey]) {
    let facts = facts
    let queue = facts.queues[key.queue] ?? QueueFacts()
    let since = fact.timestamp
    func describe(_ cause: inout Cause) {
      cause.since = since
      cause.evidence.ahead = fact.ahead
      cause.evidence.reason = fact.deferredFailure
    }
    if isHeldUp(key, chain, since: since) { return }
    if fact.deferredFailure != nil {
      add(.deferredFailure, key, chain: chain, describe)
    } else if let left = queue.limitedFor {
      add(.rateLimited, key, chain: chain) {
        describe(&$0)
        $0.until = facts.now.addingClamped(left)
        $0.evidence.limit = queue.limit
      }
    } else if let most = queue.concurrency, queue.active >= most {
      add(.concurrencyFull, key, chain: chain) {
        describe(&$0)
        $0.evidence.limit = most
      }
    } else if fact.state == .waiting, !queue.hasMarker, queue.active == 0, (queue.leastIdle ?? 0) > Self.longestSleep {
      add(.lostMarker, key, chain: chain) {
        describe(&$0)
        $0.fixes = [.resumeQueue(key.queue)]
      }
    } else if fact.attemptsMade > 0 {
      add(.retrying, key, chain: chain) {
        describe(&$0)
        $0.evidence.reason = fact.failedReason
        $0.evidence.attempts = fact.tries
      }
    } else {
      add(.backlog, key, chain: chain) {
        describe(&$0)
        $0.evidence.endedLastMinute = queue.endedLastMinute
        if let ahead = fact.ahead, queue.endedLastMinute > 0 {
          let (work, isOver) = ahead.multipliedReportingOverflow(by: 60_000)
          if !isOver { $0.until = facts.now.addingClamped(work / queue.endedLastMinute) }
        }
      }
    }
  }

  private mutating func delayed(_ key: JobKey, _ fact: FlowFacts.Fact, _ chain: [JobKey]) {
    if isHeldUp(key, chain, since: fact.timestamp) { return }
    add(fact.attemptsMade > 0 ? .retrying : .delayed, key, chain: chain) {
      $0.since = fact.timestamp
      $0.until = fact.dueOn
      $0.evidence.reason = fact.failedReason
      $0.evidence.attempts = fact.tries
      $0.fixes = [.promote(key)]
    }
  }

  /// Whether no job of a queue begins, whatever its turn.
  private mutating func isHeldUp(_ key: JobKey, _ chain: [JobKey], since: Int?) -> Bool {
    let facts = facts
    let queue = facts.queues[key.queue] ?? QueueFacts()
    if queue.isPaused {
      add(.queuePaused, key, chain: chain) {
        $0.since = since
        $0.fixes = [.resumeQueue(key.queue)]
      }
    }
    if queue.workers == 0 {
      add(.noWorker, key, chain: chain) {
        $0.since = since
        $0.evidence.reason = facts.jobs[key]?.deferredFailure
        $0.fixes = [.startWorker(key.queue)]
      }
    }
    return queue.isPaused || queue.workers == 0
  }
}

/// What makes causes alike.
private struct Likeness: Hashable {
  var code: CauseCode
  var queue: QueueKey
  var parent: JobKey?
  var reason: String?

  init(_ cause: Cause) {
    let isOfQueue = cause.code == .queuePaused || cause.code == .noWorker
    code = cause.code
    queue = cause.job.queue
    parent = isOfQueue ? nil : cause.evidence.parent
    reason = cause.evidence.reason.map(ErrorNormalizer.normalized)
  }
}

extension [Cause] {
  /// Causes that are alike become one, of the first job met, with their count: ten thousand jobs that wait are one cause.
  fileprivate var merged: [Cause] {
    var order: [Likeness] = []
    var first: [Likeness: Cause] = [:]
    for cause in self {
      let likeness = Likeness(cause)
      guard var known = first[likeness] else {
        order.append(likeness)
        first[likeness] = cause
        continue
      }
      known.evidence.count = known.evidence.count.addingClamped(cause.evidence.count)
      if let since = cause.since { known.since = Swift.min(known.since ?? since, since) }
      if let until = cause.until { known.until = Swift.max(known.until ?? until, until) }
      first[likeness] = known
    }
    return order.compactMap { first[$0] }
  }
}
