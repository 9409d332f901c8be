import FlowMonitor

/// The last row: what is being typed, what there is to say, or the keys one needs first.
struct Footer {
  let model: DashboardModel

  func draw(into frame: inout Frame, row: Int) {
    let room = max(0, frame.size.columns - 2)
    if let filter = model.lists[model.view]?.filter, filter.isTyping {
      frame.put("/\(filter.text)_", row: row, column: 1, limit: room, style: Style(.title))
    } else if model.flows.isTyping {
      frame.put("/\(model.flows.search.text)_", row: row, column: 1, limit: room, style: Style(.title))
    } else if let line = model.actions.runningLine {
      frame.put(line, row: row, column: 1, limit: room, style: Style(.title))
    } else if let notice = model.notice {
      frame.put(notice.text, row: row, column: 1, limit: room, style: Style(notice.isError ? .error : .text))
    } else if let words = standing {
      frame.put(words, row: row, column: 1, limit: room, style: Style(.warning))
    } else {
      drawKeys(into: &frame, row: row, room: room)
    }
  }

  /// What the person should know for as long as it is so.
  private var standing: String? {
    let picture = model.scene.picture
    switch picture.status {
    case .followingStreams(let reason): return "streams: \(reason)\(turnOn)"
    case .polling(_, let reason): return "polling: \(reason)\(turnOn)"
    case .stale(_, let reason): return "\(reason); trying again"
    case .connecting, .live: break
    }
    guard let first = picture.warnings.first else { return nil }
    let rest = picture.warnings.count - 1
    return "in Redis: \(first)\(rest > 0 ? " (and \(rest) more)" : "")"
  }

  private var turnOn: String { model.scene.setup.isReadOnly ? "" : "; E turns notifications on" }

  private func drawKeys(into frame: inout Frame, row: Int, room: Int) {
    var column = 1
    for line in model.help {
      guard let hint = line.hint else { continue }
      let key = line.shown.split(separator: " ").last { $0.count == 1 || $0 == "Enter" || $0 == "Space" } ?? "?"
      guard column + frame.width(of: key + " " + hint) < room else { continue }
      column = frame.put(String(key), row: row, column: column, style: Style(.key))
      column = frame.put(" \(hint)", row: row, column: column, style: Style(.faint)) + 2
    }
  }
}
