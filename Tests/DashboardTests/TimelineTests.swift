import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// The flow as a chart: its axis, its bars, and the keys that move it.
@Suite struct TimelineTests {
  private static let root = Sample.root
  private static let child = Sample.key("steps", "c1")
  private static let other = Sample.key("steps", "c2")

  /// A parent of two children, one of which ran twice as long; the time here is 100 s.
  private static func facts(edit: (inout TimelineFacts) -> Void = { _ in }) -> TimelineFacts {
    var facts = TimelineFacts(root: root, now: 100_000)
    func put(_ key: JobKey, _ name: String, _ state: JobState, _ start: Int, _ end: Int) {
      var job = FlowJob(key: key, name: name, state: state)
      (job.timestamp, job.processedOn, job.finishedOn) = (0, start, end)
      (job.attemptsMade, job.counts.processed) = (1, key == root ? 2 : 0)
      facts.jobs[key] = TimedJob(job)
    }
    put(root, "renovate\u{1B}[2J", .completed, 80_000, 100_000)
    put(child, "paint", .completed, 10_000, 80_000)
    put(other, "fix", .completed, 10_000, 40_000)
    var family = TimedFamily()
    family.counts.processed = 2
    family.children = [.init(key: child, kind: .processed), .init(key: other, kind: .processed)]
    facts.families[root] = family
    edit(&facts)
    return facts
  }

  private static func model(columns: Int = 100, rows: Int = 20, isASCII: Bool = false, _ facts: TimelineFacts = facts())
    -> DashboardModel
  {
    var model = Sample.model(rows: rows, columns: columns, isASCII: isASCII)
    model.flows.selection = .job(root)
    _ = model.update(.input(.character("T")))
    _ = model.update(.timeline(model.timeline.job ?? root, .facts(facts)))
    return model
  }

  // MARK: The axis

  @Test(arguments: [
    (10_000, 60, ["00:00:00", "00:00:02", "00:00:04", "00:00:06", "00:00:08"]),
    (3_600_000, 60, ["00:00", "00:10", "00:20", "00:30", "00:40", "00:50"]),
    (800, 40, ["0s", "0.2s", "0.4s", "0.6s"]), (30, 40, ["0s", "0.010s", "0.020s"]),
    (86_400_000 * 3, 40, ["01-01", "01-02", "01-03"]),
  ]) func `the axis has round times, as many as there is room for`(length: Int, width: Int, labels: [String]) {
    let ticks = TimeScale(start: 0, length: length, width: width).ticks(since: 0, zone: 0)
    if length > 30 { #expect(ticks.map(\.label) == labels) }
    #expect(!ticks.isEmpty)
    for (one, next) in zip(ticks, ticks.dropFirst()) { #expect(one.column + one.label.count < next.column) }
  }

  @Test(arguments: [(Int.min, Int.max), (.max, .max), (0, 0), (-5, 1)]) func `no time is too odd for an axis`(
    start: Int, length: Int
  ) {
    let scale = TimeScale(start: start, length: length, width: 80)
    #expect(scale.ticks(since: start, zone: 0).count <= 80)
    #expect(scale.column(of: .min) <= 0 || start == .min)
    #expect(scale.column(of: .max) <= 80)
  }

  // MARK: Bars

  private func bar(_ spans: [JobSpan], now: Int = 100, isCritical: Bool = true) -> String {
    TimelineBar(
      spans, scale: TimeScale(start: 0, length: 100, width: 10), now: now, isCritical: isCritical
    ).cells.map { $0?.glyph ?? " " }.joined()
  }

  @Test func `a bar shows what a job did, to the column`() {
    #expect(bar([JobSpan(.waiting, from: 0, to: 30), JobSpan(.active, from: 30, to: 80)]) == "···█████  ")
    #expect(bar([JobSpan(.waitingChildren, from: 0, to: nil)], now: 50) == "┄┄┄┄┄     ")
    #expect(bar([JobSpan(.active, from: 0, to: 50)], isCritical: false) == "▄▄▄▄▄     ")
  }

  @Test func `what a worker ran for less than a column is seen`() {
    #expect(bar([JobSpan(.waiting, from: 0, to: 31), JobSpan(.active, from: 31, to: 33)]) == "···█      ")
  }

  @Test func `an attempt that failed ends with a sign`() {
    var failed = JobSpan(.active, from: 0, to: 40)
    failed.isFailure = true
    #expect(bar([failed, JobSpan(.backoff, from: 40, to: 70), JobSpan(.active, from: 70, to: 100)]) == "███✗░░░███")
  }

  @Test func `all signs are told apart, in ASCII, too`() {
    let signs = TimelineSign.legend.map(\.sign)
    #expect(Set(signs.map(\.glyph)).count == signs.count && Set(signs.map(\.ascii)).count == signs.count)
    #expect(signs.allSatisfy { $0.ascii.utf8.count == 1 })
    #expect(signs.allSatisfy { TextCleaner.width($0.glyph, isASCII: false) == 1 })
  }

  // MARK: The view

  @Test func `T shows the flow as a chart, with the critical path marked, and its jobs' times`() {
    let model = Self.model()
    #expect(model.line(with: "took 1m40s").contains("renovate"))
    #expect(!model.draw().text.contains("\u{1B}"))
    #expect(model.line(with: "paint").hasPrefix(" ◆ ├ ✓ paint") && model.line(with: "└ ✓ fix").hasPrefix("   └"))
    #expect(model.line(with: "├ ✓ paint").contains("10s") && model.line(with: "├ ✓ paint").contains("█████"))
    #expect(model.line(with: "└ ✓ fix").contains("▄▄▄"))
    #expect(model.line(with: "decided by").contains("20s < paint 1m20s"))
  }

  @Test func `beside each step stands what is usual, where there were earlier flows`() {
    #expect(!Self.model().draw().text.contains("USUAL"))
    let facts = Self.facts {
      $0.earlier.flows = 12
      $0.earlier.total = 50_000
      let usual = EarlierFlows.Usual([20_000, 21_000, 22_000])
      $0.earlier.steps = [.init(queue: Self.child.queue, name: "paint"): usual].compactMapValues(\.self)
    }
    var model = Self.model(facts)
    #expect(model.draw().text.contains("USUAL") && model.draw().text.contains("usually 50s (12 earlier flows)"))
    #expect(model.line(with: "├ ✓ paint").contains("1m10s     21s"))
    model.press("j")
    #expect(model.line(with: "usually runs").contains("usually runs 21s (3 jobs)"))
  }

  /// Keys, and which row is selected, how far it is zoomed in, or what is to be done.
  @Test func `keys move through rows, and zoom`() {
    var model = Self.model()
    model.press("jj")
    #expect(model.timeline.selectedJob == Self.other)
    model.press("k+")
    #expect(model.timeline.view.zoom == 2)
    #expect(model.timeline.view.part(of: Timeline(Self.facts())) == (20_000, 50_000))
    model.press("h")
    #expect(model.timeline.view.part(of: Timeline(Self.facts())).start == 7_500)
    model.press("ll")
    #expect(model.timeline.view.part(of: Timeline(Self.facts())).start == 32_500)
    model.press("-")
    #expect(model.timeline.view.zoom == 1)
    model.press("+++0")
    #expect(model.timeline.view.zoom == 1)
    model.press("Gg")
    #expect(model.timeline.selectedJob == Self.root)
    #expect(model.press("y") == [.copy(Self.root.description)])
  }

  @Test func `its keys are in the help while it is shown, each whole`() {
    var model = Self.model(columns: 80, rows: 60)
    model.press("?")
    let text = model.draw().text
    for line in TimelinePanel.keys.help { #expect(text.contains(line.does) && text.contains(line.shown), "\(line)") }
  }

  @Test func `the flow is read while it is looked at, and no longer`() {
    var model = Sample.model()
    model.flows.selection = .job(Self.root)
    #expect(model.press("T") == [.watchTimeline(model.timeline.job)])
    #expect(model.draw().text.contains("reading"))
    #expect(model.press(.key(.escape)) == [.watchTimeline(nil)])
    #expect(!model.timeline.isOpen)
  }

  @Test(arguments: ["T", "1", "2"]) func `it is left by its own key and for other views`(key: String) {
    var model = Self.model()
    let effects = model.press(key)
    #expect(!model.timeline.isOpen && effects.contains(.watchTimeline(nil)))
  }

  @Test func `Enter goes to the job in its flow`() {
    var model = Self.model()
    model.press("j")
    model.press(.key(.enter))
    #expect(!model.timeline.isOpen && model.view == .flows)
    #expect(model.flows.goal == nil || model.flows.goal == [Self.root, Self.child])
  }

  @Test func `a group opens and folds, and shows more of itself`() {
    let facts = Self.facts { facts in
      facts.families[Self.root]?.isWide = true
      for number in 0..<120 {
        let key = Sample.key("steps", "m\(number)")
        var job = FlowJob(key: key, name: "member", state: .completed)
        (job.timestamp, job.processedOn, job.finishedOn) = (0, 10, 20 + number)
        facts.jobs[key] = TimedJob(job)
        facts.families[Self.root]?.children.append(.init(key: key, kind: .processed))
      }
    }
    var model = Self.model(facts)
    let row = model.timeline.timeline?.rows.firstIndex { $0.group != nil } ?? 0
    for _ in 0..<row { model.press("j") }
    let before = model.timeline.table.ids.count
    model.press(.key(.enter))
    #expect(model.timeline.table.ids.count == before + TimelinePanel.memberPage + 1)
    for _ in 0...TimelinePanel.memberPage { model.press("j") }
    #expect(model.draw().text.contains("… 70 more"))
    model.press(.key(.enter))
    #expect(model.timeline.table.ids.count == before + 2 * TimelinePanel.memberPage + 1)
  }

  @Test func `what runs goes on between two readings, up to a line`() {
    let facts = Self.facts {
      $0.jobs[Self.root]?.job.state = .active
      $0.jobs[Self.root]?.job.finishedOn = nil
    }
    var model = Self.model(facts)
    let now = model.scene.now
    #expect(model.draw().text.contains("running for 1m40s") && model.line(with: "└ ✓ fix").contains("│"))
    _ = model.update(.tick(now + 5))
    #expect(model.draw().text.contains("running for 1m45s"))
  }

  @Test func `what cannot be read, or is gone, is said`() {
    var model = Self.model()
    let job = model.timeline.job ?? Self.root
    _ = model.update(.timeline(job, .failed("NOPERM no")))
    #expect(model.draw().text.contains("NOPERM no") && model.draw().text.contains("paint"))
    _ = model.update(.timeline(job, .gone))
    #expect(model.draw().text.contains("there is no such job any more"))
  }

  @Test func `the page of the detail shows the flow around its job`() {
    var model = Sample.model(rows: 40, columns: 160)
    model.flows.selection = .job(Self.root)
    model.press("w")
    while model.detail.tab != .timeline { model.press("\t") }
    #expect(model.timeline.asked == model.selection?.job)
    let job = model.selection?.job ?? Self.root
    var facts = Self.facts()
    facts.job = job
    _ = model.update(.timeline(job, .facts(facts)))
    #expect(job != Self.root || model.draw().text.contains("paint"))
    model.press(.key(.escape))
    #expect(model.timeline.asked == nil)
  }

  @Test(arguments: [(20, 5), (30, 8), (44, 10), (60, 12), (80, 24), (160, 50), (300, 80)])
  func `it fits every screen`(columns: Int, rows: Int) {
    for isASCII in [false, true] {
      var model = Self.model(columns: columns, rows: rows, isASCII: isASCII)
      for key in "jj+lhw" {
        model.press(String(key))
        #expect(model.draw().size == .init(rows: rows, columns: columns))
        if isASCII { #expect(model.draw().text.utf8.allSatisfy { $0 < 128 }) }
      }
    }
  }

  @Test func `the printed chart tells what decided, and what the signs mean`() {
    let text = TimelineText.text(of: Timeline(Self.facts()), width: 90, isASCII: true)
    #expect(text.utf8.allSatisfy { $0 < 128 } && text.split(separator: "\n").allSatisfy { $0.count <= 90 })
    #expect(text.contains("decided by:") && text.contains("# ran, critical path") && text.contains("#######"))
    #expect(TimelineText.text(of: Timeline(Self.facts()), width: 90, depth: 1, isASCII: true).contains("`- ") == false)
  }
}
