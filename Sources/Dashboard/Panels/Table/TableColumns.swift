/// A column of a table.
struct TableColumn: Sendable, Equatable {
  var heading: String
  /// Whether its texts end below each other, as numbers do.
  var isNumber = false
  /// What is kept longest has the highest.
  var weight: Int
  /// It is never wider.
  var most = 60
  /// Whether it goes first where there is too little room, and wherever none of its rows has anything to say.
  var isMinor = false
  /// The fewest cells that it is worth showing with; `nil` for a column that is shown whole or not at all.
  var least: Int?

  init(
    _ heading: String, isNumber: Bool = false, weight: Int, most: Int = 60, least: Int? = nil, isMinor: Bool = false
  ) {
    self.heading = heading
    self.isNumber = isNumber
    self.weight = weight
    self.most = most
    self.least = least
    self.isMinor = isMinor
  }
}

/// One text of a row.
struct TableCell: Sendable, Equatable {
  var text: String
  var role: Style.Role

  init(_ text: String, _ role: Style.Role = .text) {
    self.text = text
    self.role = role
  }

  /// A count; what is nothing stands back.
  static func count(_ number: Int?, _ role: Style.Role = .text) -> TableCell {
    TableCell(number.map { Formatting.count($0) } ?? "", (number ?? 0) == 0 ? .faint : role)
  }
}

/// How the width of a table is shared out, by what its rows need. Pure.
enum TableColumns {
  static let gap = 2

  /// The cells of each column, from the left; empty for a column that has no room.
  ///
  /// - Parameter needs: how wide the widest text of each column is.
  static func places(_ columns: [TableColumn], needs: [Int], width: Int) -> [Range<Int>] {
    var widths = zip(columns, needs).map { column, need in
      // Texts in steps, so that nothing moves when one comes or goes.
      let stepped = column.isNumber ? need : (need + 3) / 4 * 4
      return min(max(stepped, column.heading.count), max(column.most, column.heading.count))
    }
    var shown = Set(columns.indices.filter { !columns[$0].isMinor || needs[$0] > 0 })
    func excess() -> Int { shown.reduce(-gap) { $0 + widths[$1] + gap } - width }
    // Minor columns go, then what can be narrower is, then others go: each the least important first.
    let minor = columns.indices.filter { columns[$0].isMinor }.sorted { columns[$0].weight < columns[$1].weight }
    for index in minor where excess() > 0 { shown.remove(index) }
    for index in columns.indices.sorted(by: { columns[$0].weight < columns[$1].weight }) where excess() > 0 {
      guard shown.contains(index), let least = columns[index].least else { continue }
      widths[index] = max(min(least, widths[index]), widths[index] - excess())
    }
    while excess() > 0, shown.count > 1, let last = shown.min(by: { columns[$0].weight < columns[$1].weight }) {
      shown.remove(last)
    }
    if let only = shown.first, shown.count == 1 { widths[only] = max(0, min(widths[only], width)) }
    // What a column that went has left is taken by those that were made narrow, the most important first.
    for index in shown.sorted(by: { columns[$0].weight > columns[$1].weight }) where excess() < 0 {
      guard columns[index].least != nil else { continue }
      widths[index] = min(max(needs[index], widths[index]), columns[index].most, widths[index] - excess())
    }
    var start = 0
    return columns.indices.map { index in
      guard shown.contains(index) else { return start..<start }
      defer { start += widths[index] + gap }
      return start..<start + widths[index]
    }
  }
}
