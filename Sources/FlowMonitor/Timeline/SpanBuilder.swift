import QueueClient

/// What a job did when, from its hash and its children's: no more than these tell. Pure.
struct SpanBuilder {
  private let timed: TimedJob
  private let rule: ReleaseRule
  private var spans: [JobSpan] = []
  /// Up to when its life is told.
  private var time: Int

  /// The spans of a job, in order; each begins where the one before ends.
  static func spans(of key: JobKey, by rule: ReleaseRule) -> [JobSpan] {
    guard let timed = rule.facts.jobs[key] else { return [] }
    let told = rule.facts.history.events[key].map { EventSpans.spans(of: timed, events: $0) } ?? []
    var spans = told
    if spans.isEmpty, var builder = SpanBuilder(timed, rule) { spans = builder.build() }
    return Blocking(rule: rule, timed: timed).split(spans)
  }

  private init?(_ timed: TimedJob, _ rule: ReleaseRule) {
    let job = timed.job
    guard let begin = job.timestamp ?? job.processedOn ?? job.finishedOn else { return nil }
    (self.timed, self.rule, time) = (timed, rule, begin)
  }

  private var job: FlowJob { timed.job }

  /// Goes on to a time; what would take no time, or less, is left out.
  private mutating func add(_ kind: JobSpan.Kind, to end: Int?, edit: (inout JobSpan) -> Void = { _ in }) {
    if let end, end <= time { return }
    var span = JobSpan(kind, from: time, to: end)
    edit(&span)
    spans.append(span)
    time = end ?? time
  }

  private mutating func gap(_ gap: JobSpan.Gap, to end: Int?) { add(.unknown, to: end) { $0.gap = gap } }

  private var isActive: Bool { job.state == .active }

  /// How often a worker took it without an attempt coming to an end: to wait for children that it had added, mostly.
  private var unfinishedRuns: Int {
    max(0, timed.attemptsStarted.subtractingClamped(job.attemptsMade).subtractingClamped(isActive ? 1 : 0))
  }

  private mutating func build() -> [JobSpan] {
    if job.isParent {
      tellChildren()
      if job.state == .waitingChildren { return spans }
    }
    if timed.initialDelay > 0, job.state != .delayed || job.attemptsMade > 0 {
      add(.delayed, to: min(time.addingClamped(timed.initialDelay), job.processedOn ?? .max))
    }
    // A parent that ran, and was released after that, has not been taken again.
    if let start = job.processedOn, start >= time || job.isFinished || isActive {
      let earlier = max(0, attempts - 1)
      if earlier > 0 { gap(.earlierAttempts(earlier), to: start) } else { add(.waiting, to: start) }
      tellLastAttempt()
    } else {
      tellBeforeFirst()
    }
    return spans
  }

  /// How many attempts there have been, the one that runs included.
  private var attempts: Int { max(0, job.attemptsMade).addingClamped(isActive ? 1 : 0) }

  private mutating func tellChildren() {
    let first = (rule.facts.families[job.key]?.children ?? []).compactMap { rule.facts.jobs[$0.key]?.job.timestamp }
      .min()
    if job.state == .waitingChildren {
      if let start = job.processedOn, let since = timed.waitingSince, since >= start {
        // It ran, and then began to wait.
        if unfinishedRuns > 1 || job.attemptsMade > 0 {
          gap(.runBeforeChildren, to: start)
        } else {
          add(.waiting, to: start)
        }
        add(.active, to: since)
      }
      return add(.waitingChildren, to: nil)
    }
    if unfinishedRuns > 0, timed.stalledCounter == 0, let first { gap(.runBeforeChildren, to: first) }
    guard let release = rule.release(of: job.key) else {
      return gap(.missingChildren, to: job.processedOn ?? job.finishedOn)
    }
    // Clocks of several machines are never quite the same.
    let taken = job.isFinished || isActive ? job.processedOn : nil
    add(.waitingChildren, to: min(release.time, taken ?? .max))
    if !release.isCertain { gap(.missingChildren, to: taken) }
  }

  private mutating func tellLastAttempt() {
    let attempt = max(1, attempts)
    switch job.state {
    case .active:
      if job.isWithoutLock { return gap(.lostAttempt, to: nil) }
      add(.active, to: nil) { $0.attempt = attempt }
    case .completed, .failed:
      guard let end = job.finishedOn else { return gap(.nothing, to: nil) }
      let isFailure = job.state == .failed
      add(.active, to: end) { ($0.attempt, $0.isFailure) = (attempt, isFailure) }
    case .delayed:
      // It was put off for as long as the time until which it is: the attempt failed when that began.
      guard let due = job.dueOn, timed.delay > 0, due.subtractingClamped(timed.delay) >= time else {
        return gap(.earlierAttempts(max(1, job.attemptsMade)), to: nil)
      }
      add(.active, to: due.subtractingClamped(timed.delay)) { ($0.attempt, $0.isFailure) = (attempt, true) }
      add(job.attemptsMade > 0 ? .backoff : .delayed, to: nil)
    case .waiting, .prioritized:
      gap(job.attemptsMade > 0 ? .earlierAttempts(job.attemptsMade) : .lostAttempt, to: nil)
    case .waitingChildren, .unknown:
      gap(.nothing, to: nil)
    }
  }

  private mutating func tellBeforeFirst() {
    switch job.state {
    case .waiting, .prioritized: add(.waiting, to: nil)
    case .delayed: add(job.attemptsMade > 0 ? .backoff : .delayed, to: nil)
    case .completed, .failed: gap(.nothing, to: job.finishedOn)
    case .active, .waitingChildren, .unknown: gap(.nothing, to: nil)
    }
  }
}
