import QueueClient

/// A small box over the screen.
struct ActionBox {
  /// One line of it.
  struct Line: Sendable, Hashable {
    var text: String
    var role: Style.Role

    init(_ text: String, _ role: Style.Role) {
      self.text = text
      self.role = role
    }
  }

  var title = ""
  var lines: [Line]
  var selected: Int?

  /// The widest that it gets.
  private static let mostColumns = 110

  /// Where it stands: in the middle, as large as what it shows.
  func area(in size: Frame.Size) -> Area {
    let frame = Frame(size: Frame.Size(rows: 0, columns: size.columns))
    let wanted = (lines.map { frame.width(of: $0.text) } + [frame.width(of: title) + 2]).max() ?? 0
    let width = min(wanted + 4, size.columns, Self.mostColumns)
    let height = min(lines.count + 2, size.rows)
    let (row, column) = ((size.rows - height) / 2, (size.columns - width) / 2)
    return Area(rows: row..<row + height, columns: column..<column + width)
  }

  func draw(into frame: inout Frame) {
    let area = area(in: frame.size)
    guard area.height >= 3, area.width >= 5 else { return }
    let (left, right) = (area.columns.lowerBound, area.columns.upperBound - 1)
    let border = Style(.border)
    let inner = left + 1..<right
    for row in area.rows {
      let isEdge = row == area.rows.lowerBound || row == area.rows.upperBound - 1
      frame.fill(isEdge ? Glyphs.line : " ", row: row, columns: area.columns, style: isEdge ? border : Style(.text))
      frame.fill(edge(row, area, isLeft: true), row: row, columns: left..<left + 1, style: border)
      frame.fill(edge(row, area, isLeft: false), row: row, columns: right..<right + 1, style: border)
    }
    frame.put(" \(title) ", row: area.rows.lowerBound, column: left + 2, limit: area.width - 4, style: Style(.title))
    // Where not all fit, the last, which names the keys, is shown all the same.
    let room = area.height - 2
    let shown = lines.count <= room ? lines : Array(lines.prefix(room - 1)) + lines.suffix(1)
    for (index, line) in shown.enumerated() {
      let row = area.rows.lowerBound + 1 + index
      frame.put(line.text, row: row, column: left + 2, limit: area.width - 4, style: Style(line.role))
      if selected == index { frame.select(row: row, columns: inner) }
    }
  }

  private func edge(_ row: Int, _ area: Area, isLeft: Bool) -> String {
    if row == area.rows.lowerBound { return isLeft ? Glyphs.corners[0] : Glyphs.corners[1] }
    if row == area.rows.upperBound - 1 { return isLeft ? Glyphs.corners[2] : Glyphs.corners[3] }
    return Glyphs.side
  }
}

extension ActionBox {
  /// The same, and the queue's name as far as it is typed.
  init(_ preview: ActionPreview, typed: String) {
    self.init(preview, keys: KeyBindings())
    lines.removeLast()
    lines.append(.init("type the queue's name, \(preview.queueToName), and Enter to do it; Esc leaves it", .title))
    lines.append(.init("\(typed)_", .key))
  }

  /// The question of an action: what it would change, what is refused, the command line that does the same, the keys.
  init(_ preview: ActionPreview, keys: KeyBindings) {
    title = preview.question
    lines = []
    if let line = preview.subjectLine { lines.append(.init(line, .text)) }
    if preview.subjectLine == nil || preview.jobs != 1 { lines.append(.init(preview.summary, .text)) }
    if let line = preview.queueLine { lines.append(.init(line.text, line.isWarning ? .warning : .faint)) }
    if let line = preview.refusalLine { lines.append(.init(line, .warning)) }
    if preview.cannotBeUndone { lines.append(.init("it cannot be undone", .warning)) }
    let commands = preview.action.commandLines
    let more = commands.count > 1 ? "   and \(Formatting.count(commands.count - 1)) more" : ""
    lines.append(.init((commands.first ?? "") + more, .key))
    lines.append(
      .init(
        "\(keys.shown("confirm")) do it    \(keys.shown("copy-command")) copy the command    any other key: leave it",
        .title))
  }
}
