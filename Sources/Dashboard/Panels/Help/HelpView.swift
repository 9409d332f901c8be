import QueueClient

/// All keys, made from the tables that handle them, and the signs of the states.
struct HelpView {
  let lines: [KeyHelp]

  /// Columns are at least so wide.
  private static let columnWidth = 38

  private typealias Entry = (left: String, right: String, role: Style.Role)

  /// Which page of it is shown, from 0 on.
  let page: Int

  init(lines: [KeyHelp], page: Int = 0) {
    self.lines = lines
    self.page = page
  }

  /// How many pages there are on a screen.
  func pageCount(_ size: Frame.Size) -> Int {
    let layout = Layout(size, count: entries.count)
    let count = layout.needsSpace ? dense.count : entries.count
    return max(1, (count + layout.capacity - 1) / layout.capacity)
  }

  /// How the entries are spread.
  private struct Layout {
    let height: Int
    let columns: Int
    let width: Int
    /// Whether blank lines are left out.
    let needsSpace: Bool
    var capacity: Int { columns * height }

    init(_ size: Frame.Size, count: Int) {
      height = max(1, size.rows - 3)
      let most = max(1, (size.columns - 2) / columnWidth)
      needsSpace = count > most * height
      columns = min(most, max(1, (count + height - 1) / height))
      width = min(52, (size.columns - 2) / columns)
    }
  }

  func draw(into frame: inout Frame) {
    let layout = Layout(frame.size, count: entries.count)
    let (all, pages) = (layout.needsSpace ? dense : entries, pageCount(frame.size))
    let title = pages > 1 ? "bullflow: keys, page \(page + 1) of \(pages)" : "bullflow: keys"
    frame.put(title, row: 0, column: 1, style: Style(.title))
    for (index, entry) in all.dropFirst(page * layout.capacity).prefix(layout.capacity).enumerated() {
      let column = 2 + index / layout.height * layout.width
      let row = 2 + index % layout.height
      // A heading stands alone in its row.
      let room = entry.right.isEmpty ? max(0, layout.width - 1) : 12
      frame.put(entry.left, row: row, column: column, limit: room, style: Style(entry.role))
      frame.put(entry.right, row: row, column: column + 12, limit: max(0, layout.width - 13), style: Style(.text))
    }
    let close =
      page + 1 < pages ? "Space or PgDn shows the next page, any other key closes this" : "any key closes this"
    frame.put(close, row: frame.size.rows - 1, column: 1, style: Style(.faint))
  }

  /// The signs of the rows and their bars, and what they mean.
  static let signs: [(sign: String, meaning: String, role: Style.Role)] =
    JobState.allCases.map { state in
      (Glyphs.state(state), state == .unknown ? "unknown, or gone" : state.rawValue, Style(state).role)
    } + [
      (Glyphs.paused, "its queue is paused", .paused), (Glyphs.mark, "marked", .mark),
      (Glyphs.done, "a parent's children: done", .completed), (Glyphs.active, "active", .active),
      (Glyphs.waiting, "waiting", .waiting), (Glyphs.failed, "failed", .failed),
    ]

  private var dense: [Entry] { entries.filter { !$0.left.isEmpty } }

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
    entries += Self.signs.map { ($0.sign, $0.meaning, $0.role) }
    entries += [("AGE", "how long it is so already", .text), ("AGE in", "how long it took", .text)]
    return entries
  }
}
