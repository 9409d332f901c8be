import QueueClient

/// Causes that are alike made one, of the first job met, with their count: ten thousand jobs that wait are one cause.
///
/// Of many jobs that are in one plight only some are read. The others are taken to be as most of those are: a job that
/// was only seen to wait may have failed before, and which reason a failed one gave is not known.
struct CauseTally {
  private var read = Groups()
  private var seen = Groups()

  /// What makes causes alike.
  private struct Likeness: Hashable {
    var code: CauseCode
    var queue: QueueKey
    var parent: JobKey?
    var reason: String?
  }

  /// Groups in the order in which their first was met.
  private struct Groups {
    var order: [Likeness] = []
    var causes: [Likeness: Cause] = [:]

    mutating func add(_ cause: Cause, as likeness: Likeness) {
      guard var known = causes[likeness] else {
        order.append(likeness)
        causes[likeness] = cause
        return
      }
      if known.evidence.areAllDelayed, !cause.evidence.areAllDelayed {
        // One that is due stands for all.
        (known.job, known.chain, known.evidence.name) = (cause.job, cause.chain, cause.evidence.name)
        (known.evidence.parent, known.evidence.parentName) = (cause.evidence.parent, cause.evidence.parentName)
      }
      known.evidence.count = known.evidence.count.addingClamped(cause.evidence.count)
      known.evidence.delayed = known.evidence.delayed.addingClamped(cause.evidence.delayed)
      if let since = cause.since { known.since = min(known.since ?? since, since) }
      if let until = cause.until { known.until = max(known.until ?? until, until) }
      known.needsPerson = known.needsPerson || cause.needsPerson
      causes[likeness] = known
    }
  }

  private static func likeness(_ code: CauseCode, _ job: JobKey, parent: JobKey?, reason: String?) -> Likeness {
    let isOfQueue = code == .queuePaused || code == .noWorker
    return Likeness(code: code, queue: job.queue, parent: isOfQueue ? nil : parent, reason: reason)
  }

  /// Takes a cause in.
  ///
  /// - Parameter isRead: whether the job was read, or only seen.
  mutating func add(_ cause: Cause, isRead: Bool) {
    let likeness = Self.likeness(
      cause.code, cause.job, parent: cause.evidence.parent,
      reason: cause.evidence.reason.map(ErrorNormalizer.normalized))
    if isRead { read.add(cause, as: likeness) } else { seen.add(cause, as: likeness) }
  }

  /// Counts jobs that were only seen.
  ///
  /// - Parameters:
  ///   - job: one of them.
  ///   - number: how many they are.
  /// - Returns: whether one like it is known; else the cause is to be added.
  mutating func count(_ code: CauseCode, _ job: JobKey, parent: JobKey?, of number: Int) -> Bool {
    let likeness = Self.likeness(code, job, parent: parent, reason: nil)
    guard let count = seen.causes[likeness]?.evidence.count else { return false }
    seen.causes[likeness]?.evidence.count = count.addingClamped(number)
    return true
  }

  /// All causes.
  var causes: [Cause] {
    var all = read
    for likeness in seen.order {
      guard let cause = seen.causes[likeness] else { continue }
      let fitting = read.order.filter {
        $0.queue == likeness.queue && $0.parent == likeness.parent && Self.mayBe(likeness.code).contains($0.code)
      }
      let most = fitting.max { (read.causes[$0]?.evidence.count ?? 0) < (read.causes[$1]?.evidence.count ?? 0) }
      all.add(cause, as: most ?? likeness)
    }
    return all.order.compactMap { all.causes[$0] }
  }

  /// What jobs that were only seen may turn out to be.
  private static func mayBe(_ code: CauseCode) -> [CauseCode] {
    switch code {
    case .backlog: [.backlog, .retrying, .deferredFailure]
    case .delayed: [.delayed, .retrying]
    default: [code]
    }
  }
}
