import FlowMonitor

/// The second row: the views by their numbers, the sort, the filter, marks, and where the list stands.
struct ViewBar {
  let model: DashboardModel

  func draw(into frame: inout Frame, row: Int) { line.draw(into: &frame, row: row, columns: columns) }

  private var columns: Range<Int> { 1..<max(1, model.size.columns - 1) }

  /// The view whose name stands at a cell.
  func view(at column: Int) -> ViewID? {
    let frame = Frame(
      size: Frame.Size(rows: 0, columns: model.size.columns), isASCII: model.scene.setup.isASCII)
    let places = line.places(in: columns) { frame.width(of: $0) }
    guard let index = places.first(where: { $0.columns.contains(column) })?.index,
      ViewID.allCases.indices.contains(index)
    else { return nil }
    return ViewID.allCases[index]
  }

  var line: Line {
    let left = ViewID.allCases.map { view in
      let isShown = view == model.view && (model.front == .list || model.front == .flows)
      let title = "\(view.rawValue) \(view.title)"
      return Line.Part(
        " \(title) ", isShown ? .tab : .faint, weight: isShown ? 9 : 7, short: isShown ? nil : title,
        shortest: isShown ? nil : "\(view.rawValue)", shortening: 4)
    }
    switch model.front {
    case .timeline: return Line(left: left + [Line.Part(" Timeline ", .tab, weight: 9)], right: [])
    case .found: return Line(left: left + [Line.Part(" Find ", .tab, weight: 9)], right: [])
    case .list, .flows: return Line(left: left, right: model.list.map(notes) ?? flowNotes)
    }
  }

  /// What a table says of itself: the way to it, its filter, its marks, and where it stands.
  private func notes(of list: any ListPanel) -> [Line.Part] {
    var right = list.notes
    let path = model.lists.path(to: model.view)
    if !path.isEmpty {
      right.insert(Line.Part(path.joined(separator: " \(Glyphs.folded) "), .title, weight: 7, least: 12), at: 0)
    }
    if !list.filter.text.isEmpty { right.append(Line.Part("/\(list.filter.text)", .key, weight: 6, least: 6)) }
    if !list.table.marks.isEmpty { right.append(Line.Part("\(list.table.marks.count) marked", .mark, weight: 6)) }
    right.append(Line.Part(list.position, .text, weight: 8))
    return right
  }

  private var flowNotes: [Line.Part] {
    let flows = model.flows
    let picture = model.scene.picture
    // What the picture does not show yet is on its way.
    let isOnItsWay =
      model.scene.hasPicture
      && (picture.window.filter != flows.window.filter || picture.window.order != flows.window.order)
    var right: [Line.Part] = []
    if !flows.search.text.isEmpty { right.append(Line.Part("/\(flows.search.text)", .key, weight: 6, least: 6)) }
    if !flows.marks.isEmpty { right.append(Line.Part("\(flows.marks.count) marked", .mark, weight: 6)) }
    let isUsual = flows.window.order == .attention && flows.window.filter == .all
    right.append(
      Line.Part(
        "sort \(flows.window.order.rawValue)", .faint, weight: isUsual ? 3 : 6, short: flows.window.order.rawValue,
        shortening: 3))
    let filter = flows.window.filter
    let pending = isOnItsWay ? " …" : ""
    switch filter {
    case .all: right.append(Line.Part("filter none\(pending)", .faint, weight: 2))
    case .problems:
      right.append(
        Line.Part("filter problems\(pending)", .warning, weight: 9, short: "!problems\(pending)", shortening: 3))
    case .state(let state):
      // What lies below a root may be in any state.
      right.append(
        Line.Part(
          "roots: \(state.rawValue)\(pending)", .warning, weight: 9, short: "f:\(state.rawValue)\(pending)",
          shortening: 3))
    }
    if let child = Position.child(of: flows, in: picture) { right.append(Line.Part(child, .text, weight: 6)) }
    right.append(Line.Part(Position(of: flows, in: picture).text, .text, weight: 6))
    return right
  }
}
