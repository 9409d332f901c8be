/// The kinds of values in Redis, by the names that `TYPE` has for them.
enum ValueKind: String, Sendable {
  case string, hash, list, set, zset, stream
}

extension QueueKey.Suffix {
  /// What the key holds; `nil` for those that only stand before the names of others.
  var kind: ValueKind? {
    switch self {
    case .id, .priorityCounter, .stalledCheck, .limiter: .string
    case .meta: .hash
    case .wait, .paused, .active: .list
    case .prioritized, .delayed, .waitingChildren, .completed, .failed, .marker, .schedulers: .zset
    case .stalled: .set
    case .events: .stream
    case .metrics, .deduplication, .deduplicationNext: nil
    }
  }

  /// The keys without which a worker can neither take jobs nor end them, each with its kind, as a list in Lua.
  static var neededAtWork: String {
    let keys: [Self] = [
      .meta, .wait, .active, .prioritized, .delayed, .waitingChildren, .completed, .failed, .stalled, .limiter,
    ]
    let pairs = keys.compactMap { key in key.kind.map { "{':\(key.rawValue)','\($0.rawValue)'}" } }
    return "{\(pairs.joined(separator: ","))}"
  }
}
