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
      let text = cells[start..<end].flatMap { cell in cell.text.unicodeScalars.map { wchar_t($0.value) } }
      let look = palette.paint(style)
      bullflow_paint(Int32(row), Int32(start - cells.startIndex), text, Int32(text.count), look.attributes, look.pair)
      start = end
    }
  }
}
