import FlowMonitor
import QueueClient

/// The workers: where each is, what it works on, since when, and how long its lock lasts; jobs that nobody holds first.
struct WorkersPanel: ListPanel {
  var table = TableState()
  var filter = ListFilter()
  var reading = ListReading()
  private(set) var list = WorkerList()
  /// The lines that are shown, by their rows.
  private var lines: [RowID: WorkerList.Line] = [:]
  /// When they were read, in milliseconds since 1970: locks run out from then on.
  private var readAt = 0

  static let keys = KeyTable<ListCommand>(
    ofList: [
      .open("Workers", "the detail of its job"), .find("only lines with a text in them"), .why(), .copy(), .actions,
      .pauseQueue(hint: "pause"),
    ])

  var question: ViewQuestion? { .workers }

  var notes: [Line.Part] {
    let dead = list.lines.count(where: \.isDead)
    guard dead > 0 else { return [] }
    return [Line.Part("\(Formatting.count(dead, "job")) without a worker", .warning, weight: 8)]
  }

  func job(of row: RowID) -> JobKey? { lines[row]?.job?.key }
  func queue(of row: RowID) -> QueueKey? { lines[row]?.queue }

  func facts(of row: RowID, in scene: Scene) -> ActionTable.Facts? {
    guard let job = lines[row]?.job else { return nil }
    var facts = ActionTable.Facts(state: .active)
    facts.isLocked = job.lock != nil
    return facts
  }

  func bar(in scene: Scene) -> [Line.Part]? {
    if let refusal = list.refusal {
      return [Line.Part("only jobs, not workers, can be seen: \(refusal)", .warning, weight: 1, least: 10)]
    }
    guard list.jobsLeftOut > 0 else { return nil }
    return [Line.Part("\(Formatting.count(list.jobsLeftOut)) more active jobs are not shown", .warning, weight: 1)]
  }

  func emptyLines(in scene: Scene) -> [String] {
    waitingLines(in: scene)
      ?? (list.refusal == nil
        ? ["no worker of a known queue is connected, and no job is active"] : ["no job is active"])
  }

  mutating func take(_ answer: ViewAnswer, in scene: Scene) {
    switch answer {
    case .workers(let list):
      self.list = list
      readAt = scene.clock
      reading.succeed()
      arrange(in: scene)
    case .failed(let reason, let isAway): reading.fail(reason, isAway: isAway)
    default: break
    }
  }

  mutating func arrange(in scene: Scene) {
    let shown = list.lines.filter { line in
      filter.allows(line.name, line.queue.name, line.address, line.job?.name, line.job?.key.id)
    }
    let rows = shown.map { line in
      (line.job.map { RowID.job($0.key) } ?? .named(line.queue, "\(line.name) \(line.address ?? "")"), line)
    }
    lines = Dictionary(rows) { first, _ in first }
    table.arrange(rows.map(\.0))
  }

  // MARK: The table

  func columns(in scene: Scene) -> [TableColumn] {
    [
      TableColumn("WORKER", weight: 20, most: 30, least: 8), TableColumn("QUEUE", weight: 18, most: 30, least: 8),
      TableColumn("JOB", weight: 17, most: 60, least: 10), TableColumn("SINCE", isNumber: true, weight: 15),
      TableColumn("LOCK", isNumber: true, weight: 16), TableColumn("ADDRESS", weight: 10, most: 48, least: 12),
    ]
  }

  func sign(at index: Int, in scene: Scene) -> TableCell {
    guard let line = lines[table.ids[index]] else { return TableCell("") }
    if line.isDead { return TableCell(Glyphs.state(.failed), .error) }
    return line.job == nil ? TableCell(Glyphs.state(.waiting), .faint) : TableCell(Glyphs.state(.active), .active)
  }

  func cells(at index: Int, in scene: Scene) -> [TableCell] {
    guard let line = lines[table.ids[index]] else { return [] }
    // A job names its worker only where that has a name.
    let nobody = line.job == nil ? "(no name)" : "?"
    let name = line.name.isEmpty ? TableCell(nobody, .faint) : TableCell(line.name, .title)
    let address: TableCell =
      if let address = line.address {
        TableCell(address, .faint)
      } else {
        TableCell(line.name.isEmpty || list.refusal != nil ? "" : "not connected", .warning)
      }
    guard let job = line.job else {
      // How long its connections are silent, which is not how long it has been without a job.
      let asked = line.idle.map {
        "asked \(Formatting.duration(milliseconds: min($0, 1_000_000_000) * 1000, isRunning: true)) ago"
      }
      return [
        name, TableCell(line.queue.name), TableCell(asked ?? "", .faint), TableCell(""), TableCell(""), address,
      ]
    }
    let since = job.since.map { Formatting.duration(milliseconds: max(0, scene.clock - $0), isRunning: true) }
    return [
      name, TableCell(line.queue.name), TableCell(job.name.isEmpty ? job.key.id : "\(job.name)  \(job.key.id)"),
      TableCell(since ?? "?", .text), lock(job, in: scene), address,
    ]
  }

  private func lock(_ job: WorkerList.Job, in scene: Scene) -> TableCell {
    guard let lock = job.lock else { return TableCell("gone", .error) }
    guard lock >= 0 else { return TableCell("for ever", .warning) }
    let left = max(0, lock - max(0, scene.clock - readAt))
    return TableCell(Formatting.duration(milliseconds: left, isRunning: true), left < 5000 ? .warning : .text)
  }
}
