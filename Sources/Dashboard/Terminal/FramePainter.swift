import CNcurses

/// Paints frames with ncurses, only the rows that have changed.
///
/// Belongs to the terminal's thread.
struct FramePainter {
  private var palette: Palette
  private var last: Frame?

  /// Whether the terminal is somebody else's for now.
  var isAway = false

  init(palette: Palette) { self.palette = palette }

  mutating func use(_ palette: Palette) {
    self.palette = palette
    repaint()
  }

  /// Nothing on the terminal can be trusted any more.
  mutating func repaint() {
    if let frame = last {
      last = nil
      clear()
      paint(frame)
    }
  }

  mutating func paint(_ frame: Frame) {
    let rows = min(frame.size.rows, Int(bullflow_rows()))
    let columns = min(frame.size.columns, Int(bullflow_columns()))
    if last?.size != frame.size { erase() }
    for row in 0..<rows where last?.size != frame.size || last?.row(row) != frame.row(row) {
      paint(frame.row(row).prefix(columns), at: row)
    }
    refresh()
    last = frame
  }

  private mutating func paint(_ cells: ArraySlice<Frame.Cell>, at row: Int) {
    var start = cells.startIndex
    while start < cells.endIndex {
      let style = cells[start].style
      let end = cells[start...].firstIndex { $0.style != style } ?? cells.endIndex
      let text = (start..<end).flatMap { characters(of: $0, in: cells) }
      let look = palette.paint(style)
      bullflow_paint(Int32(row), Int32(start - cells.startIndex), text, Int32(text.count), look.attributes, look.pair)
      start = end
    }
  }

  /// What ncurses is given for a cell. It measures by the C library, whose tables may be older than ours: what it
  /// would place otherwise is replaced by marks of the same width, so that nothing behind it moves.
  private func characters(of index: Int, in cells: ArraySlice<Frame.Cell>) -> [wchar_t] {
    let text = cells[index].text
    guard let base = text.unicodeScalars.first else { return [] }
    guard !base.isASCII else { return text.unicodeScalars.map { wchar_t($0.value) } }
    let isWide = index + 1 < cells.endIndex && cells[index + 1].text.isEmpty
    guard wcwidth(wchar_t(base.value)) == (isWide ? 2 : 1) else { return isWide ? [63, 63] : [63] }
    return text.unicodeScalars.map { wchar_t($0.value) }
  }
}
