import QueueClient

/// All keys, made from the tables that handle them, and the signs of the states.
struct HelpView {
  let lines: [KeyHelp]

  /// Columns are at least so wide.
  private static let columnWidth = 38

  private typealias Entry = (left: String, right: String, role: Style.Role)

  func draw(into frame: inout Frame) {
    frame.put("bullflow: keys", row: 0, column: 1, style: Style(.title))
    let height = max(1, frame.size.rows - 3)
    let most = max(1, (frame.size.columns - 2) / Self.columnWidth)
    let spaced = entries
    // Where there is little room, the blank lines give way first, then the signs at the end.
    let entries = spaced.count <= most * height ? spaced : spaced.filter { !$0.left.isEmpty }
    let columns = min(most, (entries.count + height - 1) / height)
    let width = min(52, (frame.size.columns - 2) / max(1, columns))
    for (index, entry) in entries.enumerated() {
      let column = 2 + index / height * width
      guard index / height < columns else { break }
      let row = 2 + index % height
      frame.put(entry.left, row: row, column: column, limit: 12, style: Style(entry.role))
      frame.put(entry.right, row: row, column: column + 12, limit: max(0, width - 13), style: Style(.text))
    }
    frame.put("any key closes this", row: frame.size.rows - 1, column: 1, style: Style(.faint))
  }

  private var entries: [Entry] {
    var entries: [Entry] = []
    var group = ""
    for line in lines {
      if line.group != group {
        if !group.isEmpty { entries.append(("", "", .text)) }
        group = line.group
        entries.append((group, "", .title))
      }
      entries.append((line.shown, line.does, .key))
    }
    entries.append(("", "", .text))
    entries.append(("Signs", "", .title))
    for state in JobState.allCases {
      entries.append((Glyphs.state(state), state == .unknown ? "unknown, or gone" : state.rawValue, Style(state).role))
    }
    entries.append((Glyphs.paused, "its queue is paused", .paused))
    entries.append((Glyphs.done, "a parent's children: done", .completed))
    entries.append((Glyphs.active, "active", .active))
    entries.append((Glyphs.waiting, "waiting", .waiting))
    entries.append((Glyphs.failed, "failed", .failed))
    return entries
  }
}
