/// How the screen is shared out among the panels. Pure.
struct ScreenLayout: Sendable, Equatable {
  /// The first row.
  var header: Int
  /// The views, the sort, the filter and the position; `nil` on low screens.
  var viewBar: Int?
  /// The list with its headings.
  var list: Area
  /// Whether the list has a row of headings.
  var hasHeadings: Bool
  /// The detail with its tabs; empty while it is closed.
  var detail: Area
  /// Whether the detail stands beside the list.
  var isDetailBeside: Bool
  /// The last row.
  var footer: Int

  /// Smaller screens show a line that says so.
  static let least = Frame.Size(rows: 5, columns: 20)
  /// The fewest rows that a detail below the list is worth.
  static let leastDetail = 4
  /// From this width on, the detail stands beside the list.
  static let besideWidth = 140

  /// - Parameter isInDetail: whether somebody is within the detail: then it has most of the rows.
  init(size: Frame.Size, hasDetail: Bool, isInDetail: Bool = false) {
    header = 0
    footer = max(0, size.rows - 1)
    viewBar = size.rows >= 8 ? 1 : nil
    let first = min(viewBar == nil ? 1 : 2, footer)
    let rows = first..<footer
    isDetailBeside = size.columns >= Self.besideWidth
    if !hasDetail {
      list = Area(rows: rows, columns: 0..<size.columns)
      detail = .none
    } else if isDetailBeside {
      let split = size.columns - max(46, size.columns * 36 / 100)
      list = Area(rows: rows, columns: 0..<split)
      detail = Area(rows: rows, columns: split..<size.columns)
    } else {
      // A list of three rows is the least one can move in; where there are no more, the detail has them.
      let wanted = max(Self.leastDetail, isInDetail ? rows.count * 3 / 4 : rows.count / 2)
      let split = rows.count < 3 + Self.leastDetail ? first : max(first + 3, footer - wanted)
      list = Area(rows: first..<split, columns: 0..<size.columns)
      detail = Area(rows: split..<footer, columns: 0..<size.columns)
    }
    hasHeadings = size.rows >= 12 && list.height > 3 && size.columns >= 40
  }

  /// The rows of the list itself.
  var listRows: Area { hasHeadings ? list.droppingRows(1) : list }
}
