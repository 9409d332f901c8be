/// A line whose parts give way to more important ones where it is narrow. Pure.
struct Line: Sendable, Equatable {
  /// One part of a line.
  struct Part: Sendable, Equatable {
    var text: String
    var style: Style
    /// What is kept longest has the highest.
    var weight: Int
    /// The fewest cells it is worth showing with; `nil` for a part that is shown whole or not at all.
    var least: Int?
    /// What stands for it where there is no room for the text.
    var short: String?

    init(_ text: String, _ role: Style.Role, weight: Int, least: Int? = nil, short: String? = nil) {
      self.text = text
      style = Style(role)
      self.weight = weight
      self.least = least
      self.short = short
    }
  }

  /// What stands at the left, and what at the right end.
  var left: [Part]
  var right: [Part]

  static let gap = 2

  /// Draws what there is room for.
  func draw(into frame: inout Frame, row: Int, columns: Range<Int>) {
    var all = left + right
    var widths = all.map { frame.width(of: $0.text) }
    var shown = Set(all.indices.filter { !all[$0].text.isEmpty })
    func excess() -> Int { shown.reduce(0) { $0 + widths[$1] + Self.gap } - Self.gap - columns.count }
    // Of equals, all are shortened before one is left out.
    func rank(_ index: Int) -> (Int, Int, Int) { (all[index].weight, all[index].short == nil ? 1 : 0, -index) }
    while excess() > 0, let least = shown.min(by: { rank($0) < rank($1) }) {
      if let short = all[least].short {
        (all[least].text, all[least].short) = (short, nil)
        widths[least] = frame.width(of: short)
      } else if let fewest = all[least].least, widths[least] - excess() >= fewest {
        widths[least] -= excess()
      } else if shown.count == 1 {
        widths[least] = columns.count
      } else {
        shown.remove(least)
      }
    }
    var column = columns.lowerBound
    for index in left.indices where shown.contains(index) {
      frame.put(all[index].text, row: row, column: column, limit: widths[index], style: all[index].style)
      column += widths[index] + Self.gap
    }
    var end = columns.upperBound
    for index in right.indices.reversed() {
      let index = left.count + index
      guard shown.contains(index) else { continue }
      frame.put(all[index].text, row: row, column: end - widths[index], limit: widths[index], style: all[index].style)
      end -= widths[index] + Self.gap
    }
  }
}
