import FlowMonitor
import QueueClient

extension TimelinePanel {
  /// How many rows of an area are left for jobs: what is told of the flow, of the selected job and of the signs has the
  /// others.
  static func rowCount(in area: Area) -> Int { max(1, area.height - 2 - footHeight(in: area)) }

  /// What is told of the selected job may need two lines.
  private static func footHeight(in area: Area) -> Int { area.height < 10 ? 0 : area.height < 16 ? 3 : 4 }

  func draw(into frame: inout Frame, area: Area, scene: Scene) {
    guard !area.isEmpty else { return }
    let inner = area.columns.lowerBound + 1..<max(area.columns.lowerBound + 2, area.columns.upperBound - 1)
    let first = area.rows.lowerBound
    guard let timeline = shown(in: scene) else {
      frame.put(
        trouble ?? "reading …", row: first, column: inner.lowerBound, limit: inner.count,
        style: Style(trouble == nil ? .faint : .error))
      return
    }
    let height = min(table.height, area.height)
    let rows = table.top..<min(table.top + height, timeline.rows.count)
    let chart = TimelineChart(timeline, rows: rows, view: view, columns: inner, isASCII: frame.isASCII)
    title(chart.words).draw(into: &frame, row: first, columns: inner)
    if area.height > 2 { chart.drawHeadings(into: &frame, row: first + 1) }
    let list = area.droppingRows(2)
    for (line, index) in zip(list.rows, rows) {
      chart.draw(timeline.rows[index], into: &frame, at: line)
      if scene.isStale { frame.dim(row: line, columns: area.columns) }
      if index == table.cursor {
        frame.select(row: line, columns: area.columns.lowerBound..<chart.columns.bars.lowerBound)
      }
    }
    let foot = Area(rows: area.rows.suffix(Self.footHeight(in: area)), columns: inner)
    if !foot.isEmpty { drawFoot(chart, into: &frame, area: foot) }
  }

  private func title(_ words: TimelineWords) -> Line {
    var right: [Line.Part] = []
    if let trouble { right.append(.init(trouble, .error, weight: 8, least: 10)) }
    if words.timeline.facts.isCut {
      right.append(.init("\(Formatting.count(words.timeline.jobCount)) jobs looked at", .warning, weight: 6))
    }
    if view.zoom > 1 { right.append(.init("\(Glyphs.times)\(Formatting.count(view.zoom))", .key, weight: 7)) }
    right.append(.init(words.usual, .faint, weight: 4))
    if table.ids.count > table.height {
      let visible = table.visible
      right.append(
        .init(
          "\(visible.lowerBound + 1)-\(visible.upperBound) of \(Formatting.count(table.ids.count))", .text, weight: 5))
    }
    return Line(left: [.init(words.title, .title, weight: 9, least: 10)], right: right)
  }

  private func drawFoot(_ chart: TimelineChart, into frame: inout Frame, area: Area) {
    let end = area.rows.upperBound
    func put(_ text: String, _ role: Style.Role, row: Int) {
      frame.put(text, row: row, column: area.columns.lowerBound, limit: area.width, style: Style(role))
    }
    if let row = selectedRow {
      let text = DetailPage.wrap([.init(chart.words.line(row))], width: area.width, isASCII: frame.isASCII)
      let room = area.height - 2
      for (line, part) in text.prefix(room - 1).enumerated() { put(part.text, .text, row: end - area.height + line) }
      let rest = text.dropFirst(room - 1).map(\.text).joined(separator: " ")
      if !rest.isEmpty { put(rest, .text, row: end - 3) }
    }
    put(chart.words.path, .faint, row: end - 2)
    TimelineChart.drawLegend(into: &frame, row: end - 1, columns: area.columns, isASCII: frame.isASCII)
  }

  /// Draws the flow of a job on a page of the detail: the rows around it.
  ///
  /// - Returns: whether that flow has been read.
  @discardableResult
  func drawPage(of job: JobKey, into frame: inout Frame, area: Area, scene: Scene) -> Bool {
    guard let timeline = shown(in: scene), area.height >= 3,
      let index = timeline.rows.firstIndex(where: { $0.id == .job(job) })
    else { return false }
    let words = TimelineWords(timeline: timeline).line(timeline.rows[index])
    let room = max(1, area.height - 1 - timeline.rows.count)
    let text = DetailPage.wrap([.init(words)], width: area.width, isASCII: frame.isASCII).prefix(room)
    let height = area.height - 1 - text.count
    let top = max(0, min(index - height / 2, timeline.rows.count - height))
    let rows = top..<min(top + height, timeline.rows.count)
    for row in area.rows { frame.fill(" ", row: row, columns: area.columns, style: Style(.text)) }
    let chart = TimelineChart(timeline, rows: rows, view: TimelineView(), columns: area.columns, isASCII: frame.isASCII)
    chart.drawHeadings(into: &frame, row: area.rows.lowerBound)
    for (line, index) in zip(area.rows.dropFirst(), rows) { chart.draw(timeline.rows[index], into: &frame, at: line) }
    for (line, part) in text.enumerated() {
      frame.put(
        part.text, row: area.rows.upperBound - text.count + line, column: area.columns.lowerBound, limit: area.width,
        style: Style(.text))
    }
    return true
  }
}
