import QueueClient

/// What a job waits for that is ready to run.
extension CauseFinder {
  /// Workers that sleep look for jobs by themselves after so many seconds.
  static let longestSleep = 12

  /// A job that waits for its turn: by what its queue tells, for what.
  mutating func waiting(_ key: JobKey, _ fact: FlowFacts.Fact) {
    let facts = facts
    let queue = facts.queues[key.queue] ?? QueueFacts()
    if isHeldUp(key, fact) { return }
    func describe(_ cause: inout Cause) {
      cause.since = fact.timestamp
      cause.evidence.ahead = fact.ahead
      cause.evidence.reason = fact.deferredFailure
    }
    if isAsleep(queue, since: fact.timestamp) {
      add(.lostMarker, key) {
        describe(&$0)
        $0.fixes = [.resumeQueue(key.queue)]
      }
    } else if fact.deferredFailure != nil {
      add(.deferredFailure, key, describe)
    } else if let left = queue.limitedFor {
      add(.rateLimited, key) {
        describe(&$0)
        $0.until = facts.now.addingClamped(left)
        $0.evidence.limit = queue.limit
      }
    } else if let most = queue.concurrency, queue.active >= most {
      add(.concurrencyFull, key) {
        describe(&$0)
        $0.evidence.limit = most
        $0.evidence.holders = queue.activeJobs
      }
    } else if fact.attemptsMade > 0 {
      add(.retrying, key) {
        describe(&$0)
        $0.evidence.reason = fact.failedReason
        $0.evidence.attempts = fact.tries
      }
    } else {
      add(.backlog, key) {
        describe(&$0)
        $0.evidence.endedLastMinute = queue.endedLastMinute
        if let ahead = fact.ahead, queue.endedLastMinute > 0 {
          let (work, isOver) = ahead.multipliedReportingOverflow(by: 60_000)
          if !isOver { $0.until = facts.now.addingClamped(work / queue.endedLastMinute) }
        }
      }
    }
  }

  /// Whether workers sleep beside a job that is ready: nothing wakes them, and they have slept for longer than they do.
  private func isAsleep(_ queue: QueueFacts, since: Int?) -> Bool {
    guard !queue.hasMarker, queue.active == 0, queue.limitedFor == nil, let idle = queue.leastIdle else { return false }
    return idle > Self.longestSleep
      && (since.map { facts.now.addingClamped(-$0) > Self.longestSleep * 1000 } ?? true)
  }
}
