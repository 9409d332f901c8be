import FlowMonitor
import QueueClient

/// A flow in the course of time, in the place of the list: where it stands, what is open, and which part is shown.
struct TimelinePanel: Panel {
  /// Whether it stands where the list does.
  private(set) var isOpen = false
  /// The job whose flow is shown, or was last.
  private(set) var job: JobKey?
  /// What has been asked for.
  var asked: JobKey?
  /// The flow, as it was read last.
  private(set) var timeline: Timeline?
  /// Why there is none, or no newer one.
  private(set) var trouble: String?
  private(set) var view = TimelineView()
  var table = TableState()
  /// The groups that are open, and how many members of each are shown.
  private var open: [TimelineGroup.ID: Int] = [:]
  /// The clock here when the flow was read, in milliseconds since 1970.
  private var readAt = 0

  /// So many members of a group are shown at a time.
  static let memberPage = 50

  enum Command: MovingCommand {
    case up, down, pageUp, pageDown, first, last
    case open, why, copy
    case zoomIn, zoomOut, showAll, earlier, later
  }

  static let keys = KeyTable<Command>(
    [
      .init(
        .open, "Timeline", "Enter", "to the job, open a group", hint: "to the job", .key(.enter),
        .character("\r"), .character("\n")),
      .init(
        .zoomIn, "Timeline", "+", "zoom in at the job", hint: "zoom in", .character("+"),
        .character("=")),
      .init(.zoomOut, "Timeline", "-", "zoom out", hint: "zoom out", .character("-")),
      .init(.showAll, "Timeline", "0", "the whole time", hint: "all", .character("0")),
      .init(.earlier, "Timeline", "← h", "earlier", .key(.left), .character("h")),
      .init(.later, "Timeline", "→ l", "later", .key(.right), .character("l")),
      .init(.why, "Timeline", "w", "why is it not done?", hint: "why", .character("w")),
      .init(.copy, "Timeline", "y", "copy the job's key", .character("y")),
    ] + KeyTable<Command>.Binding.moving())

  mutating func perform(_ command: Command, in scene: Scene) -> [Request] {
    switch command {
    case .up, .down, .pageUp, .pageDown, .first, .last: table.move(command)
    case .open: return openSelected()
    case .why: return selectedJob == nil ? [] : [.showDetail(.why)]
    case .copy:
      guard let key = selectedJob else { return [] }
      return [.perform(.copy(key.description)), .say("copied \(key)")]
    case .zoomIn: zoomIn(in: scene)
    case .zoomOut: if let timeline = shown(in: scene) { view.zoomOut(on: timeline) }
    case .showAll: view.showAll()
    case .earlier: return move(by: -1, in: scene)
    case .later: return move(by: 1, in: scene)
    }
    return []
  }

  private mutating func move(by quarters: Int, in scene: Scene) -> [Request] {
    guard view.zoom > 1 else { return [.say("the whole time is shown; + zooms in")] }
    if let timeline = shown(in: scene) { view.move(by: quarters, on: timeline) }
    return []
  }

  /// Zooms in around what the selected job did last.
  private mutating func zoomIn(in scene: Scene) {
    guard let timeline = shown(in: scene) else { return }
    let span = selectedRow?.spans.last { $0.kind == .active } ?? selectedRow?.spans.last
    let part = view.part(of: timeline)
    let moment = span.map { $0.start.addingClamped($0.duration(at: timeline.now) / 2) }
    // Who has gone elsewhere by hand stays there.
    let isInSight = moment.map { $0 >= part.start && $0 < part.start.addingClamped(part.length) } ?? false
    view.zoomIn(on: timeline, around: isInSight ? moment : nil)
  }

  private mutating func openSelected() -> [Request] {
    guard let row = selectedRow, let timeline else { return [] }
    switch row.id {
    case .job(let key): return [.showFlow(timeline.chain(to: key))]
    case .group(let id): open[id] = open[id] == nil ? Self.memberPage : nil
    case .more(let id, _): open[id] = (open[id] ?? 0) + Self.memberPage
    case .unread: return [.say("no more jobs than these are looked at")]
    }
    if let facts = self.timeline?.facts { arrange(facts) }
    return []
  }

  // MARK: What is shown

  /// Shows the flow of a job.
  mutating func show(_ job: JobKey) {
    let height = table.height
    if timeline?.facts.jobs[job] == nil { (timeline, open, view) = (nil, [:], TimelineView()) }
    (isOpen, self.job, trouble, table) = (true, job, nil, TableState())
    table.resize(to: height)
    if let facts = timeline?.facts { arrange(facts) }
    select(job)
  }

  mutating func close() { isOpen = false }

  /// Takes what was read.
  mutating func take(_ answer: TimelineAnswer, of job: JobKey, in scene: Scene) {
    guard asked == job else { return }
    switch answer {
    case .facts(let facts):
      let isFirst = timeline?.facts.root != facts.root || self.job != job
      if timeline?.facts.root != facts.root { (open, view) = ([:], TimelineView()) }
      (trouble, readAt, self.job) = (nil, scene.clock, job)
      arrange(facts)
      if isFirst || !table.hasChosen { select(job) }
    case .gone: trouble = "there is no such job any more"
    case .failed(let reason): trouble = reason
    }
  }

  private mutating func select(_ job: JobKey) {
    if let index = timeline?.rows.firstIndex(where: { $0.id == .job(job) }) { table.move(to: index) }
  }

  private mutating func arrange(_ facts: TimelineFacts) {
    let timeline = Timeline(facts, open: open)
    self.timeline = timeline
    table.arrange(timeline.rows.map(\.rowID))
  }

  /// The timeline as it stands now: what lasts goes on between two readings.
  func shown(in scene: Scene) -> Timeline? {
    guard var timeline else { return nil }
    timeline.now = timeline.facts.now.addingClamped(max(0, scene.clock.subtractingClamped(readAt)))
    return timeline
  }

  var selectedRow: Timeline.Row? {
    guard let timeline, timeline.rows.indices.contains(table.cursor) else { return nil }
    return timeline.rows[table.cursor]
  }

  /// The selected job; a group's row is none.
  var selectedJob: JobKey? { if case .job(let key)? = selectedRow?.id { key } else { nil } }
}

extension Timeline {
  /// The way from the root to a job.
  func chain(to key: JobKey) -> [JobKey] {
    guard let index = rows.firstIndex(where: { $0.id == .job(key) }) else { return [key] }
    var (chain, depth) = ([key], rows[index].depth)
    for row in rows[..<index].reversed() where row.depth < depth {
      depth = row.depth
      if case .job(let above) = row.id { chain.insert(above, at: 0) }
    }
    return chain
  }
}

extension Timeline.Row {
  /// What tells it apart in a table.
  var rowID: RowID {
    switch id {
    case .job(let key): .job(key)
    case .group(let id): .named(id.queue, "group \(id.parent) \(id.name)")
    case .more(let id, _): .named(id.queue, "more \(id.parent) \(id.name)")
    case .unread(let key, _): .named(key.queue, "unread \(key)")
    }
  }
}
