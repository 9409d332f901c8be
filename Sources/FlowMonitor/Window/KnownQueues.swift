import QueueClient

/// The queues that are known, how they stand, and which of them are looked at next. Pure.
struct KnownQueues: Sendable {
  /// All of them, in order.
  private(set) var keys: [QueueKey] = []
  /// How they stand, as far as that was read.
  private(set) var statuses: [QueueKey: QueueStatus] = [:]
  private var known: Set<QueueKey> = []
  private var next = 0

  /// So many queues are looked at in one go.
  static let portion = 32

  func contains(_ key: QueueKey) -> Bool { known.contains(key) }

  /// Learns of queues.
  ///
  /// - Returns: those that are new.
  @discardableResult
  mutating func learn(_ found: some Sequence<QueueKey>) -> [QueueKey] {
    let new = Set(found).subtracting(known).sorted()
    guard !new.isEmpty else { return [] }
    known.formUnion(new)
    keys = known.sorted()
    return new
  }

  mutating func take(_ read: [QueueStatus]) {
    for status in read { statuses[status.key] = status }
  }

  mutating func forget(_ gone: Set<QueueKey>) {
    guard !gone.isDisjoint(with: known) else { return }
    known.subtract(gone)
    keys.removeAll(where: gone.contains)
    for key in gone { statuses[key] = nil }
  }

  mutating func forgetAll() { self = KnownQueues() }

  /// The queues to look at now: those that matter to the window, and some of the others in turn.
  mutating func turn(including visible: Set<QueueKey>) -> [QueueKey] {
    var chosen = Set(visible.sorted().prefix(Self.portion))
    for _ in keys.indices where chosen.count < Self.portion * 2 {
      next = next < keys.count - 1 ? next + 1 : 0
      chosen.insert(keys[next])
    }
    return chosen.sorted()
  }
}
