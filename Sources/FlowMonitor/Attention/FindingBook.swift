import QueueClient

/// What seems wrong so far, by where it was met: what a later walk through the same place does not meet again is over.
/// Pure.
struct FindingBook: Sendable {
  /// Where something was met.
  struct Place: Sendable, Hashable {
    var queue: QueueKey
    /// The list or sorted set; `meta` for what holds up a whole queue.
    var suffix: QueueKey.Suffix
  }

  private struct Entry: Sendable {
    /// The root of the flow.
    var root: JobKey
    /// The walk that saw it last.
    var walk: Int
  }

  private var entries: [Place: [JobKey: Entry]] = [:]
  private var walks: [Place: Int] = [:]
  private var placesOfRoot: [JobKey: Int] = [:]

  /// Notes that something seems wrong with a job of a flow.
  mutating func note(_ job: JobKey, of root: JobKey, in place: Place) {
    let before = entries[place]?[job]
    entries[place, default: [:]][job] = Entry(root: root, walk: walks[place] ?? 0)
    guard before?.root != root else { return }
    if let before { forget(before.root) }
    placesOfRoot[root, default: 0] += 1
  }

  private mutating func forget(_ root: JobKey) {
    let left = (placesOfRoot[root] ?? 1) - 1
    placesOfRoot[root] = left > 0 ? left : nil
  }

  /// Begins a walk through a place.
  mutating func begin(_ place: Place) { walks[place, default: 0] += 1 }

  /// Ends a walk.
  ///
  /// - Returns: roots of flows in which nothing seems wrong any more.
  mutating func end(_ place: Place) -> Set<JobKey> {
    let walk = walks[place] ?? 0
    return remove(Set((entries[place] ?? [:]).filter { $0.value.walk != walk }.keys), from: place)
  }

  /// Forgets what seemed wrong with jobs.
  ///
  /// - Returns: roots of flows in which nothing seems wrong any more.
  mutating func remove(_ jobs: Set<JobKey>, from place: Place) -> Set<JobKey> {
    var over: Set<JobKey> = []
    for job in jobs {
      guard let entry = entries[place]?.removeValue(forKey: job) else { continue }
      forget(entry.root)
      if placesOfRoot[entry.root] == nil { over.insert(entry.root) }
    }
    return over
  }

  /// The jobs of a place with which something seems wrong.
  func jobs(in place: Place) -> [JobKey] { (entries[place] ?? [:]).keys.sorted() }

  /// The roots of the flows of which something was met in a queue.
  func roots(in queue: QueueKey) -> Set<JobKey> {
    Set(QueueKey.Suffix.allCases.flatMap { (entries[Place(queue: queue, suffix: $0)] ?? [:]).values.map(\.root) })
  }
}
