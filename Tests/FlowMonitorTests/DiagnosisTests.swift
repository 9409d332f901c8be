import QueueClient
import Testing

@testable import FlowMonitor

/// What is found to be wrong with a flow, by plain values.
@Suite struct DiagnosisTests {
  private func key(_ id: String) -> JobKey { JobKey(queue: QueueKey(name: "q"), id: id) }

  private func job(
    _ id: String, _ state: JobState, pending: Int = 0, policy: FailurePolicy? = nil
  ) -> FlowJob {
    var job = FlowJob(key: key(id), name: id, state: state)
    job.counts = DependenciesCount(unprocessed: pending)
    job.failurePolicy = policy
    job.failedReason = state == .failed ? "why not" : nil
    return job
  }

  /// The diagnosis of `root`.
  ///
  /// - Parameter families: the pending children of each parent.
  private func diagnosis(
    _ jobs: [FlowJob], families: [String: [String]] = [:], gone: [String] = [], isPaused: Bool = false
  ) -> Diagnosis {
    Diagnosis(
      of: key("root"), jobs: Dictionary(jobs.map { ($0.key, $0) }) { first, _ in first }, gone: Set(gone.map(key)),
      children: { (families[$0.id] ?? []).map { Family.Child(key: key($0), kind: .unprocessed) } },
      isPaused: { _ in isPaused })
  }

  @Test func `a failed child without a policy is found however deep it lies`() {
    let depth = 3000
    var jobs = [job("root", .waitingChildren, pending: 1)]
    var families = ["root": ["0"]]
    for level in 0..<depth {
      jobs.append(job("\(level)", .waitingChildren, pending: 1))
      families["\(level)"] = [level + 1 < depth ? "\(level + 1)" : "leaf"]
    }
    jobs.append(job("leaf", .failed))
    let cause = diagnosis(jobs, families: families).cause(of: key("root"))
    #expect(cause?.code == .failedChild && cause?.job == key("leaf") && cause?.evidence.reason == "why not")
    #expect(cause?.chain.count == depth + 2 && cause?.evidence.parent == key("\(depth - 1)"))
    #expect(cause?.fixes.first == .retryFlow(key("root")))
  }

  @Test(arguments: FailurePolicy.allCases) func `a failed child that has a policy blocks nobody`(policy: FailurePolicy)
  {
    let jobs = [job("root", .waitingChildren, pending: 1), job("leaf", .failed, policy: policy)]
    #expect(diagnosis(jobs, families: ["root": ["leaf"]]).needsPerson == false)
  }

  @Test(arguments: [1, 2, 4]) func `what goes in circles is looked at once`(length: Int) {
    let ids = (0..<length).map { $0 == 0 ? "root" : "\($0)" }
    let families = Dictionary(uniqueKeysWithValues: ids.indices.map { (ids[$0], [ids[($0 + 1) % length]]) })
    #expect(diagnosis(ids.map { job($0, .waitingChildren, pending: 1) }, families: families) == .fine)
  }

  @Test func `what a parent waits for in vain is told`() {
    let parent = job("root", .waitingChildren, pending: 1)
    let families = ["root": ["child"]]
    #expect(diagnosis([parent], families: families, gone: ["child"]) == .missingChild(key("child")))
    #expect(
      diagnosis([parent, job("child", .completed)], families: families)
        == .completedStillPending(key("child"), name: "child"))
    #expect(
      diagnosis([parent, job("child", .unknown)], families: families) == .lostChild(key("child"), name: "child"))
    #expect(diagnosis([job("root", .waitingChildren)]) == .waitsForNothing)
  }

  @Test func `of several things that are wrong the gravest is told, wherever it lies, as explain does`() {
    let jobs = [
      job("root", .waitingChildren, pending: 3), job("done", .completed), job("mid", .waitingChildren, pending: 1),
      job("leaf", .failed), job("ready", .waiting),
    ]
    let families = ["root": ["done", "gone", "mid", "ready"], "mid": ["leaf"]]
    let found = diagnosis(jobs, families: families, gone: ["gone"], isPaused: true)
    #expect(found.code == .failedChild && found.cause(of: key("root"))?.job == key("leaf"))
    let without = diagnosis(jobs, families: ["root": ["done", "gone", "ready"]], gone: ["gone"], isPaused: true)
    #expect(without == .missingChild(key("gone")))
  }

  @Test func `a paused queue holds a flow up, until somebody resumes it`() {
    let found = diagnosis([job("root", .waiting)], isPaused: true)
    #expect(found == .queuePaused && found.needsPerson)
    // It is the child's queue that is paused, not the root's.
    let below = diagnosis(
      [job("root", .waitingChildren, pending: 1), job("child", .waiting)], families: ["root": ["child"]],
      isPaused: true)
    guard case .held(let cause) = below else {
      Issue.record("\(below)")
      return
    }
    #expect(cause.code == .queuePaused && cause.job == key("child") && cause.chain == [key("root"), key("child")])
  }

  @Test func `what may pass in a moment is shown when it has stood for a while, or when the sweep has found it too`() {
    var book = DiagnosisBook()
    let start = ContinuousClock.now
    let found = [key("root"): Diagnosis.missingChild(key("child"))]
    let first = book.take(found, swept: [:], at: start)
    #expect(first.shown.isEmpty && first.isWaiting)
    let passed = book.take([:], swept: [:], at: start + .seconds(1))
    #expect(passed.shown.isEmpty && !passed.isWaiting)
    _ = book.take(found, swept: [:], at: start + .seconds(1.5))
    let early = book.take(found, swept: [:], at: start + .seconds(3))
    #expect(early.shown.isEmpty)
    let late = book.take(found, swept: [:], at: start + .seconds(4))
    #expect(late.shown == found)
    var other = DiagnosisBook()
    let swept = other.take(found, swept: found, at: start)
    #expect(swept.shown == found)
    let failed = [key("root"): Diagnosis.failed(reason: "why not")]
    let certain = other.take(failed, swept: [:], at: start)
    #expect(certain.shown == failed)
  }
}
