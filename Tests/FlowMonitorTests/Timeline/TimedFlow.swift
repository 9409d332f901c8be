import QueueClient

@testable import FlowMonitor

/// A flow with times, put together by hand; all times count from 0.
struct TimedFlow {
  var facts: TimelineFacts

  init(now: Int = 1000) { facts = TimelineFacts(root: Self.key("root/r"), now: now) }

  static func key(_ text: String) -> JobKey {
    let parts = text.split(separator: "/").map(String.init)
    return JobKey(queue: QueueKey(name: parts[0]), id: parts[1])
  }

  /// Puts a job into the flow.
  ///
  /// - Parameters:
  ///   - times: when it was added, taken, and ended.
  ///   - kind: what its parent keeps of it; by default what fits to its state.
  mutating func put(
    _ text: String, _ state: JobState, _ times: (Int?, Int?, Int?), under parent: String? = nil,
    kind: Family.Kind? = nil, edit: (inout TimedJob) -> Void = { _ in }
  ) {
    let key = Self.key(text)
    var timed = TimedJob(FlowJob(key: key, name: key.id, state: state))
    (timed.job.timestamp, timed.job.processedOn, timed.job.finishedOn) = times
    timed.job.attemptsMade = state.isFinished ? 1 : 0
    timed.attemptsStarted = times.1 == nil ? 0 : 1
    edit(&timed)
    facts.jobs[key] = timed
    if let parent { link(text, under: parent, kind ?? (state == .completed ? .processed : .unprocessed)) }
  }

  mutating func link(_ text: String, under parent: String, _ kind: Family.Kind) {
    let parent = Self.key(parent)
    var family = facts.families[parent] ?? TimedFamily()
    family.children.append(.init(key: Self.key(text), kind: kind))
    switch kind {
    case .processed: family.counts.processed += 1
    case .unprocessed: family.counts.unprocessed += 1
    case .ignored: family.counts.ignored += 1
    case .failed: family.counts.failed += 1
    }
    facts.families[parent] = family
    facts.jobs[parent]?.job.counts = family.counts
  }

  var timeline: Timeline { Timeline(facts) }

  /// What a job did, in short: `waiting 0-10, active 10-`.
  func spans(of text: String) -> String {
    let rule = ReleaseRule(facts)
    return SpanBuilder.spans(of: Self.key(text), by: rule).map { span in
      "\(span.kind.rawValue) \(span.start)-\(span.end.map { "\($0)" } ?? "")\(span.isFailure ? "!" : "")"
    }.joined(separator: ", ")
  }

  var path: [String] { CriticalPath(ReleaseRule(facts)).steps.map(\.job.id) }
}
