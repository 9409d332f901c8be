import QueueClient

/// When the page of flows has to be read again. Pure.
struct PageSchedule: Sendable {
  /// Whether the list may be another one by now.
  private(set) var isOld = true
  private var readAt: ContinuousClock.Instant?

  /// A list is read so often at the most, however many flows come and go.
  static let interval = Duration.milliseconds(50)
  /// A list that is sorted by name is read as a whole: more seldom.
  static let intervalByName = Duration.seconds(1)

  /// The list is another one, for certain or perhaps.
  mutating func mark() { isOld = true }

  /// The page has been read.
  mutating func read(at now: ContinuousClock.Instant = .now) {
    isOld = false
    readAt = now
  }

  /// Whether to read it now.
  func isDue(order: FlowOrder = .attention, at now: ContinuousClock.Instant = .now) -> Bool {
    isOld && readAt.map { now - $0 >= (order == .name ? Self.intervalByName : Self.interval) } ?? true
  }

  /// Whether flows that come, go or end can change what is listed.
  ///
  /// The flows that are listed are followed themselves; this is about all others.
  static func dependsOnOthers(_ contents: WindowContents) -> Bool {
    guard contents.window.filter == .all else { return true }
    switch contents.window.order {
    case .newest: return contents.page.isFirst
    case .name: return true
    // New flows come behind the unfinished ones, and before the finished ones.
    case .attention, .oldest:
      return contents.page.isLast || contents.page.roots.contains { contents.jobs[$0]?.isFinished ?? true }
    }
  }
}
