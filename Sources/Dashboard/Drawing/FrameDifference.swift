extension Frame {
  /// About how many bytes a terminal gets when this picture is shown after another: of each row from the first cell that
  /// changed to the last, its characters, and for each change of style the escape sequences for two colours.
  func bytesToShow(after other: Frame?) -> Int {
    (0..<size.rows).reduce(0) { sum, number in
      let cells = row(number)
      guard let other, other.size == size else { return sum + Self.byteCount(of: cells) }
      let before = other.row(number)
      guard let first = cells.indices.first(where: { cells[$0] != before[$0] }),
        let last = cells.indices.last(where: { cells[$0] != before[$0] })
      else { return sum }
      return sum + Self.byteCount(of: cells[first...last])
    }
  }

  private static let bytesToMove = 8
  private static let bytesOfStyle = 24

  private static func byteCount(of cells: ArraySlice<Cell>) -> Int {
    var bytes = bytesToMove
    var style: Style?
    for cell in cells {
      bytes += cell.text.utf8.count
      if cell.style != style { bytes += bytesOfStyle }
      style = cell.style
    }
    return bytes
  }
}
