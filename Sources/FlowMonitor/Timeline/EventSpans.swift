import QueueClient

/// What a job did when, by the events of its queue: exact where the hash keeps only the last attempt. Pure.
enum EventSpans {
  /// The spans of a job.
  ///
  /// - Parameter events: the oldest first; what happened before them is not told.
  /// - Returns: nothing where the events do not lead to the job's state.
  static func spans(of timed: TimedJob, events: [FlowHistory.JobEvent]) -> [JobSpan] {
    guard let first = events.first,
      fits(timed.job.state, events.last { kind(of: $0.name) != nil || ends($0.name) }?.name)
    else { return [] }
    var spans: [JobSpan] = []
    // The time of adding is the producer's; the event's, the server's.
    let begin = first.name == .added ? first.time : min(timed.job.timestamp ?? first.time, first.time)
    var current: JobSpan? = first.name == .added ? nil : JobSpan(.unknown, from: begin, to: nil)
    current?.gap = .nothing
    // Attempts before the first event are counted by the hash alone.
    let counted = events.count { $0.name == .active }
    var attempt = max(0, max(timed.attemptsStarted, counted).subtractingClamped(counted))
    var time = begin
    for event in events {
      let now = max(time, event.time)
      if event.name == .stalled, let last = spans.lastIndex(where: { $0.kind == .active }) {
        (spans[last].isFailure, spans[last].gap) = (true, .lostAttempt)
      }
      guard let next = kind(of: event.name) ?? (ends(event.name) ? .ended : nil) else { continue }
      if var span = current {
        span.end = now
        if span.kind == .active, event.name != .completed, event.name != .waitingChildren { span.isFailure = true }
        if now > span.start { spans.append(span) }
      }
      let isRetry = next == .delayed && current?.kind == .active
      current = JobSpan(isRetry ? .backoff : next, from: now, to: nil)
      if next == .active {
        attempt = attempt.addingClamped(1)
        current?.attempt = attempt
      }
      time = now
    }
    if let current, current.kind != .ended { spans.append(current) }
    return spans
  }

  private static func ends(_ name: EventName) -> Bool { name == .completed || name == .failed }

  /// What a job does after an event.
  private static func kind(of name: EventName) -> JobSpan.Kind? {
    switch name {
    case .waiting: .waiting
    case .waitingChildren: .waitingChildren
    case .delayed: .delayed
    case .active: .active
    default: nil
    }
  }

  private static func fits(_ state: JobState, _ last: EventName?) -> Bool {
    switch state {
    case .waiting, .prioritized: last == .waiting
    case .active: last == .active
    case .delayed: last == .delayed
    case .waitingChildren: last == .waitingChildren
    case .completed: last == .completed
    case .failed: last == .failed
    case .unknown: false
    }
  }
}
