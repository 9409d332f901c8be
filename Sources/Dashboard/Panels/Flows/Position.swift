import FlowMonitor

/// Where the list stands among all flows: `1-26 of 4,211`.
struct Position: Sendable, Equatable {
  /// The words; empty where there are no flows.
  var text = ""

  init(of panel: FlowsPanel, in picture: Picture) {
    let rows = panel.rows
    let visible = panel.visible.clamped(to: rows.indices)
    guard let first = visible.first, let last = visible.last else { return }
    let page = picture.flows
    let roots = page.roots
    let start = roots.firstIndex(of: rows[first].root) ?? 0
    let end = roots[start...].firstIndex(of: rows[last].root) ?? start
    let isCut = picture.window.order == .name && !page.isLast
    let total = Self.total(panel.window.filter, picture)
    let of =
      isCut
      ? " of the first \(Formatting.count(roots.count))" : total.map { " of \(Formatting.count($0))" } ?? ""
    if page.isFirst {
      text = "\(Formatting.count(start + 1))-\(Formatting.count(end + 1))\(of)"
    } else if let before = page.before {
      let sign = before.isExact ? "" : Glyphs.atLeast
      text = "\(sign)\(Formatting.count(before.value + start + 1))-\(Formatting.count(before.value + end + 1))\(of)"
    } else {
      text = (page.isLast && end == roots.count - 1 ? "the last" : "further down") + of
    }
  }

  /// Where the selected job stands among those of its group: `child 1,200 of 50,000`.
  static func child(of panel: FlowsPanel, in picture: Picture) -> String? {
    guard let key = panel.selectedJobKey, let above = panel.rows.parentIndex(of: panel.cursor),
      case .group(let place) = panel.rows[above].id,
      let group = picture.families[place.parent]?.groups.first(where: { $0.id == place.group }),
      let position = group.position(of: key)
    else { return nil }
    return "child \(Formatting.count(position)) of \(Formatting.count(group.count))"
  }

  /// How many flows are listed in all, where that is known.
  private static func total(_ filter: FlowFilter, _ picture: Picture) -> KnownCount? {
    if picture.flows.isFirst, picture.flows.isLast { return KnownCount(picture.flows.roots.count, isExact: true) }
    switch filter {
    case .all: return picture.flowCount
    case .problems: return picture.problemCount
    case .state: return nil
    }
  }
}
