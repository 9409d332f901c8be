import QueueClient

/// What keeps one job from ending.
extension CauseFinder {
  /// What a job's own state and its place among others tell.
  ///
  /// - Parameter parent: the job that waits for it; `nil` for the root.
  mutating func look(at key: JobKey, parent: JobKey?) {
    let (facts, root) = (facts, root)
    guard let fact = facts.jobs[key], !fact.isMoving else { return }
    if fact.ignored > 0, fact.state != .completed {
      add(.ignoredFailures, key) {
        $0.evidence.count = fact.ignored
        $0.evidence.reason = fact.ignoredReason
      }
    }
    guard fact.exists else {
      if let parent {
        lookAtDependency(on: key, of: parent)
      } else {
        add(.missingParent, key) {
          $0.evidence.count = max(1, facts.pending[key]?.count ?? 0)
          $0.fixes = [.remove(key)]
        }
      }
      return
    }
    if let missing = fact.missingParent, fact.state != .completed, fact.state != .failed {
      add(.missingParent, key, parent: missing) {
        $0.since = fact.timestamp
        $0.fixes = [.remove(missing), .cancelFlow(key)]
      }
    }
    if fact.places > 1 { add(.twoPlaces, key, parent: parent) { $0.fixes = [.remove(key)] } }
    if let parent, let other = fact.parent, other != parent { lookAtForeign(key, fact, of: parent, itsParent: other) }
    switch fact.state {
    case .failed: if parent == nil { failed(key, fact) }
    case .completed: break
    case .waitingChildren:
      guard facts.pending[key]?.isEmpty ?? true, facts.knowsPending(of: key) else { return }
      add(.waitsForNothing, key) {
        $0.since = fact.timestamp
        $0.fixes = [.releaseFlow(root)]
      }
    case .active: active(key, fact)
    case .waiting, .prioritized: waiting(key, fact)
    case .delayed: delayed(key, fact)
    case .unknown:
      if facts.mayWaitInGroup(key, fact) { return waitingInGroup(key, fact) }
      if facts.mayBeUnreadable(key) { return }
      add(.lostJob, key, parent: parent) {
        $0.since = fact.timestamp
        $0.fixes =
          [.moveToWait(key)] + (parent.map { [.removeDependency(child: key, parent: $0)] } ?? []) + [.remove(key)]
      }
    }
    if let parent { lookAtDependency(on: key, of: parent) }
  }

  /// Whether a parent waits in vain for a child: one that is gone, has completed, or has failed.
  mutating func lookAtDependency(on child: JobKey, of parent: JobKey) {
    let (facts, root) = (facts, root)
    guard let fact = facts.jobs[child], !fact.isMoving else { return }
    let way = Way(top: parent, trail: [child])
    let fixes: [Cause.Fix] = [.releaseFlow(root), .removeDependency(child: child, parent: parent)]
    if !fact.exists {
      add(.missingChild, child, way: way, parent: parent) { $0.fixes = fixes }
    } else if fact.state == .completed {
      add(.completedStillPending, child, way: way, parent: parent) {
        $0.since = fact.finishedOn
        $0.fixes = fixes
      }
    } else if fact.state == .failed {
      failed(child, fact, parent: parent)
    }
  }

  /// A child that is waited for by a job that is not its parent: it tells another of its end.
  private mutating func lookAtForeign(_ child: JobKey, _ fact: FlowFacts.Fact, of parent: JobKey, itsParent: JobKey) {
    guard fact.state != .completed, fact.state != .failed else { return }
    let since = facts.jobs[parent]?.timestamp
    add(.waitsForNothing, parent) {
      $0.evidence.child = child
      $0.since = since
      $0.fixes = [.removeDependency(child: child, parent: parent)]
    }
  }

  /// A failed job: what was wrong lies with the last ones through which it failed.
  private mutating func failed(_ key: JobKey, _ fact: FlowFacts.Fact, parent: JobKey? = nil) {
    let facts = facts
    var through: [JobKey: JobKey] = [:]
    var met: Set = [key]
    var open = [key]
    while let culprit = open.popLast() {
      let next = (facts.failedThrough[culprit] ?? []).filter { met.insert($0).inserted }
      for child in next.reversed() {
        through[child] = culprit
        open.append(child)
      }
      guard next.isEmpty else { continue }
      var trail = [culprit]
      while let above = trail.last.flatMap({ through[$0] }) { trail.append(above) }
      failed(key, fact, at: culprit, Way(top: parent, trail: trail.reversed()), parent: parent)
    }
  }

  private mutating func failed(
    _ key: JobKey, _ fact: FlowFacts.Fact, at culprit: JobKey, _ way: Way, parent: JobKey?
  ) {
    let (facts, root) = (facts, root)
    let its = facts.jobs[culprit] ?? fact
    add(parent == nil ? .failed : .failedChild, culprit, way: way, parent: parent) {
      $0.since = its.finishedOn ?? fact.finishedOn
      $0.evidence.reason = its.isWhole ? its.failedReason ?? fact.failedReason : nil
      $0.evidence.attempts = its.tries
      $0.evidence.worker = its.worker
      $0.fixes = [.retryFlow(root)]
      if let parent {
        $0.fixes += [.removeDependency(child: key, parent: parent), .releaseFlow(root), .cancelFlow(root)]
      }
    }
  }

  /// An active job ends by itself, or is put back by the stalled check, as long as some worker of its queue is connected.
  private mutating func active(_ key: JobKey, _ fact: FlowFacts.Fact) {
    let facts = facts
    let queue = facts.queues[key.queue] ?? QueueFacts()
    let isStalled = queue.workers == 0
    add(isStalled ? .stalled : .active, key) {
      $0.since = fact.processedOn
      $0.evidence.worker = fact.worker
      $0.evidence.lock = fact.lock
      if isStalled {
        $0.fixes = [.startWorker(key.queue)]
      } else if fact.isWhole, fact.lock == nil {
        // The next check makes it a candidate, the one after that puts it back.
        $0.until = facts.now.addingClamped((queue.stalledCheckIn ?? 0).addingClamped(QueueFacts.stalledInterval))
      }
    }
  }

  /// The retry, or the promotion, is a worker's doing as well.
  private mutating func delayed(_ key: JobKey, _ fact: FlowFacts.Fact) {
    _ = isHeldUp(key, fact)
    add(fact.attemptsMade > 0 ? .retrying : .delayed, key) {
      $0.since = fact.timestamp
      $0.until = fact.dueOn
      $0.evidence.reason = fact.failedReason
      $0.evidence.attempts = fact.tries
      $0.fixes = [.promote(key)]
    }
  }

  /// Notes what keeps all jobs of a queue from beginning, whatever their turn.
  ///
  /// - Returns: whether something does.
  mutating func isHeldUp(_ key: JobKey, _ fact: FlowFacts.Fact) -> Bool {
    let queue = facts.queues[key.queue] ?? QueueFacts()
    let delayed = fact.state == .delayed ? fact.count : 0
    if queue.isPaused {
      add(.queuePaused, key) {
        $0.since = fact.timestamp
        $0.evidence.delayed = delayed
        $0.fixes = [.resumeQueue(key.queue)]
      }
    }
    if queue.workers == 0 {
      add(.noWorker, key) {
        $0.since = fact.timestamp
        $0.evidence.delayed = delayed
        $0.evidence.reason = fact.deferredFailure
        $0.fixes = [.startWorker(key.queue)]
      }
    }
    if queue.allowsNone {
      add(.concurrencyFull, key) {
        $0.since = fact.timestamp
        $0.evidence.delayed = delayed
        $0.evidence.limit = queue.concurrency
      }
    }
    return queue.takesNone
  }
}
