import QueueClient
import Redis

/// What a search has yet to go through: the lists and sorted sets in which jobs can be that pass its filter. Pure.
struct SearchPlan: Sendable {
  /// One list or sorted set of a queue.
  struct Walk: Sendable, Equatable {
    var queue: QueueKey
    var place: QueueKey.Suffix
    var state: JobState
    /// Where it goes on.
    var position = JobPager.Position()
    /// Members with a lower score cannot pass; those that follow have even lower ones.
    var leastScore: Double?
    /// How many jobs are still to be looked at, about.
    var rest = 0
  }

  /// A place of jobs.
  private struct Place {
    var suffix: QueueKey.Suffix
    var state: JobState
    var isList = false
  }

  /// Where something is wrong comes first, what is done last.
  private static let places = [
    Place(suffix: .failed, state: .failed), Place(suffix: .active, state: .active, isList: true),
    Place(suffix: .waitingChildren, state: .waitingChildren), Place(suffix: .delayed, state: .delayed),
    Place(suffix: .prioritized, state: .prioritized), Place(suffix: .wait, state: .waiting, isList: true),
    Place(suffix: .paused, state: .waiting, isList: true), Place(suffix: .completed, state: .completed),
  ]

  private let places: [Place]
  private let ages: (least: Int?, most: Int?)
  private let now: Int
  /// The walks, by the order of their places.
  private var walks: [[Walk]]
  /// How many jobs there are to be looked at in all, about.
  private(set) var total = 0
  /// How many were.
  private(set) var looked = 0

  /// A plan for a filter.
  ///
  /// - Parameter now: the time, in milliseconds since 1970.
  init(filter: JobFilter, now: Int) {
    let states = filter.states
    places = Self.places.filter { states.contains($0.state) }
    ages = filter.ages
    self.now = now
    walks = places.map { _ in [] }
  }

  /// Whether nothing is left.
  var isEmpty: Bool { walks.allSatisfy(\.isEmpty) }

  /// Asks how much of a queue there is to look at: of each place how many jobs can pass, and of sorted sets how many are
  /// newer than those.
  func questions(_ queue: QueueKey) -> [RedisCommand] {
    places.flatMap { place -> [RedisCommand] in
      let key = RedisCommand.Argument.text(queue[place.suffix])
      guard !place.isList else { return [["LLEN", key]] }
      let (low, high) = bounds(place)
      let top = high.map { RedisCommand.Argument($0) }
      return [
        ["ZCOUNT", key, low.map { .init($0) } ?? "-inf", top ?? "+inf"],
        ["ZCOUNT", key, high.map { "(\($0)" } ?? "(+inf", "+inf"],
      ]
    }
  }

  /// Adds what the answers say there is.
  mutating func add(_ queue: QueueKey, _ answers: some Collection<RESPValue>) {
    var numbers = answers.map { $0.int ?? 0 }[...]
    for (index, place) in places.enumerated() {
      let count = numbers.popFirst() ?? 0
      let newer = place.isList ? 0 : numbers.popFirst() ?? 0
      guard count > 0 else { continue }
      walks[index].append(
        Walk(
          queue: queue, place: place.suffix, state: place.state, position: .init(passed: newer),
          leastScore: bounds(place).low.map { Double($0) }, rest: count))
      total = total.addingClamped(count)
    }
  }

  /// The walk whose turn it is.
  mutating func next() -> Walk? {
    guard let index = walks.firstIndex(where: { !$0.isEmpty }) else { return nil }
    return walks[index].removeFirst()
  }

  /// Puts a walk back that is to go on, or ends it.
  mutating func went(_ walk: Walk, looked count: Int, next: JobPager.Position?) {
    looked = looked.addingClamped(count)
    var walk = walk
    walk.rest = max(0, walk.rest - count)
    guard let next, let index = places.firstIndex(where: { $0.suffix == walk.place }) else {
      // What has gone meanwhile is no longer to be looked at.
      total = max(looked, total.addingClamped(-walk.rest))
      return
    }
    walk.position = next
    total = max(total, looked)
    walks[index].append(walk)
  }

  /// The scores between which jobs can pass. A waiting parent's score is no lower than when it was added.
  private func bounds(_ place: Place) -> (low: Int?, high: Int?) {
    let low = ages.most.map { now - $0 }
    // Who has ended has the time of that as its score.
    if place.state.isFinished { return (low, ages.least.map { now - $0 }) }
    return place.suffix == .waitingChildren ? (low, nil) : (nil, nil)
  }
}
