import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// The line of commands, and the view of what `:find` finds.
@Suite struct FindTests {
  private static let lone = Sample.key("mail", "m1")
  private static let child = Sample.key("steps", "c2")

  /// A model that looks for failed jobs, and has found some.
  private func finding(_ query: String = "state:failed", isOver: Bool = true) -> DashboardModel {
    var model = Sample.model()
    model.press(":find \(query)\n")
    var step = JobSearch.Step(found: [
      Sample.job(Self.lone, "letter", .failed) { $0.failedReason = "ECONNREFUSED" },
      Sample.job(Self.child, "launch", .active, parent: Sample.root),
    ])
    (step.progress.matches, step.progress.looked, step.progress.total, step.progress.queues) = (2, 500, 2000, 3)
    step.progress.progress = isOver ? .complete : Progress(0.25)
    _ = model.update(.find(.step(1, step)))
    if isOver { _ = model.update(.find(.ended(1, nil))) }
    return model
  }

  private func request(_ query: String, number: Int = 1) throws -> FindRequest {
    FindRequest(
      number: number, filter: try JobFilter(query), queues: Sample.picture.queues.keys.sorted(), most: FindPanel.most)
  }

  @Test func `:find looks for what is typed, in the queues that are known`() throws {
    var model = Sample.model()
    #expect(model.press(":find state:failed name:paint\n") == [.find(.search(try request("state:failed name:paint")))])
    #expect(model.line(with: "find state:failed name:paint").contains("0 %"))
    #expect(model.press(":find 42\n") == [.find(.search(try request("42", number: 2)))])
  }

  @Test func `where queues are still looked for, the search looks for them, too`() throws {
    var picture = Sample.picture
    picture.discovery = .none
    var model = Sample.model(picture: picture)
    let effects = model.press(":find 42\n")
    guard case .find(.search(let request))? = effects.first else { throw Missing() }
    #expect(request.queues == nil)
  }

  private struct Missing: Error {}

  /// What is typed, and what the last row says then.
  @Test(arguments: [
    (":", ":_"), (":fi", ":fi_"), (":fi\t", ":find _"), (":find sta\t", ":find state:_"),
    (":find state:fa\t", ":find state:failed _"), (":find que\tre\t", ":find queue:re_"),
    (":th\tli\t", ":theme light _"),
    (":x\n", "no such command"), (":find stat:x\n", "no field 'stat'"), (":find\n", "nothing to look for"),
    (":find @no\n", "no filter is saved"), (":theme pink\n", "themes are dark"),
  ]) func `the line of commands shows what is typed, what may come, and what is wrong`(keys: String, shown: String) {
    var model = Sample.model()
    model.press(keys)
    #expect(model.lines.last?.contains(shown) == true, "\(model.lines.last ?? "")")
  }

  @Test(arguments: [":q\n", ":quit\n"]) func `a command may be shortened`(keys: String) {
    var model = Sample.model()
    #expect(model.press(keys) == [.quit])
  }

  @Test func `the line closes with Esc, and keeps what was entered`() {
    var model = Sample.model()
    model.press(":find")
    model.press(.key(.escape))
    #expect(!model.palette.isTyping && !model.finding.isOpen)
    model.press(":find 42\n:")
    model.press(.key(.up))
    #expect(model.palette.text == "find 42")
  }

  @Test func `what is found is listed, with its state, reason, queue and id, and how far the search has come`() {
    let running = finding(isOver: false)
    let title = running.line(with: "find state:failed")
    #expect(title.contains("≥ 2 found") && title.contains("looked at 500 of 2,000 jobs") && title.contains("25 %"))
    let row = running.line(with: "letter")
    #expect(row.contains("✗") && row.contains("mail/m1") && row.contains("failed: ECONNREFUSED"))
    #expect(finding().line(with: "find state:failed").contains("2 found  of 500 jobs in 3 queues"))
  }

  @Test func `nothing found is said, and why a search has ended before its end`() {
    var model = Sample.model()
    model.press(":find 42\n")
    #expect(!model.line(with: "nothing found yet").isEmpty)
    var step = JobSearch.Step()
    step.progress.progress = .complete
    _ = model.update(.find(.step(1, step)))
    _ = model.update(.find(.ended(1, nil)))
    #expect(!model.line(with: "no job has the id '42'").isEmpty)
    model.press(":find name:x\n")
    _ = model.update(.find(.ended(2, "the connection was lost")))
    #expect(!model.line(with: "the connection was lost").isEmpty)
  }

  @Test func `Esc stops the search and goes back; what was found is there again with :find`() {
    var model = finding(isOver: false)
    #expect(model.press(.key(.escape)) == [.find(.stop)])
    #expect(!model.finding.isOpen && !model.line(with: "monthly-report").isEmpty)
    _ = model.update(.find(.step(1, JobSearch.Step(found: [Sample.job(Sample.bad, "late", .failed)]))))
    model.press(":find\n")
    #expect(model.finding.isOpen && model.finding.jobs.count == 2 && !model.line(with: "stopped").isEmpty)
  }

  @Test func `what comes of an earlier search is dropped`() {
    var model = finding()
    model.press(":find name:x\n")
    _ = model.update(.find(.step(1, JobSearch.Step(found: [Sample.job(Sample.bad, "late", .failed)]))))
    #expect(model.finding.jobs.isEmpty)
  }

  @Test func `Enter goes to the job in its flow, which opens down to it`() {
    var model = finding()
    #expect(model.press("j\n") == [.find(.climb(Self.child))])
    let effects = model.update(.find(.chain(Self.child, [Sample.root, Self.child])))
    #expect(!model.finding.isOpen && model.window.folds[Sample.root] == true)
    #expect(effects.contains(.find(.stop)) && effects.contains(.look(model.window)))
    var picture = Sample.picture
    picture.window = model.window
    _ = model.update(.picture(picture))
    #expect(model.flows.selectedJobKey == Self.child)
  }

  @Test func `a job that belongs to no flow is shown where it was found`() {
    var model = finding()
    #expect(model.press("\n").contains(.readDetail(Self.lone)))
    #expect(model.finding.isOpen && model.window.detail == Self.lone)
    #expect(model.press(.key(.escape)).isEmpty == false)
    #expect(model.finding.isOpen && model.detail.tab == nil)
  }

  @Test func `the jobs on the screen are read again each second, and those that are gone say so`() {
    var model = finding()
    #expect(model.update(.tick(1031)).contains(.find(.read([Self.lone, Self.child]))))
    let now = Sample.job(Self.child, "launch", .completed, parent: Sample.root) { $0.returnvalue = 2500 }
    _ = model.update(.find(.read([Self.lone, Self.child], [Self.child: now])))
    #expect(model.line(with: "letter").contains("gone since it was found"))
    #expect(model.line(with: "launch").contains("completed") && model.line(with: "launch").contains("2500"))
  }

  /// Keys, and what is asked of Redis then.
  @Test(arguments: [
    ("r", JobAction(.retry, [.job(lone)])), ("jx", JobAction(.remove, [.job(child)])),
    ("  R", JobAction(.retryFlow, [.job(lone), .job(child)])), ("p", JobAction(.pause, [.queue(lone.queue)])),
    ("jD", JobAction(.removeDependency, [.dependency(child: child, parent: Sample.root)])),
  ]) func `actions are about the marked jobs, else the selected one`(keys: String, action: JobAction) {
    var model = finding()
    #expect(model.press(keys) == [.preview(action)])
  }

  @Test func `the menu opens on a job that was found`() {
    var model = finding()
    model.press("a")
    #expect(!model.line(with: "retry").isEmpty && model.actions.isOpen)
  }

  @Test func `no two keys of what was found are the same, nor those of the frame or the detail`() {
    let keys = finding().keysOnScreen.flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
  }

  @Test(arguments: [(5, 20), (6, 40), (24, 80), (50, 200)])
  func `every size is drawn, and the ends of a long list hold`(
    rows: Int, columns: Int
  ) {
    var model = Sample.model(rows: rows, columns: columns)
    model.press(":find state:failed\n")
    let found = (0..<FindPanel.most + 50).map {
      Sample.job(Sample.key("q\u{1B}[2J", "\($0)"), "n\($0)\u{202E}", .failed)
    }
    var step = JobSearch.Step(found: found)
    step.progress.matches = found.count
    _ = model.update(.find(.step(1, step)))
    #expect(model.finding.jobs.count == FindPanel.most)
    model.press("Gj")
    #expect(model.finding.table.cursor == FindPanel.most - 1 && !model.line(with: "n999").isEmpty)
    model.press("gk")
    #expect(model.finding.table.cursor == 0 && !model.line(with: "n0").isEmpty)
    #expect(!model.draw().text.contains("\u{1B}"))
  }
}
