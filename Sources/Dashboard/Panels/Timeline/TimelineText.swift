import FlowMonitor
import QueueClient

/// A timeline as lines of text, for whoever prints it.
public enum TimelineText {
  /// The chart with its axis, what decided, and what the signs mean.
  ///
  /// - Parameters:
  ///   - width: how many columns there are.
  ///   - depth: how many levels are shown.
  public static func text(of timeline: Timeline, width: Int, depth: Int = .max, isASCII: Bool) -> String {
    let width = max(40, min(width, 1000))
    let rows = timeline.rows.indices.filter { timeline.rows[$0].depth < depth }
    let columns = 0..<width
    let chart = TimelineChart(
      timeline, rows: timeline.rows.indices, view: TimelineView(), columns: columns, isASCII: isASCII)
    let path = DetailPage.wrap([.init(chart.words.path)], width: width, isASCII: isASCII)
    var frame = Frame(size: .init(rows: rows.count + path.count + 4, columns: width), isASCII: isASCII)
    frame.put("\(chart.words.title), \(chart.words.usual)", row: 0, column: 0, style: Style(.title))
    chart.drawHeadings(into: &frame, row: 1)
    for (line, index) in rows.enumerated() { chart.draw(timeline.rows[index], into: &frame, at: line + 2) }
    for (line, part) in path.enumerated() {
      frame.put(part.text, row: rows.count + 2 + line, column: 0, style: Style(.text))
    }
    let end = rows.count + 2 + path.count
    TimelineChart.drawLegend(into: &frame, row: end, columns: columns, isASCII: isASCII)
    if timeline.facts.isCut {
      frame.put(
        "only \(Formatting.count(timeline.jobCount)) jobs were looked at", row: end + 1, column: 0,
        style: Style(.warning))
    }
    var text = frame.text
    while text.last == "\n" { text.removeLast() }
    return text
  }
}
