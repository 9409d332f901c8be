import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// What a row says.
@Suite struct FlowsViewTests {
  @Test func `a parent shows how many are done, a bar, and the sum of its children's values`() {
    let line = Sample.model().line(with: "renovate-interior")
    #expect(line.contains("waiting-children 1/5"))
    #expect(line.contains("Σ 2500"))
    #expect(line.contains("█") && line.contains("▓") && line.contains("░"))
  }

  @Test func `on narrow screens the bar stands in the state`() {
    let line = Sample.model(rows: 24, columns: 80).line(with: "renovate-interior")
    #expect(line.contains("waiting-children 1/5") && line.contains("█▓") && line.contains("▓░"), "\(line)")
  }

  @Test(arguments: [
    ("칠하기", "✓", "completed"), ("launch", "●", "active 64%  try 2/3"), ("✗ convert", "✗", "failed 3 of 3: 503"),
    ("late", "◷", "delayed, due in 16m10s"), ("very long", "↑", "prioritized"), ("invoices", "✓", "completed 3/3"),
    ("monthly-report", "◌", "stuck: convert failed: 503 from"), ("thumbnails", "◌", "waiting-children 9,120/9,331"),
    ("171 × thumbnail", "✗", "failed: ECONNRESET"), ("8 × thumbnail", "●", "active"),
    ("collect", "✓", "completed, removed"),
  ])
  func `a state is a sign and a word, never colour alone`(name: String, sign: String, words: String) {
    let line = Sample.model(columns: 160).line(with: name)
    #expect(line.contains(sign) && line.contains(words), "\(line)")
  }

  @Test func `a removed child keeps the value that its parent holds`() {
    #expect(Sample.model().line(with: "collect").hasSuffix(" 12"))
  }

  @Test func `a child that is gone and still waited for says so`() {
    var picture = Sample.picture
    picture.jobs[Sample.bad] = nil
    picture.gone.insert(Sample.bad)
    #expect(Sample.model(picture: picture).line(with: "? bad").contains("gone, and still waited for"))
  }

  @Test func `where a missing child's name is gone with it, what is wrong stands before its id`() {
    var picture = Sample.picture
    picture.jobs[Sample.bad] = nil
    picture.gone.insert(Sample.bad)
    picture.diagnoses[Sample.stuck] = .missingChild(Sample.bad)
    let line = Sample.model(picture: picture).line(with: "monthly-report")
    #expect(line.contains("stuck: a child is gone"), "\(line)")
  }

  @Test(arguments: [
    Diagnosis.lostChild(Sample.bad, name: "convert"), .held(Cause(.lostJob, at: Sample.bad, chain: [Sample.stuck])),
  ])
  func `of a job that exists and is in no list nobody says that it is gone`(diagnosis: Diagnosis) {
    var picture = Sample.picture
    picture.diagnoses[Sample.stuck] = diagnosis
    let line = Sample.model(columns: 160, picture: picture).line(with: "monthly-report")
    #expect(line.contains("is in no list of its queue") && !line.contains("gone"), "\(line)")
  }

  @Test(arguments: [true, false]) func `a flow stuck through several levels names the job that failed first`(
    isHeld: Bool
  ) {
    var picture = Sample.picture
    let mid = (0..<3).map { Sample.key("steps", "mid\($0)") }
    let deep = JobKey(queue: QueueKey(prefix: "a:b", name: "steps"), id: "deep")
    for (job, next) in zip(mid, mid.dropFirst() + [deep]) {
      picture.jobs[job] = Sample.job(job, "mid", .failed) { $0.failedReason = "child \(next) failed" }
    }
    picture.jobs[mid[2]]?.failedReason = "child \(Sample.bad) failed"
    var cause = Cause(.failedChild, at: mid[0], chain: [Sample.stuck, mid[0]])
    cause.evidence.reason = "child \(mid[1]) failed"
    picture.diagnoses[Sample.stuck] =
      isHeld ? .held(cause) : .blockedByFailedChild(mid[0], name: "mid", reason: "child \(mid[1]) failed")
    let line = Sample.model(columns: 160, picture: picture).line(with: "monthly-report")
    #expect(line.contains("stuck: convert failed: 503 from"), "\(line)")
  }

  @Test func `a long name leaves room for the reason`() {
    var picture = Sample.picture
    let name = String(repeating: "a", count: 90)
    picture.diagnoses[Sample.stuck] = .blockedByFailedChild(Sample.bad, name: name, reason: "boom")
    let line = Sample.model(columns: 160, picture: picture).line(with: "monthly-report")
    #expect(line.contains("aaa… failed: boom"), "\(line)")
  }

  @Test func `of a folded parent the bar says that nobody has looked, but counts the failures that are known`() throws {
    var picture = Sample.picture
    let job = try #require(picture.jobs[Sample.stuck])
    picture.families[Sample.stuck] = nil
    #expect(StackedBar(job: job, picture: picture).unknown == 1)
    var cause = Cause(.failedChild, at: Sample.bad, chain: [Sample.stuck, Sample.bad])
    cause.evidence.parent = Sample.stuck
    picture.diagnoses[Sample.stuck] = .held(cause)
    let bar = StackedBar(job: job, picture: picture)
    #expect(bar.failed == 1 && bar.unknown == 0 && bar.waiting == 0)
  }

  @Test func `a parent that failed through a child names it and its reason, not its key`() {
    var picture = Sample.picture
    picture.jobs[Sample.stuck]?.state = .failed
    picture.jobs[Sample.stuck]?.failedReason = "child \(Sample.bad) failed"
    picture.diagnoses = [:]
    let model = Sample.model(picture: picture)
    #expect(model.line(with: "monthly-report").contains("failed: convert failed: 503 from"))
  }

  @Test(arguments: [true, false])
  func `a parent that will fail through a child names it, and its reason where it is known`(isRead: Bool) {
    var picture = Sample.picture
    picture.jobs[Sample.stuck]?.state = .waiting
    picture.jobs[Sample.stuck]?.deferredFailure = "child \(Sample.bad) failed"
    picture.diagnoses = [:]
    picture.queues = [:]
    if !isRead { picture.jobs[Sample.bad] = nil }
    let line = Sample.model(picture: picture).line(with: "monthly-report")
    #expect(line.contains(isRead ? "will fail: convert failed: 503 from" : "will fail: a child in steps failed"))
    #expect(!line.contains(Sample.bad.description))
  }

  @Test(arguments: [true, false])
  func `a job that will fail as soon as it is taken waits for that first, as explain says`(isPaused: Bool) {
    var picture = Sample.picture
    picture.jobs[Sample.stuck]?.state = .waiting
    picture.jobs[Sample.stuck]?.deferredFailure = "child \(Sample.bad) failed"
    let status = QueueStatus(key: Sample.stuck.queue, counts: [:], isPaused: isPaused)
    picture.queues = [Sample.stuck.queue: status]
    picture.diagnoses = [Sample.stuck: .held(Cause(.noWorker, at: Sample.stuck, chain: [Sample.stuck]))]
    let line = Sample.model(picture: picture).line(with: "monthly-report")
    #expect(line.contains(isPaused ? "waiting, queue paused" : "waiting, no worker"))
  }

  @Test func `how long is how long it is so, and of what has completed, how long it took`() {
    func text(_ state: JobState, room: Int = Age.width, isParent: Bool = false) -> String? {
      let job = Sample.job(Sample.bad, "job", state) { if isParent { $0.counts = DependenciesCount(processed: 1) } }
      return Age(of: job, at: 1_080_000)?.text(room: room)
    }
    #expect(text(.waiting) == "1m20s")
    #expect(text(.active) == "1m10s")
    #expect(text(.active, isParent: true) == "1m20s")
    #expect(text(.failed) == "1m00s")
    #expect(text(.completed) == "in 10s")
    #expect(text(.completed, isParent: true) == "in 20s")
    #expect(text(.completed, room: 6) == "10s")
  }

  @Test(arguments: [("  ", "\"  \""), ("\u{3000}", "\"\u{3000}\""), ("", "convert-id"), (" a ", " a ")])
  func `a name that cannot be seen is quoted, and an empty one is the id`(name: String, shown: String) {
    #expect(JobName.shown(name, of: Sample.key("steps", "convert-id")) == shown)
  }

  @Test func `a value that is too long to hold is told by its size`() {
    var picture = Sample.picture
    picture.jobs[Sample.done]?.returnvalue = nil
    picture.jobs[Sample.done]?.longReturnvalue = 1 << 20
    #expect(Sample.model(picture: picture).line(with: "invoices").hasSuffix("… 1.0 MB"))
  }

  @Test func `a hint that repeats the name is none`() {
    let job = Sample.job(Sample.bad, "convert", .waiting) { $0.data = ["name": "convert", "place": "walls"] }
    #expect(Hint.text(of: job, paths: []) == "place: walls")
    #expect(Hint.text(of: job, paths: ["name", "place"]) == "place: walls")
  }

  @Test(arguments: [
    ([], "place: walls"), (["cost"], "cost: 900"), (["nothing", "cost"], "cost: 900"), (["nothing"], nil),
  ])
  func `a hint comes from the data, by the paths asked for`(paths: [String], hint: String?) throws {
    let job = try #require(Sample.picture.jobs[Sample.key("steps", "c2")])
    #expect(Hint.text(of: job, paths: paths) == hint)
  }

  @Test(arguments: [
    (StackedBar(done: 2, active: 1), 10, "███████▓▓▓"),
    (StackedBar(done: 9120, waiting: 40, failed: 171), 10, "████████░▒"),
    (StackedBar(waiting: 1), 4, "░░░░"), (StackedBar(), 4, ""),
    (StackedBar(done: 1, active: 1, waiting: 1, failed: 1), 2, nil),
    (StackedBar(done: 100_000, active: 1, failed: 1), 10, "████████▓▒"),
  ])
  func `a bar is to scale, and shows the least that is active or failed`(bar: StackedBar, width: Int, text: String?) {
    let drawn = bar.parts(width: width).map { String(repeating: $0.glyph, count: $0.cells) }.joined()
    #expect(drawn.count == (bar.total == 0 ? 0 : width))
    if let text { #expect(drawn == text) }
  }

  @Test func `ids show where there is room, or when asked for`() {
    #expect(!Sample.model(columns: 120).line(with: "✗ convert").contains("steps/bad"))
    #expect(Sample.model(columns: 200).line(with: "✗ convert").contains("steps/bad"))
    var model = Sample.model(columns: 120)
    model.press("i")
    #expect(model.line(with: "✗ convert").contains("steps/bad"))
  }

  @Test func `ages stop and rows are dimmed while the picture is stale`() {
    var picture = Sample.picture
    picture.status = .stale(since: 1031, reason: "127.0.0.1:6379 does not answer")
    var model = Sample.model(picture: picture)
    let age = model.line(with: "renovate-interior")
    _ = model.update(.tick(5000))
    #expect(model.line(with: "renovate-interior") == age)
    let frame = model.draw()
    #expect(frame.row(model.layout.listRows.rows.lowerBound).allSatisfy { $0.style.isDimmed })
  }

  @Test(arguments: [
    (MonitorStatus.connecting, FlowFilter.all, 0.0, "connecting to redis 127.0.0.1:6379/0"),
    (.live, .all, 0.4, "looking for queues: 40 % of the keys seen"), (.live, .all, 1, "bullflow demo"),
    (.live, .state(.failed), 1, "no flow is failed"), (.live, .problems, 1, "no flow has a problem"),
    (.stale(since: 0, reason: "connection refused"), .all, 1, "connection refused"),
  ])
  func `an empty screen says why, and what to do`(
    status: MonitorStatus, filter: FlowFilter, discovery: Double, words: String
  ) {
    var model = Sample.model(picture: Picture())
    if filter == .problems { model.press("!") }
    if filter == .state(.failed) { model.press("f") }
    var picture = Picture()
    picture.window = model.window
    (picture.status, picture.discovery, picture.sweep) = (status, Progress(discovery), .complete)
    _ = model.update(.picture(picture))
    #expect(model.draw().text.contains(words), "\(model.draw().text)")
  }

  @Test func `of a chain, some levels are open at first, and as many more below what is opened`() {
    var model = Sample.model(rows: 24, columns: 80, picture: Self.chain(of: 13))
    #expect(model.flows.rows.count == Outline.openLevels + 1)
    for _ in 0..<Outline.openLevels { model.press("j") }
    model.press("l")
    #expect(model.flows.rows.count == 2 * Outline.openLevels + 1)
    model.press("+")
    #expect(model.flows.rows.count == 13)
  }

  @Test func `a chain of any depth leaves room for its names, and tells how deep it is`() {
    var model = Sample.model(rows: 24, columns: 80, picture: Self.chain(of: 300))
    model.press("+G")
    #expect(model.line(with: "level-299").contains("299… "))
  }

  private static func chain(of levels: Int) -> Picture {
    var picture = Picture()
    picture.status = .live
    let keys = (0..<levels).map { Sample.key("levels", "\($0)") }
    for (index, key) in keys.enumerated() {
      picture.jobs[key] = Sample.job(key, "level-\(index)", .waitingChildren) {
        $0.counts = DependenciesCount(unprocessed: 1)
      }
      if index + 1 < keys.count {
        var family = Family()
        family.children = [.init(key: keys[index + 1], kind: .unprocessed)]
        picture.families[key] = family
      }
    }
    picture.flows.roots = [keys[0]]
    return picture
  }
}
