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
      // A long notice leaves room for the key that is needed first, unless it says what went wrong.
      let first = keys.first.map { frame.width(of: "\($0.shortest) \($0.hint ?? "")") + 4 } ?? 0
      let isWhole = notice.role == .error || frame.width(of: notice.text) + first <= room
      let limit = isWhole ? room : max(room / 2, room - first)
      let end = frame.put(notice.text, row: row, column: 1, limit: limit, style: Style(notice.role))
      // What one needs next stays in sight.
      drawKeys(into: &frame, row: row, from: end + 3, room: room)
    } else if case .stale(_, let reason) = model.scene.picture.status {
      frame.put("\(reason); trying again", row: row, column: 1, limit: room, style: Style(.warning))
    } else {
      drawKeys(into: &frame, row: row, from: 1, room: room)
    }
  }

  /// The keys with a hint; where something is wrong, those that lead there come first.
  private var keys: [KeyHelp] {
    let keys = model.keysOnScreen.filter { $0.hint != nil }
    let isWrong = model.scene.picture.problemCount.value > 0
    func rank(_ key: KeyHelp) -> Int {
      key.group == DashboardModel.problemGroup && isWrong ? 0 : key.group == WhyFocus.group ? 1 : 2
    }
    return (0...2).flatMap { wanted in keys.filter { rank($0) == wanted } }
  }

  private func drawKeys(into frame: inout Frame, row: Int, from start: Int, room: Int) {
    var hints = keys.map { (key: $0.shortest, hint: $0.hint ?? "", name: $0.name) }
    func width(_ hint: (key: String, hint: String, name: String)) -> Int {
      frame.width(of: hint.key) + frame.width(of: hint.hint) + 3
    }
    // What comes last is needed least, but for the way to all keys.
    while hints.reduce(start - 3, { $0 + width($1) }) > room,
      let last = hints.indices.last(where: { index in
        // Beside a notice, what is needed first stays longest of all.
        hints[index].name != "help" && (index > 0 || start == 1) || hints.count == 1
      }) ?? hints.indices.last
    {
      hints.remove(at: last)
    }
    var column = start
    for hint in hints {
      column = frame.put(hint.key, row: row, column: column, style: Style(.key))
      column = frame.put(" \(hint.hint)", row: row, column: column, style: Style(.faint)) + 2
    }
  }
}
