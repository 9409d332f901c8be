import QueueClient

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

/// A cause, and whether the job that it was found at was read, or only seen among many that are alike.
struct FoundCause {
  var cause: Cause
  var isRead: Bool

  /// What a job of the same kind that was read may have turned out to be: of those that were only seen, the most are
  /// taken to be as most of those are.
  fileprivate var mayBe: [CauseCode] {
    switch cause.code {
    case .backlog: [.backlog, .retrying, .deferredFailure]
    case .delayed: [.delayed, .retrying]
    default: [cause.code]
    }
  }
}

extension [FoundCause] {
  /// Causes that are alike become one, of the first job met, with their count: ten thousand jobs that wait are one cause.
  var merged: [Cause] {
    var order: [Likeness] = []
    var groups: [Likeness: Cause] = [:]
    for found in self.filter(\.isRead) + self.filter({ !$0.isRead }) {
      var likeness = Likeness(found.cause)
      if !found.isRead {
        let fitting = found.mayBe.compactMap { code in
          order.filter { $0.code == code && $0.queue == likeness.queue && $0.parent == likeness.parent }
            .max { (groups[$0]?.evidence.count ?? 0) < (groups[$1]?.evidence.count ?? 0) }
        }
        likeness =
          fitting.max { (groups[$0]?.evidence.count ?? 0) < (groups[$1]?.evidence.count ?? 0) } ?? likeness
      }
      guard var known = groups[likeness] else {
        order.append(likeness)
        groups[likeness] = found.cause
        continue
      }
      known.evidence.count = known.evidence.count.addingClamped(found.cause.evidence.count)
      if let since = found.cause.since { known.since = Swift.min(known.since ?? since, since) }
      if let until = found.cause.until { known.until = Swift.max(known.until ?? until, until) }
      groups[likeness] = known
    }
    return order.compactMap { groups[$0] }
  }
}
