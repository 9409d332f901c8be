import FlowMonitor
import QueueClient

/// Which verbs are valid for a job, by what its row shows: the table behind the menu.
enum ActionTable {
  /// What the table goes by.
  struct Facts: Sendable, Hashable {
    var state: JobState
    /// Whether a worker holds it, as far as the row shows.
    var isLocked = false
    var isParent = false
    /// Whether something below it is known to have failed.
    var hasFailed = false
    /// Whether it is known to wait for what can never come.
    var waitsInVain = false
    var hasPendingChildren = false
    var hasParent = false
    var isQueuePaused = false
  }

  /// The verbs, the likeliest first.
  static func verbs(_ facts: Facts) -> [JobAction.Verb] {
    var verbs: [JobAction.Verb] = []
    func offer(_ verb: JobAction.Verb, _ isValid: Bool) { if isValid { verbs.append(verb) } }
    let hasEnded = facts.state.isFinished
    offer(.retry, hasEnded)
    offer(.promote, facts.state == .delayed)
    offer(.retryFlow, facts.state == .failed || facts.hasFailed && facts.state != .completed)
    offer(.releaseFlow, facts.state == .waitingChildren && facts.waitsInVain)
    offer(.removeDependency, facts.hasParent && facts.state != .completed)
    offer(.removeUnprocessed, facts.hasPendingChildren)
    offer(.cancelFlow, facts.isParent && !hasEnded)
    offer(.remove, !facts.isLocked)
    offer(.cloneFlow, facts.state != .unknown)
    verbs.append(facts.isQueuePaused ? .resume : .pause)
    return verbs
  }
}

/// What a key of the list asks for, before it is known for what job.
enum ActionChoice: Sendable, Hashable {
  case verb(JobAction.Verb)
  /// Pauses the queue, or lets it go on where it is paused.
  case pauseOrResume
}
