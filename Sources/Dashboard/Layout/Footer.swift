import FlowMonitor

/// The last row: what is being typed, what there is to say, or the keys one needs first.
struct Footer {
  let state: DashboardState

  func draw(into frame: inout Frame) {
    let row = state.areas.footer
    let width = frame.size.columns
    let place = state.rows.isEmpty ? "" : "\((state.selectedIndex ?? 0) + 1)/\(state.rows.count)"
    frame.put(place, row: row, endingAt: width - 1, limit: 20, style: Style(.faint))
    let room = max(0, width - place.count - 4)
    if state.mode == .search {
      frame.put("/\(state.searchText)_", row: row, column: 1, limit: room, style: Style(.title))
    } else if let message = state.message {
      frame.put(message.text, row: row, column: 1, limit: room, style: Style(message.isError ? .error : .text))
    } else if let notice {
      frame.put(notice, row: row, column: 1, limit: room, style: Style(.warning))
    } else {
      drawKeys(into: &frame, row: row, room: room)
    }
  }

  /// What the person should know about the connection.
  private var notice: String? {
    switch state.status {
    case .connecting, .live: nil
    case .followingStreams(let reason): "\(reason): following the event streams. E turns notifications on"
    case .polling(let every, let reason): "\(reason): read every \(Int(every.seconds)) s"
    case .stale(_, let reason): "\(reason). Trying again"
    }
  }

  private func drawKeys(into frame: inout Frame, row: Int, room: Int) {
    let keys = [
      ("Enter", "detail"), ("Space", "fold"), ("/", "search"), ("f", "filter"), ("!", "problems"), ("w", "why"),
      ("t", "theme"), ("?", "help"), ("q", "quit"),
    ]
    var column = 1
    for (key, does) in keys where column + key.count + does.count + 1 < room {
      column = frame.put(key, row: row, column: column, style: Style(.key))
      column = frame.put(" \(does)", row: row, column: column, style: Style(.faint)) + 2
    }
  }
}
