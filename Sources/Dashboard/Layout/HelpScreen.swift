import QueueClient

/// All keys, made from the table that handles them, and the signs of the states.
struct HelpScreen {
  let state: DashboardState

  private typealias Line = (left: String, right: String, style: Style)

  func draw(into frame: inout Frame) {
    frame.put("bullflow: keys", row: 0, column: 1, style: Style(.title))
    let height = max(1, frame.size.rows - 3)
    let columns = max(1, (lines.count + height - 1) / height)
    let width = max(16, (frame.size.columns - 2) / columns)
    for (index, line) in lines.enumerated() {
      let column = 2 + index / height * width
      guard column + width / 2 < frame.size.columns else { break }
      let row = 2 + index % height
      frame.put(line.left, row: row, column: column, limit: 12, style: line.style)
      frame.put(line.right, row: row, column: column + 13, limit: width - 14, style: Style(.text))
    }
    frame.put("any key closes this", row: frame.size.rows - 1, column: 1, style: Style(.faint))
  }

  private var lines: [Line] {
    var lines: [Line] = []
    var group = ""
    for binding in Keymap.bindings {
      if binding.group != group {
        group = binding.group
        lines.append((group, "", Style(.title)))
      }
      lines.append((Self.plain(binding.shown, isASCII: state.isASCII), binding.does, Style(.key)))
    }
    lines.append(("States", "", Style(.title)))
    for each in JobState.allCases where each != .unknown {
      lines.append((state.glyphs.state(each), each.rawValue, Style(each)))
    }
    return lines
  }

  private static func plain(_ keys: String, isASCII: Bool) -> String {
    guard isASCII else { return keys }
    return keys.replacing("↑", with: "Up").replacing("↓", with: "Down").replacing("←", with: "Left")
      .replacing("→", with: "Right")
  }
}
