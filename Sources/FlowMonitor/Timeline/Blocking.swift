import QueueClient

/// Tells apart when a job only waited and when it could not go on. Pure.
struct Blocking {
  let rule: ReleaseRule
  let timed: TimedJob

  private var key: JobKey { timed.job.key }

  /// Why the job cannot go on now, be it known since when or not.
  var block: JobSpan.Block? {
    switch timed.job.state {
    case .waitingChildren:
      return rule.failedChild(of: key).map { .failedChild($0.key) }
        ?? rule.missingChild(of: key).map { .missingChild($0) }
    case .waiting, .prioritized, .delayed: return rule.facts.pausedQueues.contains(key.queue) ? .pausedQueue : nil
    case .active: return timed.job.isWithoutLock ? .noLock : nil
    case .completed, .failed, .unknown: return nil
    }
  }

  /// The spans, those divided in which it began or ceased to be so.
  func split(_ spans: [JobSpan]) -> [JobSpan] {
    spans.flatMap { span -> [JobSpan] in
      switch span.kind {
      case .waiting: return splitByPauses(span)
      case .waitingChildren where span.end == nil:
        guard let failed = rule.failedChild(of: key), let since = failed.since else { return [span] }
        return divide(span, [(since, nil, .failedChild(failed.key))])
      default: return [span]
      }
    }
  }

  private func splitByPauses(_ span: JobSpan) -> [JobSpan] {
    divide(span, (rule.facts.history.pauses[key.queue] ?? []).map { ($0.start, $0.end, .pausedQueue) })
  }

  private func divide(_ span: JobSpan, _ blocked: [(start: Int, end: Int?, block: JobSpan.Block)]) -> [JobSpan] {
    var parts: [JobSpan] = []
    var rest = span
    for (start, end, block) in blocked {
      let from = max(start, rest.start)
      let to = min(end ?? .max, span.end ?? .max)
      guard from < to else { continue }
      if from > rest.start { parts.append(JobSpan(span.kind, from: rest.start, to: from)) }
      var part = JobSpan(.blocked, from: from, to: to == .max ? nil : to)
      part.block = block
      parts.append(part)
      guard to != .max, to != span.end else { return parts }
      rest.start = to
    }
    return parts + [rest]
  }
}
