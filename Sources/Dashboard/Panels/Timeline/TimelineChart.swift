import FlowMonitor
import QueueClient

/// A flow as a Gantt chart: names as in the tree, times in columns, and bars below an axis. Pure.
struct TimelineChart {
  let timeline: Timeline
  let words: TimelineWords
  let scale: TimeScale
  let columns: Columns
  let isASCII: Bool

  /// Where things stand in a row.
  struct Columns: Sendable, Equatable {
    var name: Range<Int>
    var waited: Range<Int>
    var ran: Range<Int>
    var usual: Range<Int>
    var bars: Range<Int>

    /// - Parameter name: how wide the longest name is, with its place in the tree.
    init(_ columns: Range<Int>, name wanted: Int, hasUsual: Bool) {
      let width = columns.count
      let most = max(8, width < 60 ? width / 2 : width * 3 / 10)
      name = columns.lowerBound + 2..<columns.lowerBound + 2 + min(most, max(10, wanted))
      var end = name.upperBound
      func column(_ isShown: Bool) -> Range<Int> {
        guard isShown else { return end..<end }
        defer { end += 8 }
        return end..<end + 8
      }
      waited = column(width >= 76)
      ran = column(width >= 44)
      usual = column(hasUsual && width >= 64)
      bars = min(end + 1, columns.upperBound - 1)..<columns.upperBound
    }
  }

  /// A chart in some columns.
  ///
  /// - Parameters:
  ///   - rows: those that are shown.
  ///   - view: which part of the time is shown.
  init(_ timeline: Timeline, rows: Range<Int>, view: TimelineView, columns: Range<Int>, isASCII: Bool) {
    let words = TimelineWords(timeline: timeline)
    (self.timeline, self.words, self.isASCII) = (timeline, words, isASCII)
    let widths = timeline.rows[rows.clamped(to: timeline.rows.indices)].map { row in
      2 * min(row.depth, Self.mostGuides) + 3
        + TextCleaner.width(words.name(of: row), isASCII: isASCII, most: columns.count)
    }
    self.columns = Columns(columns, name: widths.max() ?? 0, hasUsual: timeline.facts.earlier.flows > 0)
    let part = view.part(of: timeline)
    scale = TimeScale(start: part.start, length: part.length, width: self.columns.bars.count)
  }

  /// Deeper rows show no more branches than this.
  private static let mostGuides = 10

  // MARK: Drawing

  /// The headings, and the axis.
  func drawHeadings(into frame: inout Frame, row: Int) {
    frame.put(
      "  FLOW", row: row, column: columns.name.lowerBound, limit: columns.name.count, style: Style(.faint))
    for (text, range) in [("WAITED", columns.waited), ("RAN", columns.ran), ("USUAL", columns.usual)]
    where !range.isEmpty {
      frame.put(text, row: row, endingAt: range.upperBound, limit: range.count, style: Style(.faint))
    }
    for tick in scale.ticks(since: timeline.start) {
      let room = columns.bars.count - tick.column
      guard tick.label.count <= room else { continue }
      frame.put(
        tick.label, row: row, column: columns.bars.lowerBound + tick.column, limit: room, style: Style(.faint))
    }
  }

  /// One row of the tree, and its bar.
  func draw(_ row: Timeline.Row, into frame: inout Frame, at line: Int) {
    if row.isCritical {
      let sign = TimelineSign.critical
      frame.put(
        sign.text(isASCII: isASCII), row: line, column: columns.name.lowerBound - 2, limit: 1, style: Style(sign.role))
    }
    drawName(row, into: &frame, at: line)
    for (text, range, style) in [
      (words.waited(row), columns.waited, Style.Role.faint),
      (words.ran(row), columns.ran, words.isSlow(row) ? .warning : .text),
      (row.usual.map { TimelineWords.duration($0.median) } ?? "", columns.usual, .faint),
    ] where !range.isEmpty {
      frame.put(text, row: line, endingAt: range.upperBound, limit: range.count - 1, style: Style(style))
    }
    let bar = TimelineBar(row.spans, scale: scale, now: timeline.now, isCritical: row.isCritical || row.group != nil)
    for run in bar.runs {
      let columns = columns.bars.lowerBound + run.columns.lowerBound..<columns.bars.lowerBound + run.columns.upperBound
      frame.fill(run.sign.text(isASCII: isASCII), row: line, columns: columns, style: Style(run.sign.role))
    }
    drawNow(into: &frame, at: line, bar)
  }

  private func drawNow(into frame: inout Frame, at line: Int, _ bar: TimelineBar) {
    let column = scale.column(of: timeline.now)
    guard timeline.isRunning, bar.cells.indices.contains(column), bar.cells[column] == nil else { return }
    let sign = TimelineSign.now
    frame.put(
      sign.text(isASCII: isASCII), row: line, column: columns.bars.lowerBound + column, limit: 1,
      style: Style(sign.role))
  }

  private func drawName(_ row: Timeline.Row, into frame: inout Frame, at line: Int) {
    var column = columns.name.lowerBound
    let end = columns.name.upperBound
    func put(_ text: String, _ role: Style.Role) {
      column = frame.put(text, row: line, column: column, limit: max(0, end - column), style: Style(role))
    }
    if row.depth > 0 {
      let guides = row.guides.suffix(Self.mostGuides - 1)
      if guides.count < row.guides.count { put("…", .border) }
      for guide in guides { put(guide ? Glyphs.trunk : "  ", .border) }
      put(row.isLast ? Glyphs.lastBranch : Glyphs.branch, .border)
    }
    switch row.id {
    case .job:
      let state = row.job?.job.state ?? .unknown
      put(Glyphs.state(state), Style(state).role)
      put(" ", .text)
    case .group: put("\(row.isOpen ? Glyphs.open : Glyphs.folded) ", .faint)
    case .more, .unread: break
    }
    put(words.name(of: row), row.job == nil && row.group == nil ? .faint : row.isCritical ? .title : .text)
  }

  /// What the signs mean, as far as there is room.
  static func drawLegend(into frame: inout Frame, row: Int, columns: Range<Int>, isASCII: Bool) {
    var column = columns.lowerBound
    for (sign, meaning) in TimelineSign.legend {
      guard column + meaning.count + 2 <= columns.upperBound else { break }
      frame.put(sign.text(isASCII: isASCII), row: row, column: column, limit: 1, style: Style(sign.role))
      column = frame.put(" \(meaning)", row: row, column: column + 1, style: Style(.faint)) + 2
    }
  }
}
