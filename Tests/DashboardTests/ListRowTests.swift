import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// What the rows of each view say, and what their keys do.
@Suite struct ListRowTests {
  // MARK: Queues

  @Test func `a queue tells its counts, its rate, its oldest job, its workers and what limits it`() {
    let model = ListSample.model(.queues, columns: 160)
    let steps = model.line(with: "steps ")
    for text in ["184", "8", "12", "171", "1,240", "3m00s", "4", "50/s"] { #expect(steps.contains(text), "\(text)") }
    let invoices = model.line(with: "invoices")
    #expect(invoices.contains("‖") && invoices.contains("paused, no worker") && invoices.contains("~60"))
    #expect(model.line(with: "evil").contains("…"))
  }

  @Test func `counters that stand still while jobs end are not believed`() {
    var line = QueueOverview.Line(
      status: QueueStatus(key: ListSample.steps), inspected: InspectedQueue(key: ListSample.steps))
    #expect(line.rate(of: .completed) == nil)
    line.inspected.completed = [9, 0, 0]
    line.sampled = [.init(completed: 0, failed: 1, milliseconds: 1000)]
    #expect(line.rate(of: .completed)?.isSampled == false)
    line.sampled.append(.init(completed: 2, failed: 0, milliseconds: 1000))
    #expect(line.rate(of: .completed) == .init(bars: [0, 2], perMinute: 60, isSampled: true))
    line.inspected.completed = [9, 8, 0]
    #expect(line.rate(of: .completed)?.perMinute == 8)
  }

  /// The milliseconds and the jobs that were seen to complete, those of the last minute that are kept, and the rate.
  @Test(arguments: [
    (1000, 0, 50, 50), (1000, 0, 0, nil), (5000, 0, 0, 0), (3000, 3, 3, 3), (3000, 3, 2, 60), (0, 0, 7, 7),
  ])
  func `jobs that ended before anybody looked count, and no rate is told of a moment`(
    milliseconds: Int, seen: Int, kept: Int, rate: Int?
  ) {
    var line = QueueOverview.Line(
      status: QueueStatus(key: ListSample.steps), inspected: InspectedQueue(key: ListSample.steps))
    if milliseconds > 0 { line.sampled = [.init(completed: seen, failed: 0, milliseconds: milliseconds)] }
    line.lately = .init(completed: kept, failed: 0, milliseconds: 60_000)
    #expect(line.rate(of: .completed)?.perMinute == rate)
  }

  /// Keys, and the names from the top.
  @Test(arguments: [
    ("", ["evil", "invoices", "steps"]), ("S", ["steps", "invoices", "evil"]), ("s", ["steps", "invoices", "evil"]),
    ("sS", ["evil", "invoices", "steps"]), ("sssss", ["steps", "invoices", "evil"]),
  ])
  func `queues are sorted by each column, either way round`(keys: String, names: [String]) {
    var model = ListSample.model(.queues)
    model.press(keys)
    let shown = model.lists.queues.table.ids.compactMap(model.lists.queues.queue).map { $0.name.prefix(8) }
    #expect(shown.map { $0.hasPrefix("evil") ? "evil" : String($0) } == names)
  }

  @Test func `a click on a heading sorts, a second one the other way round`() throws {
    var model = ListSample.model(.queues)
    let column = try #require(model.lines[2].range(of: "FAILED")).lowerBound
    let place = model.lines[2].distance(from: model.lines[2].startIndex, to: column)
    model.press(.click(row: 2, column: place))
    #expect(model.lists.queues.order == QueueOrder(column: .failed, isReversed: false))
    #expect(model.lines[2].contains("FAILED▾") && model.lines[1].contains("sort failed"))
    model.press(.click(row: 2, column: place))
    #expect(model.lists.queues.order.isReversed)
  }

  @Test func `only queues around the screen are asked about`() {
    var model = ListSample.model(.queues)
    var overview = ListSample.overview
    overview.known = (0..<1000).map { QueueKey(name: "q\(1000 + $0)") }
    _ = model.update(.view(.queues(onScreen: []), .queues(overview)))
    if let asked = model.lists.asked { _ = model.update(.view(asked, .queues(overview))) }
    guard case .queues(let shown) = model.lists.asked else { return #expect(Bool(false)) }
    #expect((16...64).contains(shown.count) && shown.first == overview.known.first)
  }

  /// The view, keys before, the key, and the command lines of what is asked.
  @Test(arguments: [
    (ViewID.queues, "G", "p", JobAction(.pause, [.queue(ListSample.steps)])),
    (.queues, "j", "p", JobAction(.resume, [.queue(ListSample.invoices)])),
    (.jobs, "", "r", JobAction(.retry, [.job(JobKey(queue: ListSample.steps, id: "0"))])),
    (.jobs, "j", "x", JobAction(.remove, [.job(JobKey(queue: ListSample.steps, id: "1"))])),
    (
      .jobs, "  ", "r",
      JobAction(
        .retry, [.job(JobKey(queue: ListSample.steps, id: "0")), .job(JobKey(queue: ListSample.steps, id: "1"))])
    ),
    (.jobs, "", "p", JobAction(.pause, [.queue(ListSample.steps)])),
    (.schedulers, "", "P", JobAction(.promote, [.job(JobKey(queue: ListSample.steps, id: "repeat:late:1000000"))])),
  ])
  func `keys act on the row or the marked rows`(view: ViewID, before: String, key: String, action: JobAction) {
    var model = ListSample.model(view)
    model.press(before)
    #expect(model.press(key) == [.preview(action)])
  }

  @Test(arguments: ListViewTests.lists) func `with --read-only nothing is done`(view: ViewID) {
    var model = ListSample.model(view, isReadOnly: true)
    #expect(model.press("p") == [])
    #expect(model.notice?.isError == true)
  }

  @Test func `the menu of a failed job has what can be done with it`() {
    var model = ListSample.model(.jobs)
    model.press("a")
    let text = model.draw().text
    for words in ["run it again", "remove it", "pause steps"] { #expect(text.contains(words)) }
  }

  // MARK: Jobs

  /// Keys, and the place of the page that is asked for; the page has room for 19 rows.
  @Test(arguments: [
    ("", 0, 0), ("j", 0, 1), ("\u{06}", 19, 0), ("\u{06}\u{06}\u{02}", 19, 0), ("G", 988, 11), ("Gg", 0, 0),
    ("\u{06}k", 0, 18), ("k", 0, 0),
  ])
  func `a page of jobs is asked for when it is reached, and never more`(keys: String, first: Int, cursor: Int) {
    var model = ListSample.model(.jobs)
    for key in keys {
      model.press(.character(key))
      model.answer()
    }
    #expect(
      model.lists.asked
        == .jobs(JobPage.Place(queue: ListSample.steps, state: .failed, first: first, count: 19)))
    #expect(model.lists.jobs.table.cursor == cursor)
  }

  @Test func `states are gone through, with their counts in sight`() {
    var model = ListSample.model(.jobs)
    #expect(model.lines[2].contains("failed 1,000") && model.lines[2].contains("waiting 3"))
    model.press("l")
    #expect(model.lists.jobs.state == .waiting)
    model.press("hh")
    #expect(model.lists.jobs.state == .completed)
    model.answer(of: 0)
    #expect(model.draw().text.contains("no job of steps is completed"))
  }

  @Test func `a selected job stays selected where the detail leaves room for smaller pages`() {
    var model = ListSample.model(.jobs)
    for _ in 0..<15 { model.press("j") }
    #expect(model.lists.jobs.selectedJob?.id == "15")
    model.press("\n")
    // Time passes before the page has come.
    for now in 1031..<1034 { _ = model.update(.tick(Double(now))) }
    model.answer()
    #expect(model.lists.jobs.selectedJob?.id == "15")
    #expect(model.lists.jobs.first > 0 && model.lists.jobs.table.ids.count < 15)
    model.press(.key(.escape))
    model.answer()
    #expect(model.lists.jobs.selectedJob?.id == "15" && model.lists.jobs.first == 0)
  }

  @Test func `a page that is empty by now gives way to the last one`() {
    var model = ListSample.model(.jobs)
    model.press("G")
    model.answer(of: 1000)
    model.answer(of: 25)
    model.answer(of: 25)
    #expect(model.lists.jobs.first == 19 && model.lists.jobs.table.ids.count == 6)
    #expect(model.lines[1].contains("20-25 of 25"))
  }

  // MARK: Workers, schedulers, events

  @Test func `jobs that nobody holds are told first`() {
    let model = ListSample.model(.workers)
    let dead = model.line(with: "w-9")
    #expect(dead.contains("✗") && dead.contains("gone") && dead.contains("not connected"))
    let alive = model.line(with: "w-1")
    #expect(alive.contains("20s") && alive.contains("30s") && alive.contains("10.0.0.7:4411"))
    #expect(model.line(with: "10.0.0.8:1").contains("asked 3s ago"))
    #expect(model.lines[1].contains("1 job without a worker"))
  }

  @Test func `where connections may not be listed, the jobs are still shown`() {
    var model = ListSample.model(.workers)
    var list = ListSample.workers
    list.refusal = "NOPERM client|list"
    _ = model.update(.view(.workers, .workers(list)))
    #expect(model.lines[2].contains("only jobs, not workers, can be seen: NOPERM client|list"))
    #expect(!model.draw().text.contains("not connected"))
  }

  @Test func `a scheduler tells when it acts, and whether it is late or has lost its job`() {
    let model = ListSample.model(.schedulers)
    #expect(model.line(with: "late").contains("overdue by 30s") && model.line(with: "late").contains("1m30s ago"))
    #expect(model.line(with: "daily").contains("0 9 * * * (Europe/Berlin)"))
    #expect(model.line(with: "daily").contains("in 1h00m"))
    #expect(model.line(with: "gone").contains("its next job is gone"))
  }

  @Test func `events go on with what comes, unless somebody has scrolled up`() {
    var model = ListSample.model(.events)
    model.answer(of: 30)
    #expect(model.lists.events.selectedJob?.id == "29")
    model.answer(of: 40)
    #expect(model.lists.events.selectedJob?.id == "39")
    model.press("kk")
    model.answer(of: 50)
    #expect(model.lists.events.selectedJob?.id == "37")
  }

  @Test func `held still, events wait, and are told of`() {
    var model = ListSample.model(.events)
    model.answer(of: 30)
    model.press(" ")
    model.answer(of: 42)
    #expect(model.lists.events.table.ids.count == 30)
    #expect(model.lines[1].contains("held: 12 more since"))
    model.press(" ")
    #expect(model.lists.events.table.ids.count == 42 && !model.lines[1].contains("held"))
  }

  @Test func `no more events are kept than somebody may scroll through`() {
    var model = ListSample.model(.events)
    model.answer(of: 5000)
    #expect(model.lists.events.table.ids.count == EventLog.most)
    #expect(model.lists.events.selectedJob?.id == "4999")
  }
}
