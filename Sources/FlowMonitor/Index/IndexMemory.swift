import QueueClient
import Synchronization

/// What an index remembers from page to page: where no flows lie, and which sorted sets hold hardly any.
final class IndexMemory: Sendable {
  /// One sorted set of a queue.
  struct Place: Sendable, Hashable {
    var queue: QueueKey
    var suffix: QueueKey.Suffix
  }

  /// A stretch of a sorted set in which no flow lies, both ends included.
  struct Gap: Sendable {
    var low: FlowEntry
    var high: FlowEntry
    var since: ContinuousClock.Instant
  }

  /// A sorted set in which hardly any member is a flow: it is not gone through for a page, but a bit with each.
  struct Sparse: Sendable {
    /// The flows found.
    var found: Set<FlowEntry> = []
    /// The newest member looked at.
    var newest: FlowEntry?
    /// The oldest member looked at.
    var oldest: FlowEntry?
    /// Whether all was looked at.
    var isComplete = false
  }

  /// What is known of a place.
  struct Known: Sendable {
    var gaps: [Gap] = []
    var sparse: Sparse?
    var sampledAt: ContinuousClock.Instant?
  }

  private struct State {
    var places: [Place: Known] = [:]
    var looseRoots: [QueueKey: [Int]] = [:]
    var positions: [JobKey: FlowPosition] = [:]
  }

  private let state = Mutex(State())

  /// What is not confirmed for so long is looked at again: somebody may have replaced the data.
  private static let lifetime = Duration.seconds(20)
  private static let mostGaps = 64

  /// What is known of a place.
  func known(_ place: Place) -> Known {
    state.withLock { state in
      var known = state.places[place] ?? Known()
      let now = ContinuousClock.now
      known.gaps.removeAll { now - $0.since > Self.lifetime }
      if let sampledAt = known.sampledAt, now - sampledAt > Self.lifetime { known.sampledAt = nil }
      return known
    }
  }

  /// Changes what is known of a place.
  func edit(_ place: Place, _ change: (inout Known) -> Void) {
    state.withLock { change(&$0.places[place, default: Known()]) }
  }

  /// Remembers that no flow lies between two entries.
  func addGap(_ one: FlowEntry, _ other: FlowEntry, in place: Place) {
    var gap = Gap(low: min(one, other), high: max(one, other), since: .now)
    edit(place) { known in
      let touching = known.gaps.filter { $0.low <= gap.high && gap.low <= $0.high }
      for each in touching { (gap.low, gap.high) = (min(gap.low, each.low), max(gap.high, each.high)) }
      known.gaps.removeAll { $0.low <= gap.high && gap.low <= $0.high }
      known.gaps.append(gap)
      if known.gaps.count > Self.mostGaps { known.gaps.removeFirst() }
    }
  }

  /// Where to go on from an entry: behind the gap that it lies in.
  func skip(_ entry: FlowEntry, _ direction: RootLister.Direction, in place: Place) -> FlowEntry {
    guard let gap = known(place).gaps.first(where: { $0.low <= entry && entry <= $0.high }) else { return entry }
    return direction == .up ? gap.high : gap.low
  }

  /// How many flows were met in each of the loose places of a queue the last time; `nil` at first.
  func looseRoots(of queue: QueueKey) -> [Int]? { state.withLock { $0.looseRoots[queue] } }

  /// Remembers these.
  func setLooseRoots(_ counts: [Int], of queue: QueueKey) { state.withLock { $0.looseRoots[queue] = counts } }

  /// Where a flow of the last page stood.
  func position(of key: JobKey) -> FlowPosition? { state.withLock { $0.positions[key] } }

  /// Remembers where the flows of a page stand: one may be gone when it is the next anchor.
  func setPositions(_ positions: [JobKey: FlowPosition]) { state.withLock { $0.positions = positions } }

  /// Forgets everything.
  func clear() { state.withLock { $0 = State() } }
}

/// Where a flow stands in a list.
struct FlowPosition: Sendable, Hashable {
  /// In which of the sections.
  var section: Int
  /// Where in a section that is merged.
  var entry: FlowEntry?
  /// Where in a section that is given.
  var index = 0
}
