import FlowMonitor

extension ListPanel {
  /// How many rows of the table there is room for in an area.
  func tableHeight(in layout: ScreenLayout, scene: Scene) -> Int { rows(in: layout, scene: scene).height }

  /// Where the rows of the table stand.
  func rows(in layout: ScreenLayout, scene: Scene) -> Area {
    let hasBar = layout.hasHeadings && bar(in: scene) != nil
    return hasBar ? layout.listRows.droppingRows(1) : layout.listRows
  }

  /// The column whose heading stands at a cell.
  func column(at column: Int, width: Int, scene: Scene) -> Int? {
    places(width: width, scene: scene).firstIndex { $0.contains(column) }
  }

  /// The cells of each column; signs and marks stand before them.
  private func places(width: Int, scene: Scene) -> [Range<Int>] {
    let columns = columns(in: scene)
    var needs = columns.map { _ in 0 }
    for index in table.visible {
      for (column, cell) in cells(at: index, in: scene).enumerated() where column < needs.count {
        let width = TextCleaner.width(cell.text, isASCII: scene.setup.isASCII, most: columns[column].most)
        needs[column] = max(needs[column], width)
      }
    }
    return TableColumns.places(columns, needs: needs, width: max(0, width - Self.indent - 1)).map {
      $0.lowerBound + Self.indent..<$0.upperBound + Self.indent
    }
  }

  /// Room for a mark, a sign, and a blank.
  private static var indent: Int { 4 }

  /// Draws the table; pure, and no more work than the area has cells.
  func draw(into frame: inout Frame, layout: ScreenLayout, scene: Scene) {
    let rows = rows(in: layout, scene: scene)
    guard !rows.isEmpty else { return }
    let left = layout.list.columns.lowerBound
    if rows.rows.lowerBound > layout.listRows.rows.lowerBound, let bar = bar(in: scene) {
      let inside = left + 1..<max(left + 1, layout.list.columns.upperBound - 1)
      Line(left: bar, right: []).draw(into: &frame, row: layout.list.rows.lowerBound, columns: inside)
    }
    guard reading.refusal == nil, !table.ids.isEmpty else {
      return draw(lines: reading.refusal.map { ["this cannot be read: \($0)"] } ?? emptyLines(in: scene), &frame, rows)
    }
    let columns = columns(in: scene)
    let places = places(width: rows.width, scene: scene).map { $0.lowerBound + left..<$0.upperBound + left }
    func put(_ cell: TableCell, _ index: Int, row: Int) {
      let place = places[index]
      guard !place.isEmpty else { return }
      if columns[index].isNumber {
        frame.put(cell.text, row: row, endingAt: place.upperBound, limit: place.count, style: Style(cell.role))
      } else {
        frame.put(cell.text, row: row, column: place.lowerBound, limit: place.count, style: Style(cell.role))
      }
    }
    if layout.hasHeadings {
      let row = rows.rows.lowerBound - 1
      for index in columns.indices { put(TableCell(columns[index].heading, .faint), index, row: row) }
    }
    for (row, index) in zip(rows.rows, table.visible) {
      if table.marks.contains(table.ids[index]) {
        frame.put(Glyphs.mark, row: row, column: left, style: Style(.mark))
      }
      let sign = sign(at: index, in: scene)
      frame.put(sign.text, row: row, column: left + 2, limit: 1, style: Style(sign.role))
      for (column, cell) in cells(at: index, in: scene).enumerated() where column < columns.count {
        put(cell, column, row: row)
      }
      if scene.isStale { frame.dim(row: row, columns: rows.columns) }
      if index == table.cursor { frame.select(row: row, columns: rows.columns) }
      frame.mark(filter.text, row: row, columns: rows.columns)
    }
  }

  private func draw(lines: [String], _ frame: inout Frame, _ area: Area) {
    for (row, line) in zip(area.rows.dropFirst(area.height > lines.count + 1 ? 1 : 0), lines) {
      frame.put(
        line, row: row, column: area.columns.lowerBound + 3, limit: max(0, area.width - 4),
        style: Style(reading.refusal == nil ? .faint : .warning))
    }
  }

  /// What stands in place of the rows before anything is read; `nil` once it is.
  func waitingLines(in scene: Scene) -> [String]? {
    switch scene.picture.status {
    case .connecting: return ["connecting to \(scene.setup.server) …"]
    case .stale(_, let reason) where !reading.isDone:
      return [reason, "trying again by itself; \(scene.key("quit")) quits"]
    default: break
    }
    if !reading.isDone { return ["reading …"] }
    return filter.text.isEmpty ? nil : ["nothing here has '\(filter.text)' in it", "\(scene.key("back")) shows all"]
  }
}
