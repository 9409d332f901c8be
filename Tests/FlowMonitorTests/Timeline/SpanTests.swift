import QueueClient
import Testing

@testable import FlowMonitor

/// What is told of a job's time, from what BullMQ keeps of it.
@Suite struct SpanTests {
  /// A job alone, and what it did.
  struct Case: Sendable, CustomTestStringConvertible {
    var what: String
    var state: JobState
    var times: [Int?]
    var edit: @Sendable (inout TimedJob) -> Void = { _ in }
    var spans: String
    var testDescription: String { what }
  }

  static let cases: [Case] = [
    Case(what: "waits", state: .waiting, times: [0, nil, nil], spans: "waiting 0-"),
    Case(what: "has a priority", state: .prioritized, times: [0, nil, nil], spans: "waiting 0-"),
    Case(what: "runs", state: .active, times: [0, 10, nil], spans: "waiting 0-10, active 10-"),
    Case(what: "ran", state: .completed, times: [0, 10, 30], spans: "waiting 0-10, active 10-30"),
    Case(what: "ran at once", state: .completed, times: [0, 0, 30], spans: "active 0-30"),
    Case(what: "failed", state: .failed, times: [0, 10, 30], spans: "waiting 0-10, active 10-30!"),
    Case(
      what: "is delayed", state: .delayed, times: [0, nil, nil], edit: { $0.initialDelay = 5000 }, spans: "delayed 0-"),
    Case(
      what: "was delayed", state: .completed, times: [0, 60, 90], edit: { $0.initialDelay = 50 },
      spans: "delayed 0-50, waiting 50-60, active 60-90"),
    Case(
      what: "was promoted before its time", state: .completed, times: [0, 20, 90], edit: { $0.initialDelay = 50 },
      spans: "delayed 0-20, active 20-90"),
    Case(
      what: "was tried three times: when, the hash does not tell", state: .completed, times: [0, 200, 300],
      edit: { ($0.job.attemptsMade, $0.attemptsStarted, $0.job.attempts) = (3, 3, 3) },
      spans: "unknown 0-200, active 200-300"),
    Case(
      what: "backs off: the end of the attempt is what it is put off from", state: .delayed, times: [0, 10, nil],
      edit: { ($0.job.attemptsMade, $0.attemptsStarted, $0.job.dueOn, $0.delay) = (1, 1, 1040, 1000) },
      spans: "waiting 0-10, active 10-40!, backoff 40-"),
    Case(
      what: "waits again after a failure: when that was, nobody knows", state: .waiting, times: [0, 10, nil],
      edit: { ($0.job.attemptsMade, $0.attemptsStarted) = (1, 1) }, spans: "waiting 0-10, unknown 10-"),
    Case(
      what: "is lost by its worker", state: .active, times: [0, 10, nil], edit: { $0.job.isWithoutLock = true },
      spans: "waiting 0-10, unknown 10-"),
    Case(what: "has no end", state: .completed, times: [0, 10, nil], spans: "waiting 0-10, unknown 10-"),
    Case(what: "has no times", state: .completed, times: [nil, nil, nil], spans: ""),
    Case(what: "has no beginning", state: .completed, times: [nil, 10, 30], spans: "active 10-30"),
    Case(what: "is nowhere", state: .unknown, times: [0, nil, nil], spans: "unknown 0-"),
    Case(what: "ended before it began", state: .completed, times: [100, 50, 20], spans: ""),
    Case(
      what: "has times that no clock shows", state: .completed, times: [.min, 0, .max],
      edit: { ($0.initialDelay, $0.attemptsStarted) = (.max, .max) },
      spans: "delayed \(Int.min)--1, waiting -1-0, active 0-\(Int.max)"
    ),
  ]

  @Test(arguments: cases) func `a job's spans tell what its hash tells`(example: Case) {
    var flow = TimedFlow()
    flow.put("root/r", example.state, (example.times[0], example.times[1], example.times[2]), edit: example.edit)
    #expect(flow.spans(of: "root/r") == example.spans)
  }

  @Test(arguments: cases) func `spans follow on one another, and only the last may last`(example: Case) {
    var flow = TimedFlow()
    flow.put("root/r", example.state, (example.times[0], example.times[1], example.times[2]), edit: example.edit)
    let spans = flow.timeline.rows[0].spans
    for (one, next) in zip(spans, spans.dropFirst()) { #expect(one.end == next.start) }
    #expect(spans.allSatisfy { span in span.end.map { $0 > span.start } ?? (span == spans.last) })
  }

  // MARK: Parents

  @Test func `a parent waits for its last child, then in its queue, and runs`() {
    var flow = TimedFlow()
    flow.put("root/r", .completed, (0, 60, 90))
    flow.put("leaf/a", .completed, (0, 5, 20), under: "root/r")
    flow.put("leaf/b", .completed, (0, 5, 50), under: "root/r")
    #expect(flow.spans(of: "root/r") == "waiting-children 0-50, waiting 50-60, active 60-90")
  }

  @Test func `a parent whose child's failure releases it does not wait for the others`() {
    for (kind, policy) in [(Family.Kind.failed, FailurePolicy?.none), (.ignored, .continueParentOnFailure)] {
      var flow = TimedFlow()
      flow.put("root/r", .completed, (0, 30, 40))
      flow.put("leaf/a", .failed, (0, 5, 20), under: "root/r", kind: kind) { $0.job.failurePolicy = policy }
      flow.put("leaf/b", .completed, (0, 5, 500), under: "root/r")
      #expect(flow.spans(of: "root/r") == "waiting-children 0-20, waiting 20-30, active 30-40")
    }
  }

  @Test func `a parent is blocked from when a child failed that it waits for`() {
    var flow = TimedFlow()
    flow.put("root/r", .waitingChildren, (0, nil, nil))
    flow.put("leaf/a", .failed, (0, 5, 20), under: "root/r")
    flow.put("leaf/b", .failed, (0, 5, 200), under: "root/r")
    #expect(flow.spans(of: "root/r") == "waiting-children 0-20, blocked 20-")
    #expect(flow.timeline.rows[0].block == .failedChild(TimedFlow.key("leaf/a")))
  }

  @Test func `a parent that waits for a child that is gone is blocked; since when, nobody knows`() {
    var flow = TimedFlow()
    flow.put("root/r", .waitingChildren, (0, nil, nil))
    flow.link("leaf/a", under: "root/r", .unprocessed)
    flow.facts.gone = [TimedFlow.key("leaf/a")]
    #expect(flow.spans(of: "root/r") == "waiting-children 0-")
    #expect(flow.timeline.rows[0].block == .missingChild(TimedFlow.key("leaf/a")))
  }

  @Test func `where finished children were removed, it is not told when the last of them ended`() {
    var flow = TimedFlow()
    flow.put("root/r", .completed, (0, 60, 90))
    flow.put("leaf/a", .completed, (0, 5, 20), under: "root/r")
    flow.link("leaf/b", under: "root/r", .processed)
    flow.facts.gone = [TimedFlow.key("leaf/b")]
    #expect(flow.spans(of: "root/r") == "waiting-children 0-20, unknown 20-60, active 60-90")
    #expect(!flow.timeline.path.isCertain)
  }

  @Test func `a job that ran, added children and waits for them did so in this order`() {
    var flow = TimedFlow()
    flow.put("root/r", .waitingChildren, (0, 10, nil)) { $0.waitingSince = 40 }
    flow.put("leaf/a", .active, (30, 50, nil), under: "root/r")
    #expect(flow.spans(of: "root/r") == "waiting 0-10, active 10-40, waiting-children 40-")
    flow.put("root/r", .completed, (0, 90, 100)) { ($0.attemptsStarted, $0.job.counts.processed) = (2, 1) }
    flow.facts.families = [:]
    flow.put("leaf/a", .completed, (30, 50, 80), under: "root/r")
    #expect(flow.spans(of: "root/r") == "unknown 0-30, waiting-children 30-80, waiting 80-90, active 90-100")
  }

  // MARK: Events

  private func retried(_ events: [(EventName, Int)]) -> TimedFlow {
    var flow = TimedFlow()
    flow.put("root/r", .completed, (0, 200, 300)) {
      ($0.job.attemptsMade, $0.attemptsStarted, $0.job.attempts) = (3, 3, 3)
    }
    flow.facts.history.events[flow.facts.root] = events.map { .init($0.0, at: $0.1) }
    return flow
  }

  @Test func `events tell of each attempt`() {
    let flow = retried([
      (.added, 0), (.waiting, 0), (.active, 10), (.delayed, 40), (.waiting, 90), (.active, 100), (.waiting, 150),
      (.active, 200), (.completed, 300),
    ])
    #expect(
      flow.spans(of: "root/r")
        == "waiting 0-10, active 10-40!, backoff 40-90, waiting 90-100, active 100-150!, waiting 150-200, active 200-300"
    )
    #expect(flow.timeline.rows[0].spans.compactMap(\.attempt) == [1, 2, 3])
  }

  @Test func `where the first events are trimmed away, what they told is left open`() {
    let flow = retried([(.waiting, 90), (.active, 100), (.waiting, 150), (.active, 200), (.completed, 300)])
    #expect(
      flow.spans(of: "root/r") == "unknown 0-90, waiting 90-100, active 100-150!, waiting 150-200, active 200-300")
    #expect(flow.timeline.rows[0].spans.compactMap(\.attempt) == [2, 3])
  }

  @Test func `events that do not lead to where the job is tell nothing`() {
    #expect(retried([(.added, 0), (.active, 10)]).spans(of: "root/r") == "unknown 0-200, active 200-300")
  }

  @Test func `a wait is divided where the queue was paused`() {
    var flow = TimedFlow()
    flow.put("root/r", .completed, (0, 80, 90))
    flow.facts.history.pauses[flow.facts.root.queue] = [.init(from: -5, to: 10), .init(from: 30, to: 60)]
    #expect(flow.spans(of: "root/r") == "blocked 0-10, waiting 10-30, blocked 30-60, waiting 60-80, active 80-90")
    flow.put("root/r", .waiting, (0, nil, nil))
    flow.facts.history.pauses[flow.facts.root.queue] = [.init(from: 30, to: nil)]
    #expect(flow.spans(of: "root/r") == "waiting 0-30, blocked 30-")
  }
}
