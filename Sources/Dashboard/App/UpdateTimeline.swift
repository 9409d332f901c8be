import FlowMonitor
import QueueClient

/// The timeline: opened from whatever is selected, in whichever view.
extension DashboardModel {
  /// Shows the flow of what is selected in the course of time, or closes that.
  mutating func toggleTimeline() -> [Request] {
    if timeline.isOpen {
      timeline.close()
      return []
    }
    guard let job = selection?.job ?? selection?.parent else { return [.say("no job is selected")] }
    detail.close()
    timeline.show(job)
    fitLists()
    return []
  }

  /// The timeline has as many rows as the screen leaves it.
  mutating func fitTimeline() { timeline.table.resize(to: TimelinePanel.rowCount(in: layout.list)) }

  /// The job whose flow somebody looks at in the course of time.
  private var timelineJob: JobKey? {
    if timeline.isOpen { return timeline.job }
    return detail.tab == .timeline ? selection?.job : nil
  }

  /// Has the flow read that is shown now, where that is another one than before.
  mutating func askTimeline() -> [Effect] {
    guard timelineJob != timeline.asked else { return [] }
    timeline.asked = timelineJob
    return [.watchTimeline(timelineJob)]
  }

  /// Draws the flow on the detail's page, once it has been read.
  func drawTimelinePage(into frame: inout Frame, area: Area) {
    guard detail.tab == .timeline, !timeline.isOpen, let job = selection?.job, area.width > 24 else { return }
    let page = Area(
      rows: area.droppingRows(1).rows,
      columns: area.columns.lowerBound + 1..<max(area.columns.lowerBound + 1, area.columns.upperBound - 1))
    timeline.drawPage(of: job, into: &frame, area: page, scene: scene)
  }

  mutating func clickTimeline(row: Int) -> [Request] {
    let index = timeline.table.top + row - layout.list.rows.lowerBound - 2
    guard row >= layout.list.rows.lowerBound + 2, timeline.table.visible.contains(index) else { return [] }
    if index == timeline.table.cursor { return timeline.perform(.open, in: scene) }
    timeline.table.move(to: index)
    return []
  }
}

extension Outline.ID {
  /// The parent of a group's row.
  fileprivate var parent: JobKey? {
    switch self {
    case .job: nil
    case .group(let key), .more(let key): key.parent
    }
  }
}
