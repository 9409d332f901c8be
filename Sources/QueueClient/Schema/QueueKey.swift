/// A queue's place in Redis: its prefix and its name, `bull:renovate`.
public struct QueueKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// BullMQ's default prefix.
  public static let defaultPrefix = "bull"

  /// What all keys of the queue begin with; `{…}` around it makes it a cluster's hash tag.
  public var prefix: String
  /// The queue's name, without a colon.
  public var name: String

  /// A queue's key from its parts.
  public init(prefix: String = QueueKey.defaultPrefix, name: String) {
    self.prefix = prefix
    self.name = name
  }

  /// A queue's key from its qualified name, `prefix:name`. The prefix may hold colons, the name none.
  public init?(qualifiedName: some StringProtocol) {
    let qualifiedName = Substring(qualifiedName)
    let bytes = qualifiedName.utf8
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")), colon > bytes.startIndex,
      bytes.index(after: colon) < bytes.endIndex
    else { return nil }
    self.init(
      prefix: String(qualifiedName[..<colon]), name: String(qualifiedName[bytes.index(after: colon)...]))
  }

  /// The qualified name.
  public var description: String { prefix + ":" + name }

  /// One of the queue's own keys, such as `wait` or `meta`.
  public subscript(_ suffix: Suffix) -> String { description + ":" + suffix.rawValue }

  /// A key of a queue (as against one of its jobs).
  public enum Suffix: String, Sendable, CaseIterable {
    /// Job counter.
    case id
    /// Settings.
    case meta
    /// Ids ready to run.
    case wait
    /// A paused queue's ids, of BullMQ 5 and older.
    case paused
    /// Ids being processed.
    case active
    /// Ids by priority.
    case prioritized
    /// Counter that orders equal priorities.
    case priorityCounter = "pc"
    /// Ids by due time.
    case delayed
    /// Parents that wait.
    case waitingChildren = "waiting-children"
    /// Ids by finishing time.
    case completed
    /// Ids by finishing time.
    case failed
    /// Candidates of the stalled check.
    case stalled
    /// Present while the stalled check rests.
    case stalledCheck = "stalled-check"
    /// Rate-limit counter.
    case limiter
    /// Wakes blocked workers.
    case marker
    /// The event stream.
    case events
    /// Job schedulers by the time of their next job; what each is stands under its id below it.
    case schedulers = "repeat"
    /// Below it, how many jobs completed and failed, minute by minute.
    case metrics
    /// Below it, by deduplication id, the job that keeps others out.
    case deduplication = "de"
    /// Below it, by deduplication id, the job to be added when the one that is active has ended.
    case deduplicationNext = "dn"

    /// The lists and sorted sets that a job may be in.
    public static let placesOfJobs: [Suffix] = [
      .completed, .failed, .delayed, .prioritized, .active, .wait, .paused, .waitingChildren,
    ]

    /// Whether keys with names of their own lie below it.
    public var hasNames: Bool {
      switch self {
      case .schedulers, .metrics, .deduplication, .deduplicationNext: true
      default: false
      }
    }
  }

  /// A key below one of those that have names.
  public subscript(_ suffix: Suffix, name name: String) -> String { self[suffix] + ":" + name }

  /// By prefix, then by name.
  public static func < (left: QueueKey, right: QueueKey) -> Bool {
    (left.prefix, left.name) < (right.prefix, right.name)
  }
}
