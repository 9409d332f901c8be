import FlowMonitor
import Foundation
import QueueClient

extension DetailPanel {
  /// How many lines of the page the area shows.
  func room(in area: Area) -> Int { max(0, area.height - 1 - (pathRow(in: area) == nil ? 0 : 1)) }

  /// The row that says where the selected value stands.
  private func pathRow(in area: Area) -> Int? {
    guard focus.isOn, area.height >= 5, page.lines.contains(where: { $0.path != nil }) else { return nil }
    return area.rows.upperBound - 1
  }

  func draw(into frame: inout Frame, area: Area, scene: Scene) {
    guard let tab, !area.isEmpty else { return }
    let first = area.rows.lowerBound
    let isBeside = area.columns.lowerBound > 0
    frame.fill(Glyphs.line, row: first, columns: area.columns, style: Style(.border))
    if isBeside {
      for row in area.rows { frame.put("│", row: row, column: area.columns.lowerBound, style: Style(.border)) }
    }
    for place in tabPlaces(in: area) where place.columns.upperBound < area.columns.upperBound {
      frame.put(
        " \(place.tab.rawValue) ", row: first, column: place.columns.lowerBound,
        style: Style(place.tab == tab ? .tab : .faint))
    }
    drawTitle(into: &frame, area: area, scene: scene)
    let inner = area.columns.lowerBound + (isBeside ? 1 : 0)..<area.columns.upperBound
    for (row, index) in zip(area.rows.dropFirst().prefix(room(in: area)), top..<max(top, page.lines.count)) {
      draw(
        page.lines[index], into: &frame, row: row, columns: inner.lowerBound + (isBeside ? 1 : 2)..<inner.upperBound - 1
      )
      if scene.isStale { frame.dim(row: row, columns: inner) }
      if focus.isOn, tab != .why, index == focus.cursor { frame.select(row: row, columns: inner) }
      if hasWhyFocus, page.lines[index].item == why.cursor {
        drawChoice(at: index, into: &frame, row: row, columns: inner)
      }
    }
    if let row = pathRow(in: area) {
      frame.put(
        selectedLine?.path ?? "", row: row, column: inner.lowerBound + (isBeside ? 1 : 2),
        limit: max(0, inner.count - 3),
        style: Style(.title))
    }
  }

  /// What is chosen of what helps; the sign tells without colours, too, where the keys go.
  private func drawChoice(at index: Int, into frame: inout Frame, row: Int, columns: Range<Int>) {
    let line = page.lines[index]
    if index == 0 || page.lines[index - 1].item != line.item {
      frame.put(Glyphs.folded, row: row, column: columns.lowerBound, limit: 1, style: line.style)
    }
    frame.select(row: row, columns: columns)
  }

  private func draw(_ line: DetailPage.Line, into frame: inout Frame, row: Int, columns: Range<Int>) {
    var column = columns.lowerBound + line.indent
    if let fold = line.fold {
      column = frame.put(
        fold.isOpen ? Glyphs.open : Glyphs.folded, row: row, column: column, limit: max(0, columns.upperBound - column),
        style: Style(.faint))
      column += 1
    } else if line.isOneRow, line.path != nil, !line.label.isEmpty {
      column += 2
    }
    for (text, style) in parts(of: line) {
      column = frame.put(text, row: row, column: column, limit: max(0, columns.upperBound - column), style: style)
    }
  }

  /// A line's texts and how they look; what is looked for stands out.
  private func parts(of line: DetailPage.Line) -> [(String, Style)] {
    var parts: [(String, Style)] = []
    if !line.label.isEmpty {
      parts += marked(line.label, Style(line.fold == nil && line.path == nil ? .faint : .text))
      if !line.text.isEmpty { parts.append((": ", Style(.faint))) }
    }
    return parts + marked(line.text, line.style)
  }

  private func marked(_ text: String, _ style: Style) -> [(String, Style)] {
    guard focus.isOn, !focus.search.isEmpty else { return [(text, style)] }
    var parts: [(String, Style)] = []
    var rest = text.startIndex..<text.endIndex
    while parts.count < 100, let found = text.range(of: focus.search, options: .caseInsensitive, range: rest),
      !found.isEmpty
    {
      parts.append((String(text[rest.lowerBound..<found.lowerBound]), style))
      parts.append((String(text[found]), Style(.match)))
      rest = found.upperBound..<text.endIndex
    }
    return parts + [(String(text[rest]), style)]
  }

  /// Which job it is, and where the page stands: beside the tabs, so that no line of the page is hidden.
  private func drawTitle(into frame: inout Frame, area: Area, scene: Scene) {
    var end = area.columns.upperBound - 1
    let row = area.rows.lowerBound
    if showsSecrets {
      let words = " secrets shown "
      frame.put(words, row: row, endingAt: end, limit: area.width, style: Style(.warning))
      end -= frame.width(of: words)
    }
    let room = room(in: area)
    if page.lines.count > room {
      let place = "\(top + 1)-\(min(top + room, page.lines.count))"
      let keys = focus.isOn ? "" : "  \(scene.key("line-down")) \(scene.key("line-up"))"
      let forms = [" \(place) of \(Formatting.count(page.lines.count))\(keys) ", " \(place)\(keys) ", " \(place) "]
      let fitting = forms.first { frame.width(of: $0) * 3 <= area.width } ?? forms[2]
      frame.put(fitting, row: row, endingAt: end, limit: area.width, style: Style(.faint))
      end -= frame.width(of: fitting)
    }
    guard let key = subject?.job, let last = tabPlaces(in: area).last else { return }
    let left = end - last.columns.upperBound - 2
    guard left >= 12 else { return }
    frame.put(" \(key.queue.name)/\(key.id) ", row: row, endingAt: end, limit: left, style: Style(.faint))
  }

  func tabPlaces(in area: Area) -> [(tab: DetailTab, columns: Range<Int>)] {
    var column = area.columns.lowerBound + 1
    // Where the names are too long for the width, the first letters of all say more than the names of some.
    return DetailTab.allCases.map { tab in
      let width = tab.rawValue.count + 2
      defer { column += width }
      return (tab, column..<column + width)
    }
  }
}
