import QueueClient

/// A stretch of the list of flows that is in one order.
struct FlowSection: Sendable, Hashable {
  /// The sorted sets that it is merged of.
  var places: [QueueKey.Suffix] = []
  /// The states of flows beside them, which stand in no order of time.
  var looseStates: Set<JobState> = []
  /// Which way.
  var direction = RootLister.Direction.up
  /// Flows that are given one by one, instead of all that.
  var isGiven = false

  /// The flows that were given as problems.
  static let problems = FlowSection(isGiven: true)

  private static let allLoose: Set<JobState> = [.active, .waiting, .delayed, .prioritized]

  private static func failed(_ direction: RootLister.Direction) -> FlowSection {
    FlowSection(places: [.failed], direction: direction)
  }

  /// The stretches of an order, one behind the other.
  static func sections(order: FlowOrder, filter: FlowFilter) -> [FlowSection] {
    let byTime: RootLister.Direction? =
      switch order {
      case .attention, .name: nil
      case .newest: .down
      case .oldest: .up
      }
    switch filter {
    case .problems:
      return byTime == .up ? [failed(.up), .problems] : [.problems, failed(.down)]
    case .state(let state):
      // All that have failed need somebody: the newest of them first.
      return order == .attention && state != .failed
        ? [.problems, section(of: state, byTime)] : [section(of: state, byTime)]
    case .all:
      if let byTime {
        return [
          FlowSection(places: [.failed, .completed, .waitingChildren], looseStates: allLoose, direction: byTime)
        ]
      }
      return [
        .problems, failed(.down), FlowSection(places: [.waitingChildren], looseStates: allLoose, direction: .up),
        FlowSection(places: [.completed], direction: .down),
      ]
    }
  }

  private static func section(of state: JobState, _ byTime: RootLister.Direction?) -> FlowSection {
    switch state {
    case .completed: FlowSection(places: [.completed], direction: byTime ?? .down)
    case .failed: failed(byTime ?? .down)
    case .waitingChildren: FlowSection(places: [.waitingChildren], direction: byTime ?? .up)
    case .active, .waiting, .delayed, .prioritized: FlowSection(looseStates: [state], direction: byTime ?? .up)
    case .unknown: FlowSection()
    }
  }
}
