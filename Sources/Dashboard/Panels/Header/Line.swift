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
    /// What stands for that in turn.
    var shortest: String?
    /// How early it is shortened: before others of a higher weight; by default its weight.
    var shortening: Int?

    init(
      _ text: String, _ role: Style.Role, weight: Int, least: Int? = nil, short: String? = nil, shortest: String? = nil,
      shortening: Int? = nil
    ) {
      self.text = text
      style = Style(role)
      self.weight = weight
      self.least = least
      self.short = short
      self.shortest = shortest
      self.shortening = shortening
    }
  }

  /// What stands at the left, and what at the right end.
  var left: [Part]
  var right: [Part]

  static let gap = 2

  /// A part where it stands.
  struct Placed: Sendable, Equatable {
    var part: Part
    /// Its place among those at the left, then those at the right.
    var index: Int
    var columns: Range<Int>
  }

  /// Draws what there is room for.
  func draw(into frame: inout Frame, row: Int, columns: Range<Int>) {
    for each in places(in: columns, width: { frame.width(of: $0) }) {
      frame.put(
        each.part.text, row: row, column: each.columns.lowerBound, limit: each.columns.count, style: each.part.style)
    }
  }

  /// The parts there is room for, and where they stand.
  ///
  /// - Parameter width: how many cells a text takes.
  func places(in columns: Range<Int>, width: (String) -> Int) -> [Placed] {
    var all = left + right
    var widths = all.map { width($0.text) }
    var shown = Set(all.indices.filter { !all[$0].text.isEmpty })
    func excess() -> Int { shown.reduce(0) { $0 + widths[$1] + Self.gap } - Self.gap - columns.count }
    // Of equals, all are shortened before one is left out.
    func rank(_ index: Int) -> (Int, Int, Int) {
      let part = all[index]
      return part.short == nil ? (part.weight, 1, -index) : (part.shortening ?? part.weight, 0, -index)
    }
    while excess() > 0, let least = shown.min(by: { rank($0) < rank($1) }) {
      if let short = all[least].short {
        (all[least].text, all[least].short, all[least].shortest) = (short, all[least].shortest, nil)
        // All equals are shortened once before one of them is shortened twice.
        all[least].shortening = all[least].shortening.map { $0 + 1 }
        widths[least] = width(short)
      } else if let fewest = all[least].least, widths[least] - excess() >= fewest {
        widths[least] -= excess()
      } else if shown.count == 1 {
        widths[least] = columns.count
      } else {
        shown.remove(least)
      }
    }
    var places: [Placed] = []
    var column = columns.lowerBound
    for index in left.indices where shown.contains(index) {
      places.append(Placed(part: all[index], index: index, columns: column..<column + widths[index]))
      column += widths[index] + Self.gap
    }
    var end = columns.upperBound
    for index in all.indices.dropFirst(left.count).reversed() where shown.contains(index) {
      places.append(Placed(part: all[index], index: index, columns: end - widths[index]..<end))
      end -= widths[index] + Self.gap
    }
    return places
  }
}
