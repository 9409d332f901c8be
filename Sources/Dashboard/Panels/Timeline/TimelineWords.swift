import FlowMonitor
import QueueClient

/// The words for a timeline. They quote what stands in Redis, and are to be cleaned before they reach a terminal.
struct TimelineWords {
  let timeline: Timeline

  /// A span of time: milliseconds where it is short.
  static func duration(_ milliseconds: Int) -> String {
    milliseconds < 1000 ? "\(max(0, milliseconds))ms" : Formatting.duration(milliseconds: milliseconds)
  }

  // MARK: The flow

  /// What the flow is called and how long it took, or has taken.
  var title: String {
    let name = name(of: timeline.facts.root)
    let length = Self.duration(timeline.last.subtractingClamped(timeline.start))
    return timeline.isRunning ? "\(name)  running for \(length)" : "\(name)  took \(length)"
  }

  /// What is usual, and of how many flows; empty where there are none.
  var usual: String {
    let earlier = timeline.facts.earlier
    guard earlier.flows > 0 else { return "no earlier flows to compare with" }
    let flows = Formatting.count(earlier.flows, "earlier flow")
    return earlier.total.map { "usually \(Self.duration($0)) (\(flows))" } ?? "compared with \(flows)"
  }

  /// The critical path, from the root down, each with its part.
  var path: String {
    let steps = timeline.path.steps.map { step in
      let part = step.part(at: timeline.now).map { " " + Self.duration($0) } ?? ""
      return name(of: step.job) + part
    }
    let shown = steps.count > 12 ? Array(steps.prefix(6)) + ["…"] + Array(steps.suffix(5)) : steps
    let words = timeline.isRunning ? "waits for" : "decided by"
    return "\(words): \(shown.joined(separator: " < "))\(timeline.path.isCertain ? "" : " (as far as is known)")"
  }

  /// What a job is called.
  func name(of key: JobKey) -> String {
    timeline.facts.jobs[key].map { JobName.shown($0.job.name, of: key) } ?? key.id
  }

  // MARK: A row

  /// What a row is called.
  func name(of row: Timeline.Row) -> String {
    switch row.id {
    case .job(let key): row.isGone ? "\(key.id) (removed)" : name(of: key)
    case .group(let id): "\(Formatting.count(row.group?.members.count ?? 0)) \(Glyphs.times) \(JobName.shown(id.name))"
    case .more(_, let count): "… \(Formatting.count(count)) more"
    case .unread(_, let count): "… \(Formatting.count(count)) more, not looked at"
    }
  }

  /// How long it waited for a worker, or for its time; empty where it did not.
  func waited(_ row: Timeline.Row) -> String {
    guard row.group == nil else { return "" }
    let waits = row.spans.filter { [.waiting, .delayed, .backoff, .blocked].contains($0.kind) }
    return waits.isEmpty ? "" : Self.duration(sum(waits))
  }

  /// How long it ran: at least, where not all attempts are told; of a group, how long each of them at the most.
  func ran(_ row: Timeline.Row) -> String {
    if let group = row.group { return group.slowest.map { "≤" + Self.duration($0.runTime) } ?? "" }
    let runs = row.spans.filter { $0.kind == .active }
    guard !runs.isEmpty else { return "" }
    return (row.spans.contains { $0.kind == .unknown && $0.gap != .missingChildren } ? "≥" : "")
      + Self.duration(sum(runs))
  }

  private func sum(_ spans: [JobSpan]) -> Int { spans.reduce(0) { $0.addingClamped($1.duration(at: timeline.now)) } }

  /// Whether it ran, or runs, for much longer than is usual.
  func isSlow(_ row: Timeline.Row) -> Bool {
    guard let usual = row.usual?.median, row.group == nil else { return false }
    let ran = row.spans.last { $0.kind == .active }?.duration(at: timeline.now) ?? 0
    return ran > usual.addingClamped(1000) && ran / 2 > usual
  }

  /// Everything that is told of a row, in a line.
  func line(_ row: Timeline.Row) -> String {
    let parts: [String]
    switch row.id {
    case .job: parts = job(row)
    case .group: parts = row.group.map(group) ?? []
    case .more: parts = ["Enter shows more"]
    case .unread:
      parts = [
        "a timeline looks at \(Formatting.count(TimelineReader.mostJobs)) jobs, \(TimelineReader.mostChildren) of one family"
      ]
    }
    return ([name(of: row)] + parts + usual(row)).joined(separator: ", ")
  }

  private func usual(_ row: Timeline.Row) -> [String] {
    row.usual.map { ["usually runs \(Self.duration($0.median)) (\(Formatting.count($0.count, "job")))"] } ?? []
  }

  private func job(_ row: Timeline.Row) -> [String] {
    if row.isGone {
      return [row.kind == .unprocessed ? "it is gone, its parent waits for it" : "its times are gone with it"]
    }
    guard let timed = row.job else { return ["not looked at"] }
    var parts = row.spans.compactMap { words($0, timed.job) }
    if let block = row.block, !row.spans.contains(where: { $0.block == block }) { parts.append(words(block)) }
    if timed.stalledCounter > 0 { parts.append("stalled \(Formatting.count(timed.stalledCounter, "time"))") }
    if timed.job.state == .failed, let reason = timed.job.failedReason {
      parts.append("failed: \(Formatting.firstLine(reason))")
    }
    if let part = row.step?.part(at: timeline.now) { parts.append("\(Self.duration(part)) of the critical path") }
    return parts
  }

  private func words(_ span: JobSpan, _ job: FlowJob) -> String? {
    let length = Self.duration(span.duration(at: timeline.now))
    switch span.kind {
    case .waitingChildren: return "children \(length)"
    case .waiting: return "queue \(length)"
    case .delayed: return "delayed \(length)"
    case .backoff: return "backoff \(length)"
    case .blocked: return "blocked \(length)" + (span.block.map { " (\(words($0)))" } ?? "")
    case .ended: return "ended \(length) before it was retried"
    case .active:
      let attempt = job.attempts > 1 || (span.attempt ?? 1) > 1 ? span.attempt.map { " (try \($0))" } ?? "" : ""
      return (span.end == nil ? "runs for \(length)" : span.isFailure ? "failed after \(length)" : "ran \(length)")
        + attempt
    case .unknown: return "\(length) of which Redis does not tell: \(words(span.gap))"
    }
  }

  private func words(_ gap: JobSpan.Gap?) -> String {
    switch gap {
    case .earlierAttempts(let count): "\(Formatting.count(count, "earlier attempt")) and the waiting between"
    case .runBeforeChildren: "a run before it had these children"
    case .missingChildren: "when the last child ended"
    case .lostAttempt: "when its worker lost it"
    case .nothing, nil: "what it did"
    }
  }

  private func words(_ block: JobSpan.Block) -> String {
    switch block {
    case .pausedQueue: "its queue is paused"
    case .failedChild(let child): "\(name(of: child)) failed"
    case .missingChild(let child): "\(child.queue.name)/\(child.id) is gone"
    case .noLock: "no worker holds it"
    }
  }

  private func group(_ group: TimelineGroup) -> [String] {
    var parts = JobState.allCases.compactMap { state in
      group.states[state].map { "\(Formatting.count($0)) \(state.rawValue)" }
    }
    if let start = group.firstStart {
      parts.append("the first taken after \(Self.duration(start.subtractingClamped(timeline.start)))")
    }
    if let end = group.lastEnd {
      parts.append("the last ended after \(Self.duration(end.subtractingClamped(timeline.start)))")
    }
    if let slowest = group.slowest {
      parts.append("slowest \(slowest.job.queue.name)/\(slowest.job.id) \(Self.duration(slowest.runTime))")
    }
    return parts
  }
}
