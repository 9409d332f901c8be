import QueueClient

/// A flow and the time by which it is ordered, in milliseconds since 1970.
struct FlowEntry: Sendable, Hashable, Comparable {
  var score: Double
  var key: JobKey

  /// By time; flows of one time by queue and id, ids by bytes as Redis orders the members of one score.
  static func < (left: FlowEntry, right: FlowEntry) -> Bool {
    if left.score != right.score { return left.score < right.score }
    if left.key.queue != right.key.queue { return left.key.queue < right.key.queue }
    return left.key.id.utf8.lexicographicallyPrecedes(right.key.id.utf8)
  }

  /// Where this is among the members of a queue's sorted set.
  func point(in queue: QueueKey) -> RootLister.Point {
    let place: RootLister.Point.Place =
      queue == key.queue ? .at(key.id) : queue < key.queue ? .high : .low
    return RootLister.Point(score: score, place: place)
  }
}

extension RootLister.Direction {
  /// Whether one entry comes before another this way.
  func puts(_ left: FlowEntry, before right: FlowEntry) -> Bool { self == .up ? left < right : right < left }

  var opposite: Self { self == .up ? .down : .up }
}
