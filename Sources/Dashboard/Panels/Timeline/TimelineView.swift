import FlowMonitor
import QueueClient

/// Which part of a flow's time is shown. Pure.
struct TimelineView: Sendable, Equatable {
  /// How many times as large as the whole.
  private(set) var zoom = 1
  /// The moment in the middle, in milliseconds since 1970; `nil` for the middle of the whole.
  private(set) var middle: Int?

  private static let most = 1 << 20

  /// Where it begins, and how long it is, in milliseconds.
  func part(of timeline: Timeline) -> (start: Int, length: Int) {
    let whole = Self.whole(timeline)
    guard zoom > 1 else { return (timeline.start, whole) }
    let length = max(1, whole / zoom)
    let middle = middle ?? timeline.start.addingClamped(whole / 2)
    let start = max(
      timeline.start, min(middle.subtractingClamped(length / 2), end(timeline).subtractingClamped(length)))
    return (start, length)
  }

  /// What runs still has a little room behind it.
  private static func whole(_ timeline: Timeline) -> Int {
    let length = max(1, timeline.last.subtractingClamped(timeline.start))
    return timeline.isRunning ? length.addingClamped(max(1, length / 16)) : length
  }

  private func end(_ timeline: Timeline) -> Int { timeline.start.addingClamped(Self.whole(timeline)) }

  /// Shows half as much, around a moment.
  mutating func zoomIn(on timeline: Timeline, around moment: Int?) {
    let part = part(of: timeline)
    guard part.length > 10, zoom < Self.most else { return }
    middle = moment ?? part.start.addingClamped(part.length / 2)
    zoom *= 2
  }

  /// Shows twice as much.
  mutating func zoomOut(on timeline: Timeline) {
    let part = part(of: timeline)
    middle = part.start.addingClamped(part.length / 2)
    zoom = max(1, zoom / 2)
  }

  /// Shows the whole.
  mutating func showAll() { self = TimelineView() }

  /// Goes on by quarters of what is shown; negative goes back.
  mutating func move(by quarters: Int, on timeline: Timeline) {
    guard zoom > 1 else { return }
    let part = part(of: timeline)
    middle = part.start.addingClamped(part.length / 2).addingClamped(quarters * (part.length / 4))
  }
}
