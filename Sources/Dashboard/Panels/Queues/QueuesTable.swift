import FlowMonitor
import QueueClient

extension QueuesPanel {
  func columns(in scene: Scene) -> [TableColumn] {
    func heading(_ text: String, _ column: QueueOrder.Column) -> String {
      guard order.column == column else { return text }
      return text + (order.isReversed == (column == .name) ? Glyphs.open : Glyphs.upwards)
    }
    return [
      TableColumn(heading("QUEUE", .name), weight: 20, most: 40, least: 8),
      TableColumn(heading("WAIT", .wait), isNumber: true, weight: 19),
      TableColumn(heading("ACTIVE", .active), isNumber: true, weight: 17),
      TableColumn(heading("DELAYED", .delayed), isNumber: true, weight: 11),
      TableColumn(heading("CHILDREN", .children), isNumber: true, weight: 10),
      TableColumn(heading("FAILED", .failed), isNumber: true, weight: 18),
      TableColumn(heading("DONE/MIN", .done), isNumber: true, weight: 14, most: 20),
      TableColumn("FAILED/MIN", isNumber: true, weight: 9, most: 20),
      TableColumn(heading("OLDEST", .oldest), isNumber: true, weight: 15),
      TableColumn(heading("WORKERS", .workers), isNumber: true, weight: 13),
      TableColumn("LIMITS", weight: 16, most: 40, least: 8),
    ]
  }

  func sign(at index: Int, in scene: Scene) -> TableCell {
    guard let queue = queue(of: table.ids[index]), isPaused(queue, in: scene) else { return TableCell("") }
    return TableCell(Glyphs.paused, .paused)
  }

  func cells(at index: Int, in scene: Scene) -> [TableCell] {
    guard let queue = queue(of: table.ids[index]) else { return [] }
    let name = TableCell(queue.name, .title)
    guard let line = overview.lines[queue] else { return [name, TableCell("…", .faint)] }
    let counts = line.status.counts
    let age = line.inspected.nextAddedOn.map {
      Formatting.duration(milliseconds: scene.clock - min($0, scene.clock), isRunning: true)
    }
    let limits = line.limits(at: scene.clock)
    return [
      name, .count(line.ready, .waiting), .count(counts[.active], .active), .count(counts[.delayed], .delayed),
      .count(counts[.waitingChildren], .waitingChildren), .count(counts[.failed], .failed),
      Self.cell(line.rate(of: .completed), .bar), Self.cell(line.rate(of: .failed), .failed),
      TableCell(age ?? "-", age == nil ? .faint : .text),
      line.workers.map { .count($0) } ?? TableCell(overview.workersRefusal == nil ? "" : "?", .warning),
      TableCell(limits.text, limits.isWarning ? .warning : .faint),
    ]
  }

  private static func cell(_ rate: QueueOverview.Line.Rate?, _ role: Style.Role) -> TableCell {
    guard let rate else { return TableCell("-", .faint) }
    let about = rate.isSampled && rate.perMinute > 0 ? "~" : ""
    let bars = Formatting.sparkline(rate.bars)
    return TableCell("\(bars) \(about)\(Formatting.count(rate.perMinute))", rate.perMinute > 0 ? role : .faint)
  }

  func bar(in scene: Scene) -> [Line.Part]? {
    overview.workersRefusal.map { [Line.Part("workers are not known: \($0)", .warning, weight: 1, least: 10)] }
  }
}

extension QueuesPanel {
  /// What a click on a heading sorts by; `nil` for a column that nothing is sorted by.
  func order(ofColumn index: Int) -> QueueOrder.Column? {
    let orders: [QueueOrder.Column?] = [
      .name, .wait, .active, .delayed, .children, .failed, .done, nil, .oldest, .workers, nil,
    ]
    return orders.indices.contains(index) ? orders[index] : nil
  }
}
