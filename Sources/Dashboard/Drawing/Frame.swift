/// One picture of the screen: rows of styled cells. A value; nothing here knows a terminal.
public struct Frame: Sendable, Equatable {
  /// How many rows and columns there are.
  public let size: Size
  /// The cells, row by row.
  public private(set) var cells: [Cell]
  /// Whether only ASCII may be shown.
  let isASCII: Bool

  /// Rows and columns.
  public struct Size: Sendable, Hashable {
    /// Height in cells.
    public var rows: Int
    /// Width in cells.
    public var columns: Int

    /// A size; never negative.
    public init(rows: Int, columns: Int) {
      self.rows = max(0, rows)
      self.columns = max(0, columns)
    }
  }

  /// One cell. A wide character has an empty cell behind it.
  public struct Cell: Sendable, Hashable {
    /// The character: a base and its combining marks. Empty behind a wide character.
    public var text: String
    /// How it looks.
    public var style: Style
  }

  /// An empty picture.
  public init(size: Size, isASCII: Bool = false) {
    self.size = size
    self.isASCII = isASCII
    cells = Array(repeating: Cell(text: " ", style: Style(.text)), count: size.rows * size.columns)
  }

  /// One row.
  public func row(_ row: Int) -> ArraySlice<Cell> {
    cells[row * size.columns..<(row + 1) * size.columns]
  }

  /// The picture as plain text, without the blanks at the ends of rows.
  public var text: String {
    (0..<size.rows).map { row in
      var line = self.row(row).map(\.text).joined()
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  // MARK: Drawing

  /// Writes text into a row; what does not fit is cut with an ellipsis.
  ///
  /// This is the only way into a frame, and all text is cleaned on it: whatever Redis held, no cell ever
  /// has a control character in it.
  ///
  /// - Returns: the column behind the text.
  @discardableResult
  mutating func put(_ text: String, row: Int, column: Int, limit: Int? = nil, style: Style) -> Int {
    let end = min(size.columns, column + (limit ?? size.columns))
    guard row >= 0, row < size.rows, column >= 0, column < end else { return column }
    let glyphs = TextCleaner.glyphs(text, isASCII: isASCII, most: end - column + 1)
    var width = 0
    var fitting = glyphs.count
    for (index, glyph) in glyphs.enumerated() {
      width += glyph.width
      if width > end - column {
        fitting = index
        break
      }
    }
    var at = column
    if fitting < glyphs.count {
      // Room for the ellipsis.
      while fitting > 0, glyphs[..<fitting].reduce(0, { $0 + $1.width }) > end - column - 1 { fitting -= 1 }
    }
    for glyph in glyphs[..<fitting] {
      set(glyph.text, row, at, style)
      if glyph.width == 2 { set("", row, at + 1, style) }
      at += glyph.width
    }
    if fitting < glyphs.count, at < end {
      set(isASCII ? "~" : "…", row, at, style)
      at += 1
    }
    return at
  }

  /// Writes text so that it ends at a column.
  mutating func put(_ text: String, row: Int, endingAt end: Int, limit: Int, style: Style) {
    let width = min(limit, width(of: text))
    put(text, row: row, column: end - width, limit: width, style: style)
  }

  /// How many cells a text takes here.
  func width(of text: String) -> Int { TextCleaner.width(text, isASCII: isASCII, most: max(size.columns, 1) * 2) }

  /// Fills a part of a row with one character of width one.
  mutating func fill(_ character: String, row: Int, columns: Range<Int>, style: Style) {
    guard row >= 0, row < size.rows, let glyph = TextCleaner.glyphs(character, isASCII: isASCII).first else { return }
    for column in columns.clamped(to: 0..<size.columns) { set(glyph.text, row, column, style) }
  }

  /// Shows a part of a row as selected.
  mutating func select(row: Int, columns: Range<Int>) { restyle(row: row, columns: columns) { $0.isSelected = true } }

  /// Shows a part of a row as no longer true.
  mutating func dim(row: Int, columns: Range<Int>) { restyle(row: row, columns: columns) { $0.isDimmed = true } }

  /// Shows where a text stands in a part of a row, whatever its case.
  mutating func mark(_ text: String, row: Int, columns: Range<Int>) {
    guard row >= 0, row < size.rows else { return }
    let wanted = text.lowercased().map { String($0) }
    let columns = columns.clamped(to: 0..<size.columns)
    let start = row * size.columns
    // A wide character has an empty cell behind it.
    let places = columns.filter { !cells[start + $0].text.isEmpty }
    let letters = places.map { cells[start + $0].text.lowercased() }
    guard !wanted.isEmpty, letters.count >= wanted.count else { return }
    for first in 0...letters.count - wanted.count where letters[first..<first + wanted.count].elementsEqual(wanted) {
      let next = first + wanted.count
      let end = next < places.count ? places[next] : columns.upperBound
      for column in places[first]..<end {
        let isDimmed = cells[start + column].style.isDimmed
        cells[start + column].style = Style(.match)
        cells[start + column].style.isDimmed = isDimmed
      }
    }
  }

  private mutating func restyle(row: Int, columns: Range<Int>, _ edit: (inout Style) -> Void) {
    guard row >= 0, row < size.rows else { return }
    for column in columns.clamped(to: 0..<size.columns) { edit(&cells[row * size.columns + column].style) }
  }

  private mutating func set(_ text: String, _ row: Int, _ column: Int, _ style: Style) {
    cells[row * size.columns + column] = Cell(text: text, style: style)
  }
}
