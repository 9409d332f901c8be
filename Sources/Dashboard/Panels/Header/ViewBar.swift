import FlowMonitor

/// The second row: the views by their numbers, the sort, the filter, marks, and where the list stands.
struct ViewBar {
  let model: DashboardModel

  func draw(into frame: inout Frame, row: Int) {
    line.draw(into: &frame, row: row, columns: 1..<max(1, frame.size.columns - 1))
  }

  var line: Line {
    let flows = model.flows
    let picture = model.scene.picture
    let left = DashboardModel.ViewID.allCases.map { view in
      Line.Part(
        " \(view.rawValue) \(view.title) ", view == model.view && !model.finding.isOpen ? .tab : .faint, weight: 5)
    }
    if model.finding.isOpen { return Line(left: left + [Line.Part(" Find ", .tab, weight: 6)], right: []) }
    // What the picture does not show yet is on its way.
    let isOnItsWay =
      model.scene.hasPicture
      && (picture.window.filter != flows.window.filter || picture.window.order != flows.window.order)
    var right: [Line.Part] = []
    if !flows.search.text.isEmpty { right.append(Line.Part("/\(flows.search.text)", .key, weight: 6, least: 6)) }
    if !flows.marks.isEmpty { right.append(Line.Part("\(flows.marks.count) marked", .mark, weight: 6)) }
    right.append(Line.Part("sort \(flows.window.order.rawValue)", .faint, weight: 3))
    let filter = flows.window.filter
    right.append(
      Line.Part(
        "filter \(filter.words)\(isOnItsWay ? " …" : "")", filter == .all ? .faint : .warning,
        weight: filter == .all ? 2 : 9))
    if let child = Position.child(of: flows, in: picture) { right.append(Line.Part(child, .text, weight: 6)) }
    right.append(Line.Part(Position(of: flows, in: picture).text, .text, weight: 4))
    return Line(left: left, right: right)
  }
}
