import QueueClient

/// The troubles found so far, by where they were found: what a later walk through the same place does not find again is
/// over. Pure.
struct FindingBook: Sendable {
  /// Where a trouble was found.
  struct Place: Sendable, Hashable {
    var queue: QueueKey
    /// The list or sorted set; `meta` for a paused queue.
    var suffix: QueueKey.Suffix
  }

  private struct Entry: Sendable {
    var finding: AttentionSweep.Finding
    /// The walk that saw it last.
    var walk: Int
  }

  private var entries: [Place: [JobKey: Entry]] = [:]
  private var walks: [Place: Int] = [:]
  private var placesOfRoot: [JobKey: Int] = [:]

  /// Notes a trouble.
  ///
  /// - Returns: whether it is new, or another than before.
  mutating func note(_ finding: AttentionSweep.Finding, in place: Place) -> Bool {
    let before = entries[place]?[finding.job]
    entries[place, default: [:]][finding.job] = Entry(finding: finding, walk: walks[place] ?? 0)
    if before?.finding.root != finding.root {
      if let root = before?.finding.root { forget(root) }
      placesOfRoot[finding.root, default: 0] += 1
    }
    return before?.finding != finding
  }

  private mutating func forget(_ root: JobKey) {
    let left = (placesOfRoot[root] ?? 1) - 1
    placesOfRoot[root] = left > 0 ? left : nil
  }

  /// Begins a walk through a place.
  mutating func begin(_ place: Place) { walks[place, default: 0] += 1 }

  /// Ends a walk.
  ///
  /// - Returns: roots that have no trouble any more.
  mutating func end(_ place: Place) -> Set<JobKey> {
    let walk = walks[place] ?? 0
    return remove(Set((entries[place] ?? [:]).filter { $0.value.walk != walk }.keys), from: place)
  }

  /// Forgets the troubles of jobs.
  ///
  /// - Returns: roots that have no trouble any more.
  mutating func remove(_ jobs: Set<JobKey>, from place: Place) -> Set<JobKey> {
    var over: Set<JobKey> = []
    for job in jobs {
      guard let entry = entries[place]?.removeValue(forKey: job) else { continue }
      forget(entry.finding.root)
      if placesOfRoot[entry.finding.root] == nil { over.insert(entry.finding.root) }
    }
    return over
  }

  /// The jobs in trouble of a place.
  func jobs(in place: Place) -> [JobKey] { (entries[place] ?? [:]).keys.sorted() }
}
