import QueueClient

/// What a job waits for that is ready to run.
extension CauseFinder {
  /// A job that waits for its turn: by what its queue tells, for what.
  mutating func waiting(_ key: JobKey, _ fact: FlowFacts.Fact) {
    let facts = facts
    let queue = facts.queues[key.queue] ?? QueueFacts()
    let isHeldUp = isHeldUp(key, fact)
    func describe(_ cause: inout Cause) {
      cause.since = fact.timestamp
      cause.evidence.ahead = fact.ahead
      cause.evidence.reason = fact.deferredFailure
    }
    if !isHeldUp, queue.isAsleep(besideJobOf: fact.timestamp, at: facts.now) {
      add(.lostMarker, key) {
        describe(&$0)
        $0.fixes = [.resumeQueue(key.queue)]
      }
    } else if fact.deferredFailure != nil {
      add(.deferredFailure, key, describe)
    } else {
      turn(key, fact, isHeldUp: isHeldUp)
    }
  }

  /// What is told of a job that waits for its turn and will get it: all that delays it.
  private mutating func turn(_ key: JobKey, _ fact: FlowFacts.Fact, isHeldUp: Bool) {
    let facts = facts
    let queue = facts.queues[key.queue] ?? QueueFacts()
    func describe(_ cause: inout Cause) {
      cause.since = fact.timestamp
      cause.evidence.ahead = fact.ahead
    }
    var isDelayed = false
    if let left = queue.limitedFor {
      isDelayed = true
      add(.rateLimited, key) {
        describe(&$0)
        $0.until = facts.now.addingClamped(left)
        $0.evidence.limit = queue.limit
      }
    }
    if !queue.allowsNone, let most = queue.concurrency, queue.active >= most {
      isDelayed = true
      add(.concurrencyFull, key) {
        describe(&$0)
        $0.evidence.limit = most
        $0.evidence.holders = queue.activeJobs
      }
    }
    if fact.attemptsMade > 0 {
      add(.retrying, key) {
        describe(&$0)
        $0.evidence.reason = fact.failedReason
        $0.evidence.attempts = fact.tries
      }
    } else if !isHeldUp, !isDelayed || (fact.ahead ?? 0) > 0 {
      // The next one waits for nobody: only for what was told.
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
}

extension CauseFinder {
  /// A job that is in no list, but in a group of BullMQ Pro: what that group waits for is not known.
  mutating func waitingInGroup(_ key: JobKey, _ fact: FlowFacts.Fact) {
    if isHeldUp(key, fact) { return }
    add(.backlog, key) {
      $0.since = fact.timestamp
      $0.evidence.isInGroup = true
    }
  }
}

extension QueueFacts {
  /// Workers that sleep look for jobs by themselves after so many seconds.
  private static let longestSleep = 12

  /// Whether jobs may be ready whose workers sleep, as far as the queue tells.
  var maySleep: Bool {
    !isPaused && !allowsNone && !hasMarker && active == 0 && limitedFor == nil && (workers ?? 0) > 0
  }

  /// Whether workers sleep beside a job that is ready: nothing wakes them, and nothing has happened in the queue for longer
  /// than they sleep. A worker that wakes up in between and takes nothing changes nothing about that.
  ///
  /// - Parameters:
  ///   - added: when the job was added, in milliseconds since 1970.
  ///   - now: the server's time.
  func isAsleep(besideJobOf added: Int?, at now: Int) -> Bool {
    guard maySleep, added.map({ now.addingClamped(-$0) > Self.longestSleep * 1000 }) ?? true else { return false }
    if let lastEvent { return now.addingClamped(-lastEvent) > Self.longestSleep * 1000 }
    return leastIdle.map { $0 > Self.longestSleep } ?? false
  }

  /// Whether jobs of the queue are held up that no other jobs are to blame for.
  ///
  /// - Parameter now: the server's time.
  func isHeldUp(at now: Int) -> Bool {
    let ready = waiting.addingClamped(prioritized)
    if ready > 0 || delayed > 0, takesNone { return true }
    return active > 0 && workers == 0 || ready > 0 && isAsleep(besideJobOf: nil, at: now)
  }
}
