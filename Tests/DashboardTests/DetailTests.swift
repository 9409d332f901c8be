import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

@Suite struct DetailTests {
  private func detail(_ key: JobKey, _ fields: [String: String] = [:]) -> JobDetail {
    JobDetail(snapshot: JobSnapshot(key: key, fields: fields))
  }

  @Test func `the detail opens on the selected job, follows the selection, and gives up what nobody waits for`() {
    var model = Sample.model()
    #expect(model.press(.key(.enter)) == [.readDetail(Sample.stuck), .explain(Sample.stuck)])
    #expect(model.window.detail == Sample.stuck)
    #expect(model.press("j") == [.stopReadingDetail, .readDetail(Sample.bad), .explain(Sample.bad)])
    // What was read of the job before is no longer wanted.
    _ = model.update(.detail(Sample.stuck, detail(Sample.stuck, ["data": "\"outdated\""])))
    model.press("\t")
    #expect(!model.draw().text.contains("outdated"))
    #expect(model.press(.key(.escape)) == [.stopReadingDetail])
    #expect(model.detail.tab == nil && model.window.detail == nil)
  }

  @Test func `a text that was left out is told by its size, not shown as if it were one`() {
    var model = Sample.model()
    model.press("G\n\t")
    let left = JobDetail(
      snapshot: JobSnapshot(key: Sample.done, fields: ["name": "invoices"]), long: ["returnvalue": 1 << 20])
    _ = model.update(.detail(Sample.done, left))
    #expect(model.draw().text.contains("  1.0 MB, too long to show here"))
  }

  @Test func `it opens on why where something is wrong, else on the data`() {
    var model = Sample.model()
    model.press("\n")
    #expect(model.detail.tab == .why)
    #expect(model.draw().text.contains("monthly-report waits for convert, which failed for good"))
    model.press(.key(.escape))
    model.press("G\n")
    #expect(model.detail.tab == .data)
  }

  @Test func `on its page, why a flow is not done is looked for, told, and looked for again after a while`() {
    var model = Sample.model()
    #expect(model.press("\n").contains(.explain(Sample.stuck)))
    var cause = Cause(
      .failedChild, at: Sample.bad, chain: [Sample.stuck, Sample.bad], fixes: [.retryFlow(Sample.stuck)])
    cause.evidence.name = "convert"
    cause.evidence.parentName = "monthly-report"
    cause.evidence.parent = Sample.stuck
    cause.evidence.reason = "found by looking"
    let found = Explanation(job: Sample.stuck, state: .waitingChildren, root: Sample.stuck, causes: [cause])
    #expect(!model.update(.explanation(Sample.stuck, found)).contains(.explain(Sample.stuck)))
    let text = model.draw().text
    #expect(text.contains("found by looking") && text.contains("bullflow flow retry"))
    #expect(!model.update(.tick(1031)).contains(.explain(Sample.stuck)))
    #expect(model.update(.tick(1040)).contains(.explain(Sample.stuck)))
    // Of a flow that was left nothing is told.
    model.press("G")
    _ = model.update(.explanation(Sample.stuck, found))
    #expect(!model.draw().text.contains("found by looking"))
  }

  @Test func `a job that changes is read again, but not while it is being read`() {
    var model = Sample.model()
    model.press("w")
    var picture = Sample.picture
    for progress in 1...3 {
      picture.jobs[Sample.stuck]?.progress = .int(progress)
      #expect(!model.update(.picture(picture)).contains(.readDetail(Sample.stuck)))
    }
    #expect(model.update(.detail(Sample.stuck, nil)) == [.readDetail(Sample.stuck)])
    #expect(model.update(.detail(Sample.stuck, nil)) == [])
    picture.jobs[Sample.stuck]?.progress = 4
    #expect(model.update(.picture(picture)) == [.readDetail(Sample.stuck)])
  }

  @Test func `a detail that cannot be read says so once`() {
    var model = Sample.model()
    model.press("w")
    #expect(model.update(.detailFailed(Sample.stuck, "NOPERM")) == [])
    #expect(model.notice?.text == "NOPERM")
  }

  @Test(arguments: [
    (DetailTab.data, ["data": #"{"place":"ceiling"}"#], #"place: "ceiling""#), (.result, [:], "no result yet"),
    (.result, ["returnvalue": "2500"], "result: 2500"), (.error, ["failedReason": "boom\nline two"], "line two"),
    (.timeline, ["timestamp": "1000000"], "1970-01-01T00:16:40Z"),
  ])
  func `each page shows its part of the job`(tab: DetailTab, fields: [String: String], words: String) {
    var model = Sample.model()
    model.press("w")
    while model.detail.tab != tab { model.press("\t") }
    _ = model.update(.detail(Sample.stuck, detail(Sample.stuck, fields)))
    #expect(model.draw().text.contains(words), "\(model.draw().text)")
  }

  @Test func `huge values are bounded, long lines are broken, and scrolling stops at the ends`() {
    var model = Sample.model()
    model.press("w\t")
    let huge = String(repeating: "x", count: 300_000)
    _ = model.update(.detail(Sample.stuck, detail(Sample.stuck, ["data": huge])))
    #expect(model.detail.page.lines.count <= DetailPage.limit + 1)
    #expect(model.detail.page.lines.allSatisfy { $0.text.count <= 120 })
    for _ in 0..<3 { model.press("K") }
    #expect(model.detail.top == 0)
    model.press("JJ")
    #expect(model.detail.top == 2)
    model.press(.wheel(1_000_000, row: model.layout.detail.rows.upperBound - 2, column: 5))
    #expect(model.detail.top == model.detail.page.lines.count - model.layout.detail.height + 1)
  }

  @Test func `a click on a page's name shows it`() {
    var model = Sample.model()
    model.press("w")
    let row = model.layout.detail.rows.lowerBound
    model.press(.click(row: row, column: 8))
    #expect(model.detail.tab == .data)
  }
}
