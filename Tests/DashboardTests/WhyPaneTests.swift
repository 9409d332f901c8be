import FlowMonitor
import Testing

@testable import Dashboard
@testable import QueueClient

/// The page that says why, as a place to act: its links and buttons.
@Suite struct WhyPaneTests {
  private static let retry = JobAction(.retryFlow, [.job(Sample.stuck)])
  private static let drop = JobAction(.removeDependency, [.dependency(child: Sample.bad, parent: Sample.stuck)])

  private static var explanation: Explanation {
    var cause = Cause(
      .failedChild, at: Sample.bad, chain: [Sample.stuck, Sample.bad], since: 1_000_000,
      fixes: [.retryFlow(Sample.stuck), .removeDependency(child: Sample.bad, parent: Sample.stuck)])
    (cause.evidence.name, cause.evidence.parentName, cause.evidence.parent) = (
      "convert", "monthly-report", Sample.stuck
    )
    cause.evidence.reason = "rates 503"
    var worker = Cause(
      .stalled, at: Sample.bad, chain: [Sample.stuck, Sample.bad], fixes: [.startWorker(Sample.bad.queue)])
    worker.evidence.name = "convert"
    let backlog = Cause(.backlog, at: Sample.stuck, chain: [Sample.stuck])
    return Explanation(
      job: Sample.stuck, state: .waitingChildren, root: Sample.stuck, causes: [cause, worker, backlog])
  }

  private func model(rows: Int = 50, columns: Int = 120, isASCII: Bool = false) -> DashboardModel {
    var model = Sample.model(rows: rows, columns: columns, isASCII: isASCII)
    model.press("w")
    _ = model.update(.explanation(Sample.stuck, Self.explanation))
    return model
  }

  @Test func `causes, evidence, proposals and the way there are shown, and marked where somebody is needed`() {
    let model = model()
    for text in [
      "! monthly-report waits for convert, which failed for good: rates 503", "since 30s",
      "1  run again what failed  (R)   bullflow flow retry reports monthly",
      "2  let the parent go on without it  (D)   bullflow job remove-dependency", "└ convert  steps/bad",
      "3  start a worker of steps   bullflow work steps -- YOUR-PROGRAM", "- reports/monthly waits for a turn",
    ] {
      #expect(model.draw().text.contains(text), "\(text)\n\(model.draw().text)")
    }
  }

  /// Keys on the page, and what is asked then.
  @Test(arguments: [
    ("\n", Effect.preview(retry)), ("1", .preview(retry)), ("2", .preview(drop)), ("j\n", .preview(drop)),
    ("jjjjjjjjkj\n", .copy("bullflow work steps -- YOUR-PROGRAM")),
    ("3", .copy("bullflow work steps -- YOUR-PROGRAM")), ("kj1", .preview(retry)),
  ])
  func `keys choose a proposal and run it as the menu does`(keys: String, effect: Effect) {
    var model = model()
    #expect(model.press(keys) == [effect])
  }

  @Test func `a number that nothing has is said, and changes no view`() {
    var model = model()
    #expect(model.press("5") == [])
    #expect(model.view == .flows && model.notice?.text == "there is no proposal 5 here")
  }

  @Test func `Enter on a link goes to that job, and the page stays`() {
    var model = model()
    model.press("jjj")
    #expect(model.detail.why.selected == .job([Sample.stuck, Sample.bad]))
    model.press("\n")
    #expect(model.flows.selectedJobKey == Sample.bad)
    #expect(model.detail.tab == .why && model.draw().text.contains("rates 503"))
    model.press("k\n")
    #expect(model.flows.selectedJobKey == Sample.stuck)
  }

  @Test func `clicks on links and buttons do the same`() {
    var model = model()
    let rows = model.lines
    func row(_ text: String) -> Int { rows.lastIndex { $0.contains(text) } ?? 0 }
    #expect(model.press(.click(row: row("2  let the parent"), column: 10)) == [.preview(Self.drop)])
    model.press(.key(.escape))
    model.press(.click(row: row("└ convert"), column: 10))
    #expect(model.flows.selectedJobKey == Sample.bad)
  }

  @Test func `w opens it with the focus, brings the focus back, and closes it`() {
    var model = model()
    #expect(model.detail.hasWhyFocus)
    model.press(.click(row: model.layout.listRows.rows.lowerBound, column: 40))
    #expect(!model.detail.hasWhyFocus)
    model.press("w")
    #expect(model.detail.hasWhyFocus)
    model.press("w")
    #expect(model.detail.tab == nil)
    // Enter opens it, and the keys stay the list's.
    model.press("\nj")
    #expect(model.detail.tab == .why && model.flows.selectedJobKey == Sample.bad)
    model.press(.key(.escape))
    #expect(model.detail.tab == nil)
  }

  @Test func `other keys keep their meaning, and the last row names those of the page`() {
    var model = model()
    let last = model.lines.last ?? ""
    #expect(last.contains("j choose") && last.contains("Enter do it") && last.contains("] next problem"), "\(last)")
    model.press("\t")
    #expect(model.detail.tab == .data && !model.detail.hasWhyFocus)
    model.press("j")
    #expect(model.flows.selectedJobKey == Sample.bad)
  }

  @Test func `when something was done, it is looked at again, and the page says what came of it`() {
    var model = model()
    model.press("1")
    var preview = ActionPreview(Self.retry)
    (preview.jobs, preview.parts) = (1, [.retry(Sample.bad, .failed)])
    _ = model.update(.preview(preview))
    #expect(model.press("y") == [.change(preview)])
    var outcome = ActionOutcome()
    (outcome.jobs, outcome.subjects) = (1, ["bull:steps:bad"])
    #expect(model.update(.outcome(preview, outcome, milliseconds: 3)).contains(.explain(Sample.stuck)))
    #expect(model.line(with: "looking again").contains("retried 1 job in 3 ms"))
    var left = Self.explanation
    _ = model.update(.explanation(Sample.stuck, left))
    #expect(model.line(with: "this is left").contains("retried 1 job in 3 ms"))
    left.causes = []
    _ = model.update(.tick(1100))
    _ = model.update(.explanation(Sample.stuck, left))
    #expect(model.draw().text.contains("nothing is left that needs somebody"))
  }

  @Test func `what was asked before something was done is no answer`() {
    var model = model()
    #expect(model.update(.tick(1100)).contains(.explain(Sample.stuck)))
    let preview = ActionPreview(Self.retry)
    model.actions.stage = .asking(preview)
    model.press("y")
    _ = model.update(.outcome(preview, ActionOutcome(), milliseconds: 3))
    #expect(model.update(.explanation(Sample.stuck, Self.explanation)).contains(.explain(Sample.stuck)))
    #expect(model.draw().text.contains("looking again"))
  }

  @Test func `why a job that does not exist is waited for, its flow tells`() {
    var picture = Sample.picture
    picture.jobs[Sample.bad] = nil
    picture.gone.insert(Sample.bad)
    var model = Sample.model(picture: picture)
    #expect(model.press("lw").contains(.explain(Sample.stuck)))
    var cause = Cause(
      .missingChild, at: Sample.bad, chain: [Sample.stuck, Sample.bad], fixes: [.releaseFlow(Sample.stuck)])
    (cause.evidence.parent, cause.evidence.parentName) = (Sample.stuck, "monthly-report")
    _ = model.update(
      .explanation(
        Sample.stuck, Explanation(job: Sample.stuck, state: .waitingChildren, root: Sample.stuck, causes: [cause])))
    #expect(model.draw().text.contains("monthly-report waits for steps/bad, which does not exist"))
    #expect(model.press("1") == [.preview(JobAction(.releaseFlow, [.job(Sample.stuck)]))])
  }

  @Test func `a long way is cut in its middle, and its ends can be chosen`() {
    let chain = (0..<1000).map { Sample.key("deep", "\($0)") }
    var cause = Cause(.failedChild, at: chain[999], chain: [Sample.stuck] + chain)
    cause.evidence.name = "deepest"
    var model = Sample.model()
    model.press("w")
    _ = model.update(
      .explanation(
        Sample.stuck, Explanation(job: Sample.stuck, state: .waitingChildren, root: Sample.stuck, causes: [cause])))
    #expect(model.detail.page.lines.count < 20)
    #expect(model.detail.page.lines.contains { $0.text.contains("989 in between") })
    #expect(model.detail.why.items.last == .job(cause.chain))
  }

  @Test(arguments: [(8, 40), (24, 80), (40, 120), (50, 160)], [false, true])
  func `it fits every screen, what is chosen is seen, and ASCII terminals get ASCII`(size: (Int, Int), isASCII: Bool) {
    var model = model(rows: size.0, columns: size.1, isASCII: isASCII)
    for _ in 0..<8 {
      let text = model.draw().text
      if isASCII { #expect(text.allSatisfy { $0.isASCII }, "\(text)") }
      let area = model.layout.detail
      let shown = model.detail.top..<model.detail.top + area.height - 1
      #expect(
        model.detail.page.lines.indices.contains {
          shown.contains($0) && model.detail.page.lines[$0].item == model.detail.why.cursor
        })
      model.press("j")
    }
  }

  @Test func `hostile names stay harmless`() {
    var cause = Cause(.failedChild, at: Sample.bad, chain: [Sample.stuck, Sample.bad])
    (cause.evidence.name, cause.evidence.reason) = ("evil\u{1B}[2J\u{202E}", "a\u{7}b\nc")
    var model = Sample.model()
    model.press("w")
    _ = model.update(
      .explanation(
        Sample.stuck, Explanation(job: Sample.stuck, state: .waitingChildren, root: Sample.stuck, causes: [cause])))
    #expect(!model.draw().text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" || $0.value == 0x202E })
  }
}
