import FlowMonitor
import QueueClient

/// The jobs of one queue in one state, page by page: never more is read than the page that is shown.
struct JobsPanel: ListPanel {
  var table = TableState()
  var filter = ListFilter()
  var reading = ListReading()
  /// The queue and the state; `nil` before one was chosen.
  private(set) var queue: QueueKey?
  private(set) var state = JobState.failed
  /// The place of the page's first job among all.
  private(set) var first = 0
  /// The page as it was read last.
  private(set) var page: JobPage?
  /// The jobs of the page, by their keys.
  private(set) var jobs: [JobKey: FlowJob] = [:]
  /// Where the selection goes when the next page has come.
  private var entersAtEnd = false

  /// The states, in the order of a job's life.
  static let states: [JobState] = [
    .waiting, .prioritized, .delayed, .waitingChildren, .active, .completed, .failed,
  ]

  static let keys = KeyTable<ListCommand>(
    ofList: own + Binding.jobVerbs(retryHint: "retry") + [.pauseQueue(hint: "pause")])

  private typealias Binding = KeyTable<ListCommand>.Binding

  private static let own: [Binding] = [
    .open("Jobs", "the job's detail"),
    .init(.previousState, "Jobs", "← h", "jobs in the state before", .key(.left), .character("h")),
    .init(
      .nextState, "Jobs", "→ l f", "jobs in the next state", hint: "state", .key(.right), .character("l"),
      .character("f")),
    .find("filter the page by a text"), .why(), .mark(), .copy(), .actions,
  ]

  var question: ViewQuestion? {
    queue.map { .jobs(JobPage.Place(queue: $0, state: state, first: first, count: table.height)) }
  }

  var path: [String] { queue.map { [$0.name, state.rawValue] } ?? [] }

  /// How many jobs there are in the state.
  private var total: Int { page?.counts[state] ?? 0 }

  /// How many jobs the page has, filtered out or not.
  private var pageCount: Int { isCurrent ? page?.jobs.count ?? 0 : table.ids.count }

  /// Whether what was read is what is asked for.
  private var isCurrent: Bool { page.map { .jobs($0.place) == question } ?? false }

  var position: String {
    if !filter.text.isEmpty {
      return "\(Formatting.count(table.ids.count)) of the \(Formatting.count(pageCount, "job")) on this page"
    }
    guard !table.ids.isEmpty else { return "" }
    let last = first.addingClamped(table.ids.count)
    return
      "\(Formatting.count(first.addingClamped(1)))-\(Formatting.count(last)) of \(Formatting.count(max(total, last)))"
  }

  func job(of row: RowID) -> JobKey? { if case .job(let key) = row { key } else { nil } }
  func queue(of row: RowID) -> QueueKey? { job(of: row)?.queue }
  func parent(of job: JobKey, in scene: Scene) -> JobKey? { jobs[job]?.parentKey }

  func isPaused(_ queue: QueueKey, in scene: Scene) -> Bool {
    page?.place.queue == queue ? page?.isPaused == true : scene.isPaused(queue)
  }

  func facts(of row: RowID, in scene: Scene) -> ActionTable.Facts? {
    job(of: row).map { ActionTable.Facts(of: jobs[$0], hasParent: jobs[$0]?.parentKey != nil) }
  }

  func emptyLines(in scene: Scene) -> [String] {
    guard let queue else {
      return [
        "no queue is chosen", "\(scene.key("queues")) shows the queues; \(scene.key("open")) on one shows its jobs",
      ]
    }
    if let lines = waitingLines(in: scene) { return lines }
    return isCurrent
      ? [
        "no job of \(queue.name) is \(state.rawValue)",
        "\(scene.key("next-state")) and \(scene.key("previous-state")) go through the states",
      ] : ["reading …"]
  }

  // MARK: What happens

  /// Shows a queue's jobs: in a state, else in the first that fits what is known of it.
  mutating func show(_ queue: QueueKey, _ state: JobState?, counts: [JobState: Int]) {
    let likely: [JobState] = [.failed, .active, .waiting, .prioritized, .delayed, .waitingChildren, .completed]
    let fitting = state ?? likely.first { (counts[$0] ?? 0) > 0 } ?? .waiting
    guard queue != self.queue || fitting != self.state else { return }
    if queue != self.queue { page = nil }
    self.queue = queue
    go(to: fitting)
  }

  private mutating func go(to state: JobState) {
    self.state = state
    (first, entersAtEnd) = (0, false)
    jobs = [:]
    table.arrange([])
    table.restart()
  }

  mutating func take(_ answer: ViewAnswer, in scene: Scene) {
    switch answer {
    case .jobs(let page) where .jobs(page.place) == question:
      self.page = page
      reading.succeed()
      if page.jobs.isEmpty, first > 0, total <= first { return turn(to: max(0, total - 1), atEnd: true) }
      jobs = Dictionary(page.jobs.map { ($0.key, $0) }) { first, _ in first }
      arrange(in: scene)
    case .failed(let reason, let isAway): reading.fail(reason, isAway: isAway)
    default: break
    }
  }

  mutating func arrange(in scene: Scene) {
    guard isCurrent, let page else { return }
    let shown = page.jobs.filter { filter.allows($0.name, $0.key.id, $0.failedReason) }
    table.arrange(shown.map { .job($0.key) })
    if entersAtEnd { table.move(to: table.ids.count - 1) }
    entersAtEnd = false
  }

  /// Pages have another size now: the one is shown that has the selected job in it.
  mutating func resize(to height: Int) {
    guard max(1, height) != table.height else { return }
    let place = first.addingClamped(table.cursor)
    table.resize(to: height)
    first = place / table.height * table.height
  }

  /// Goes to the page that holds a place.
  private mutating func turn(to place: Int, atEnd: Bool = false) {
    let size = max(1, table.height)
    let start = max(0, place) / size * size
    guard start != first || !isCurrent else { return table.move(to: atEnd ? table.ids.count - 1 : 0) }
    let marks = table.marks
    first = start
    table.restart()
    table.marks = marks
    entersAtEnd = atEnd
  }

  mutating func perform(_ command: ListCommand, in scene: Scene) -> [Request] {
    let end = first.addingClamped(pageCount)
    switch command {
    case .down where table.isAtEnd && end < total: turn(to: end)
    case .up where table.cursor == 0 && first > 0: turn(to: first - 1, atEnd: true)
    case .pageDown:
      if end < total { turn(to: end) } else { table.move(to: table.ids.count - 1) }
    case .pageUp:
      if first > 0 { turn(to: first - 1) } else { table.move(to: 0) }
    case .first: turn(to: 0)
    case .last: turn(to: max(0, total - 1), atEnd: true)
    case .nextState: step(by: 1)
    case .previousState: step(by: -1)
    default: return performCommon(command, in: scene)
    }
    return []
  }

  private mutating func step(by distance: Int) {
    guard let index = Self.states.firstIndex(of: state) else { return go(to: .waiting) }
    go(to: Self.states[(index + distance + Self.states.count) % Self.states.count])
  }
}
