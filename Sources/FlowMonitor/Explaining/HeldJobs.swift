import QueueClient

/// Finds the jobs that never end unless somebody does something. Pure.
///
/// A parent that waits in vain for one child may still be released by another, whose failure releases it
/// (`continueParentOnFailure`) or fails it (`failParentOnFailure`): as long as such a child may end, nobody is needed for
/// sure.
struct HeldJobs {
  private let facts: FlowFacts
  private var held: Set<JobKey> = []

  /// Those of the jobs that are held up for good.
  ///
  /// - Returns: `nil` where no child's failure releases anybody, and no parent is gone: then every job is that waits for
  ///   one that is held up.
  static func find(in facts: FlowFacts) -> Set<JobKey>? {
    guard
      facts.jobs.values.contains(where: { $0.releasesParent && !$0.hasEnded || $0.missingParent != nil })
        || facts.roots.contains(where: { !facts.exists($0) })
    else {
      return nil
    }
    var finder = HeldJobs(facts: facts)
    // Children first; who is in a circle, or waits for one, is released by somebody outside, or not at all.
    let (inOrder, left) = PendingCircles.sorted(Array(facts.jobs.keys), pending: facts.pending)
    finder.held = left
    for job in inOrder where finder.isHeld(job) { finder.held.insert(job) }
    var isSettled = left.isEmpty
    while !isSettled {
      let released = left.filter { finder.held.contains($0) && !finder.isHeld($0) }
      finder.held.subtract(released)
      isSettled = released.isEmpty
    }
    return finder.held
  }

  private func isHeld(_ job: JobKey) -> Bool {
    guard let fact = facts.jobs[job], !fact.isMoving else { return false }
    // What a job left behind that is gone holds nobody up: only children do that never end.
    if !fact.exists { return (facts.pending[job] ?? []).contains { isInVain($0, for: job) } }
    if fact.state == .waitingChildren {
      let children = facts.pending[job] ?? []
      return (children.isEmpty && facts.knowsPending(of: job) || children.contains { isInVain($0, for: job) })
        && !mayBeReleased(job)
    }
    return !fact.hasEnded && facts.holdsUp(job, fact)
  }

  /// Whether a child never tells this parent of its end.
  private func isInVain(_ child: JobKey, for parent: JobKey) -> Bool {
    guard let fact = facts.jobs[child], !fact.isMoving else { return false }
    return fact.hasEnded || held.contains(child) || (fact.parent ?? parent) != parent
  }

  /// Whether a child that may still end would release its parent by failing.
  private func mayBeReleased(_ job: JobKey) -> Bool {
    (facts.pending[job] ?? []).contains { child in
      guard let fact = facts.jobs[child], fact.releasesParent else { return false }
      return !isInVain(child, for: job)
    }
  }
}

extension FlowFacts.Fact {
  /// Whether its failure releases its parent at once, to go on or to fail.
  var releasesParent: Bool { policy == .continueParentOnFailure || policy == .failParentOnFailure }

  /// Whether it has ended, or is gone.
  var hasEnded: Bool { !exists || state.isFinished }
}

extension FlowFacts {
  /// Whether there is such a job, as far as it was looked for.
  func exists(_ job: JobKey) -> Bool { jobs[job]?.exists ?? true }

  /// Whether a job that has not ended, and waits for no children, never goes on by itself.
  func holdsUp(_ job: JobKey, _ fact: Fact) -> Bool {
    let queue = queues[job.queue] ?? QueueFacts()
    switch fact.state {
    case .unknown where mayBeUnreadable(job): return false
    case .unknown: return !mayWaitInGroup(job, fact) || queue.takesNone
    case .active: return queue.workers == 0
    case .delayed: return queue.takesNone
    case .waiting, .prioritized:
      return queue.takesNone || queue.isAsleep(besideJobOf: fact.timestamp, at: now)
    case .waitingChildren, .completed, .failed: return false
    }
  }
}
