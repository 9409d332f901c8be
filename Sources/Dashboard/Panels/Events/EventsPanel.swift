import FlowMonitor
import QueueClient

/// What happens in all queues, as it happens: the newest last, held still with Space.
struct EventsPanel: ListPanel {
  var table = TableState()
  var filter = ListFilter()
  var reading = ListReading()
  /// What is shown, and what has come while it is held still.
  private(set) var log = EventLog()
  private(set) var held: EventLog?
  /// Whether the list goes on with what comes: as long as its end is selected.
  private var followsEnd = true
  private var events: [LoggedEvent] = []

  static let keys = KeyTable<ListCommand>(
    ofList: [
      .open("Events", "the job's detail"),
      .init(.pause, "Events", "Space", "hold still, or go on", hint: "hold", .character(" ")),
      .find("only events with a text in them"), .why(), .copy(), .actions, .pauseQueue(hint: "pause"),
    ])

  var question: ViewQuestion? { .events }
  var isHeld: Bool { held != nil }

  var notes: [Line.Part] {
    guard let held else { return [] }
    let missed = held.total - log.total
    return [
      Line.Part(missed > 0 ? "held: \(Formatting.count(missed)) more since" : "held", .warning, weight: 9)
    ]
  }

  /// What is left out.
  func bar(in scene: Scene) -> [Line.Part]? {
    let known = scene.picture.queues.count
    guard known > EventLog.mostQueues else { return nil }
    let part = "events of \(Formatting.count(EventLog.mostQueues)) of \(Formatting.count(known)) queues"
    return [Line.Part("\(part); --queue NAME chooses which", .warning, weight: 5, least: 10)]
  }

  func job(of row: RowID) -> JobKey? { event(row)?.job }
  func queue(of row: RowID) -> QueueKey? { event(row)?.queue }

  func facts(of row: RowID, in scene: Scene) -> ActionTable.Facts? {
    job(of: row).map { ActionTable.Facts(state: scene.picture.jobs[$0]?.state ?? .unknown) }
  }

  private func event(_ row: RowID) -> LoggedEvent? {
    guard case .event(let number) = row, let first = log.events.first?.number else { return nil }
    let index = number - first
    return log.events.indices.contains(index) ? log.events[index] : nil
  }

  func emptyLines(in scene: Scene) -> [String] {
    waitingLines(in: scene) ?? ["nothing has happened yet; what does appears at once"]
  }

  // MARK: What happens

  mutating func take(_ answer: ViewAnswer, in scene: Scene) {
    switch answer {
    case .events(let log):
      reading.succeed()
      if isHeld {
        held = log
      } else {
        self.log = log
        arrange(in: scene)
      }
    case .failed(let reason, let isAway): reading.fail(reason, isAway: isAway)
    default: break
    }
  }

  mutating func arrange(in scene: Scene) {
    events = log.events.filter { filter.allows($0.name, $0.queue.name, $0.job?.id, EventWords.text(of: $0)) }
    table.arrange(events.map { .event($0.number) })
    if followsEnd { table.move(to: table.ids.count - 1) }
  }

  mutating func perform(_ command: ListCommand, in scene: Scene) -> [Request] {
    var requests: [Request] = []
    if command == .pause {
      if let held { log = held }
      held = isHeld ? nil : log
      arrange(in: scene)
    } else {
      requests = performCommon(command, in: scene)
    }
    followsEnd = table.isAtEnd
    return requests
  }

  // MARK: The table

  func columns(in scene: Scene) -> [TableColumn] {
    [
      TableColumn("TIME", weight: 16), TableColumn("EVENT", weight: 20, most: 24, least: 9),
      TableColumn("QUEUE", weight: 17, most: 30, least: 8), TableColumn("JOB", weight: 18, most: 40, least: 8),
      TableColumn("WHAT", weight: 12, most: 200, least: 10),
    ]
  }

  func sign(at index: Int, in scene: Scene) -> TableCell {
    let state = EventWords.state(of: events[index])
    return state.map { TableCell(Glyphs.state($0), Style($0).role) } ?? TableCell("")
  }

  func cells(at index: Int, in scene: Scene) -> [TableCell] {
    let event = events[index]
    let state = EventWords.state(of: event)
    let role: Style.Role = event.name == EventName.stalled.rawValue ? .warning : state.map { Style($0).role } ?? .text
    return [
      TableCell(Formatting.clock(Double(event.time) / 1000), .faint), TableCell(event.name, role),
      TableCell(event.queue.name), TableCell(event.job?.id ?? "", .title),
      TableCell(EventWords.text(of: event), .faint),
    ]
  }
}
