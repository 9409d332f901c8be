import FlowMonitor
import QueueClient

/// The job schedulers: how often each acts, when next and when last, and whether it is late.
struct SchedulersPanel: ListPanel {
  var table = TableState()
  var filter = ListFilter()
  var reading = ListReading()
  private(set) var listing = SchedulerLister.Listing()
  private var schedulers: [RowID: ListedScheduler] = [:]

  static let keys = KeyTable<ListCommand>(
    ofList: [
      .open("Schedulers", "the detail of its next job"), .find("only schedulers with a text in them"), .copy(),
      .actions,
      .runNow, .pauseQueue(hint: "pause"),
    ])

  var question: ViewQuestion? { .schedulers }

  var notes: [Line.Part] {
    let left = listing.total - listing.schedulers.count
    guard left > 0 else { return [] }
    return [Line.Part("\(Formatting.count(left)) more act later", .warning, weight: 8)]
  }

  func job(of row: RowID) -> JobKey? { schedulers[row].flatMap { $0.nextAddedOn == nil ? nil : $0.nextJob } }
  func queue(of row: RowID) -> QueueKey? { schedulers[row]?.queue }

  func facts(of row: RowID, in scene: Scene) -> ActionTable.Facts? {
    job(of: row).map { _ in ActionTable.Facts(state: .delayed) }
  }

  func emptyLines(in scene: Scene) -> [String] { waitingLines(in: scene) ?? ["no queue has a job scheduler"] }

  mutating func take(_ answer: ViewAnswer, in scene: Scene) {
    switch answer {
    case .schedulers(let listing):
      self.listing = listing
      reading.succeed()
      arrange(in: scene)
    case .failed(let reason, let isAway): reading.fail(reason, isAway: isAway)
    default: break
    }
  }

  mutating func arrange(in scene: Scene) {
    let shown = listing.schedulers.filter { filter.allows($0.id, $0.name, $0.queue.name, $0.pattern) }
    let rows = shown.map { (RowID.named($0.queue, $0.id), $0) }
    schedulers = Dictionary(rows) { first, _ in first }
    table.arrange(rows.map(\.0))
  }

  // MARK: The table

  /// So late, nobody takes the job in time: a worker that is free takes one at once.
  private static let patience = 5000

  /// How it stands with a scheduler.
  enum Standing: Sendable, Equatable { case onTime, overdue, withoutJob }

  static func standing(_ scheduler: ListedScheduler, at now: Int) -> Standing {
    if scheduler.nextAddedOn == nil { return .withoutJob }
    return now - scheduler.next > patience ? .overdue : .onTime
  }

  func columns(in scene: Scene) -> [TableColumn] {
    [
      TableColumn("SCHEDULER", weight: 20, most: 40, least: 10), TableColumn("QUEUE", weight: 17, most: 30, least: 8),
      TableColumn("WHEN", weight: 18, most: 40, least: 9), TableColumn("NEXT", weight: 19, most: 40, least: 12),
      TableColumn("LAST", isNumber: true, weight: 14),
      TableColumn("MADE", isNumber: true, weight: 9, most: 24, isMinor: true),
      TableColumn("JOB", weight: 8, most: 30, isMinor: true),
    ]
  }

  func sign(at index: Int, in scene: Scene) -> TableCell {
    guard let scheduler = schedulers[table.ids[index]] else { return TableCell("") }
    return switch Self.standing(scheduler, at: scene.clock) {
    case .onTime: TableCell(Glyphs.state(.delayed), .delayed)
    case .overdue: TableCell(Glyphs.state(.delayed), .warning)
    case .withoutJob: TableCell(Glyphs.state(.failed), .error)
    }
  }

  func cells(at index: Int, in scene: Scene) -> [TableCell] {
    guard let scheduler = schedulers[table.ids[index]] else { return [] }
    let made = scheduler.count ?? 0
    return [
      TableCell(scheduler.id, .title), TableCell(scheduler.queue.name), TableCell(scheduler.rhythm),
      Self.next(scheduler, at: scene.clock), TableCell(Self.last(scheduler, at: scene.clock), .faint),
      TableCell(
        made == 0 ? "" : Formatting.count(made) + (scheduler.limit.map { "/\(Formatting.count($0))" } ?? ""), .faint),
      TableCell(scheduler.name, .faint),
    ]
  }

  private static func next(_ scheduler: ListedScheduler, at now: Int) -> TableCell {
    let distance = Formatting.duration(milliseconds: max(0, scheduler.next - now), isRunning: true)
    let late = Formatting.duration(milliseconds: max(0, now - scheduler.next), isRunning: true)
    return switch standing(scheduler, at: now) {
    case .withoutJob: TableCell("its next job is gone", .error)
    case .overdue: TableCell("overdue by \(late)", .warning)
    case .onTime: TableCell(scheduler.next > now ? "in \(distance)" : "now")
    }
  }

  /// The next job is added when the one before it is taken; the first one, when the scheduler is made.
  private static func last(_ scheduler: ListedScheduler, at now: Int) -> String {
    guard let added = scheduler.nextAddedOn, (scheduler.count ?? 0) > 1 else { return "-" }
    return Formatting.duration(milliseconds: max(0, now - added), isRunning: true) + " ago"
  }
}

extension ListedScheduler {
  /// When it acts: a pattern with its time zone, or a beat.
  var rhythm: String {
    if let pattern { return timeZone.map { "\(pattern) (\($0))" } ?? pattern }
    return every.map { "every \(Formatting.duration(milliseconds: $0))" } ?? "?"
  }
}
