import FlowMonitor

/// The last row: what is being typed, what there is to say, or the keys one needs first.
struct Footer {
  let model: DashboardModel

  func draw(into frame: inout Frame, row: Int) {
    let room = max(0, frame.size.columns - 2)
    if model.palette.isTyping {
      model.palette.draw(into: &frame, row: row, room: room, scene: model.scene)
    } else if let filter = model.list?.filter, filter.isTyping {
      frame.put("/\(filter.text)_", row: row, column: 1, limit: room, style: Style(.title))
    } else if let typing = model.detail.focus.typing {
      let text = typing == .filter ? "only rows with: \(model.detail.logs.filter)" : "/\(model.detail.focus.search)"
      frame.put("\(text)_", row: row, column: 1, limit: room, style: Style(.title))
    } else if model.flows.isTyping {
      frame.put("/\(model.flows.search.text)_", row: row, column: 1, limit: room, style: Style(.title))
    } else if let line = model.actions.runningLine {
      frame.put(line, row: row, column: 1, limit: room, style: Style(.title))
    } else if let notice = model.notice {
      frame.put(notice.text, row: row, column: 1, limit: room, style: Style(notice.role))
    } else if case .stale(_, let reason) = model.scene.picture.status {
      frame.put("\(reason); trying again", row: row, column: 1, limit: room, style: Style(.warning))
    } else {
      drawKeys(into: &frame, row: row, room: room)
    }
  }

  private func drawKeys(into frame: inout Frame, row: Int, room: Int) {
    var column = 1
    for line in model.keysOnScreen {
      guard let hint = line.hint else { continue }
      let key = line.shown.split(separator: " ").last { $0.count == 1 || $0 == "Enter" || $0 == "Space" } ?? "?"
      guard column + frame.width(of: key + " " + hint) < room else { continue }
      column = frame.put(String(key), row: row, column: column, style: Style(.key))
      column = frame.put(" \(hint)", row: row, column: column, style: Style(.faint)) + 2
    }
  }
}
