/// A part of the screen: rows and columns.
struct Area: Sendable, Hashable {
  var rows: Range<Int>
  var columns: Range<Int>

  /// Nothing of the screen.
  static let none = Area(rows: 0..<0, columns: 0..<0)

  var isEmpty: Bool { rows.isEmpty || columns.isEmpty }
  var width: Int { columns.count }
  var height: Int { rows.count }

  func contains(row: Int, column: Int) -> Bool { rows.contains(row) && columns.contains(column) }

  /// The area without its first rows.
  func droppingRows(_ count: Int) -> Area {
    Area(rows: min(rows.lowerBound + count, rows.upperBound)..<rows.upperBound, columns: columns)
  }
}
