import FlowMonitor

/// What stands where there are no flows: why, and what to do.
struct EmptyState {
  let scene: Scene
  let window: Window

  var lines: [String] {
    let picture = scene.picture
    switch picture.status {
    case .connecting: return ["connecting to \(scene.setup.server) …"]
    case .stale(_, let reason): return [reason, "trying again by itself; \(scene.key("quit")) quits"]
    case .readOnce, .live, .followingStreams, .polling:
      if !scene.hasPicture || picture.window.filter != window.filter { return ["reading …"] }
      if window.filter == .problems {
        return picture.sweep.isComplete
          ? ["no flow has a problem", "\(scene.key("filter-problems")) shows all flows"]
          : [
            "no problem found yet: \(Formatting.percent(picture.sweep.fraction)) looked at",
            "\(scene.key("filter-problems")) shows all flows",
          ]
      }
      if window.filter != .all {
        return [
          "no flow is \(window.filter.words)", "\(scene.key("filter-state")) goes on, \(scene.key("back")) shows all",
        ]
      }
      if !picture.discovery.isComplete, let refusal = picture.discoveryRefusal {
        return ["queues cannot be looked for:", refusal]
      }
      if !picture.discovery.isComplete {
        return ["looking for queues: \(Formatting.percent(picture.discovery.fraction)) of the keys seen"]
      }
      return [
        "no flows yet", "", "watching the prefix '\(scene.setup.prefix)' in \(scene.setup.server);",
        "a flow that is added there appears at once", "", "to see some:  bullflow demo",
      ]
    }
  }

  func draw(into frame: inout Frame, area: Area) {
    let lines = lines
    let first = area.rows.lowerBound + max(0, min(2, area.height - lines.count))
    for (row, line) in zip(first..<max(first, area.rows.upperBound), lines) {
      frame.put(
        line, row: row, column: area.columns.lowerBound + 3, limit: max(0, area.width - 4), style: Style(.faint))
    }
  }
}
