import QueueClient
import Testing

@testable import FlowMonitor

/// A flow in the course of time: its rows, its groups, and the path that decided.
@Suite struct TimelineTests {
  @Test func `rows stand in the order of the tree`() {
    var flow = TimedFlow()
    flow.put("root/r", .completed, (0, 60, 90))
    flow.put("mid/m", .completed, (0, 30, 50), under: "root/r")
    flow.put("leaf/l", .completed, (0, 5, 20), under: "mid/m")
    flow.put("leaf/n", .completed, (0, 5, 20), under: "root/r")
    let rows = flow.timeline.rows
    #expect(rows.map(\.job?.job.name) == ["r", "m", "l", "n"] && rows.map(\.depth) == [0, 1, 2, 1])
    #expect(rows.map(\.isLast) == [true, false, true, true] && rows[2].guides == [true])
  }

  @Test func `the path leads through the children that ended last, each with its own part`() {
    var flow = TimedFlow()
    flow.put("root/r", .completed, (0, 60, 90))
    flow.put("mid/m", .completed, (0, 30, 50), under: "root/r")
    flow.put("mid/k", .completed, (0, 1, 40), under: "root/r")
    flow.put("leaf/a", .completed, (0, 5, 20), under: "mid/m")
    flow.put("leaf/b", .completed, (0, 5, 25), under: "mid/m")
    #expect(flow.path == ["r", "m", "b"])
    let path = flow.timeline.path
    #expect(path.steps.map { $0.part(at: 1000) } == [40, 25, 25] && path.isCertain)
    #expect(flow.timeline.rows.filter(\.isCritical).map(\.job?.job.name) == ["r", "m", "b"])
  }

  /// Two children that are waited for; the first of them decides.
  @Test(arguments: [
    (JobState.failed, JobState.waitingChildren), (.waitingChildren, .delayed), (.delayed, .waiting),
    (.waiting, .active),
  ]) func `while it runs, the path leads to what is furthest from its end`(far: JobState, near: JobState) {
    var flow = TimedFlow()
    flow.put("root/r", .waitingChildren, (0, nil, nil))
    flow.put("leaf/a", near, (0, nil, nil), under: "root/r")
    flow.put("leaf/b", far, (0, nil, nil), under: "root/r")
    flow.put("leaf/c", .completed, (0, 1, 999), under: "root/r")
    #expect(flow.path == ["r", "b"])
    #expect(!flow.timeline.path.isCertain && flow.timeline.isRunning)
  }

  @Test func `the path leads to what is blocked deep below`() {
    var flow = TimedFlow()
    flow.put("root/r", .waitingChildren, (0, nil, nil))
    flow.put("mid/a", .waitingChildren, (0, nil, nil), under: "root/r")
    flow.put("mid/b", .waitingChildren, (0, nil, nil), under: "root/r")
    flow.put("leaf/x", .active, (0, 5, nil), under: "mid/a")
    flow.put("leaf/y", .failed, (0, 5, 9), under: "mid/b")
    #expect(flow.path == ["r", "b", "y"])
    // The failed job held it up until it failed; since then, that it is waited for.
    #expect(flow.timeline.path.steps.map { $0.part(at: 1000) } == [nil, 991, 9])
  }

  @Test func `circles and chains of thousands of jobs come to an end`() {
    var circle = TimedFlow()
    circle.put("root/r", .waitingChildren, (0, nil, nil))
    circle.put("mid/m", .waitingChildren, (0, nil, nil), under: "root/r")
    circle.link("root/r", under: "mid/m", .unprocessed)
    #expect(circle.path == ["r", "m"] && circle.timeline.rows.count == 3)
    var chain = TimedFlow()
    chain.put("root/r", .waitingChildren, (0, nil, nil))
    for level in 0..<5000 {
      chain.put("l/\(level)", .waitingChildren, (0, nil, nil), under: level == 0 ? "root/r" : "l/\(level - 1)")
    }
    #expect(chain.path.count == 5001 && chain.timeline.rows.count == 5001)
  }

  @Test func `a flow goes from its first job's beginning to its end, and on to now while it runs`() {
    var flow = TimedFlow(now: 500)
    flow.put("root/r", .completed, (10, 60, 90))
    flow.put("leaf/l", .completed, (5, 20, 50), under: "root/r")
    #expect(flow.timeline.start == 5 && flow.timeline.end == 90 && flow.timeline.last == 90)
    flow.put("root/r", .active, (10, 60, nil)) { $0.job.counts.processed = 1 }
    #expect(flow.timeline.isRunning && flow.timeline.last == 500)
  }

  // MARK: Wide families

  private func wide(_ count: Int, names: Int = 1) -> TimedFlow {
    var flow = TimedFlow()
    flow.put("root/r", .completed, (0, 900, 950))
    for number in 0..<count {
      flow.put("leaf/\(number)", .completed, (0, 10 + number, 20 + 2 * number), under: "root/r") {
        $0.job.name = names == 1 ? "thumbnail" : "image-\(number % names)"
      }
    }
    flow.facts.families[flow.facts.root]?.isWide = true
    return flow
  }

  @Test func `a wide family is one row a name, which names the slowest and shows who decided`() throws {
    let timeline = wide(200).timeline
    #expect(timeline.rows.count == 3)
    let group = try #require(timeline.rows[1].group)
    #expect(group.members.count == 200 && group.firstStart == 10 && group.lastEnd == 418)
    #expect(group.slowest == .init(job: TimedFlow.key("leaf/199"), runTime: 209))
    #expect(timeline.rows[1].spans.map(\.kind) == [.waiting, .active])
    #expect(timeline.rows[2].id == .job(TimedFlow.key("leaf/199")) && timeline.rows[2].isCritical)
  }

  @Test func `an open group shows its slowest members, and how many more there are`() throws {
    let flow = wide(200)
    let group = try #require(flow.timeline.rows[1].group)
    let rows = Timeline(flow.facts, open: [group.id: 50]).rows
    #expect(rows.count == 53 && rows[2].id == .job(TimedFlow.key("leaf/199")))
    #expect(rows.last?.id == .more(group.id, 150))
    #expect(Timeline(flow.facts, open: [group.id: 500]).rows.count == 202)
  }

  @Test func `names that differ by numbers alone become one group where they are many`() {
    #expect(wide(200, names: 5).timeline.rows.filter { $0.group != nil }.count == 5)
    #expect(wide(200, names: 100).timeline.rows.filter { $0.group != nil }.count == 1)
  }

  @Test func `what was not looked at is counted`() {
    var flow = wide(30)
    flow.facts.families[flow.facts.root]?.counts.processed = 9000
    #expect(flow.timeline.rows.last?.id == .unread(flow.facts.root, 8970))
    #expect(!flow.timeline.path.isCertain)
  }

  // MARK: What is usual

  @Test(arguments: [([], nil), ([7], 7), ([1, 9], 5), ([9, 1, 4], 4), ([.max, .max], Int.max), ([1, 2, 3, 100], 2)])
  func `what is usual is the median`(durations: [Int], median: Int?) {
    #expect(EarlierFlows.Usual(durations)?.median == median)
  }

  @Test func `a row tells what is usual for jobs of its name in its queue`() {
    var flow = TimedFlow()
    flow.put("root/r", .active, (0, 1, nil))
    flow.facts.earlier.steps = [
      EarlierFlows.Step(queue: QueueKey(name: "root"), name: "r"): EarlierFlows.Usual([80]),
      EarlierFlows.Step(queue: QueueKey(name: "x"), name: "r"): EarlierFlows.Usual([7]),
    ].compactMapValues(\.self)
    #expect(flow.timeline.rows[0].usual?.median == 80)
  }
}
