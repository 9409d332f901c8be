import QueueClient
import Redis

/// Which keyspace channels are followed, and what each of them tells. Pure: it says what to change, and costs what the
/// differences cost.
struct SubscriptionLedger: Sendable {
  /// What is to be followed of a job.
  struct Interest: OptionSet, Sendable, Hashable {
    let rawValue: UInt8
    /// Its hash.
    static let itself = Interest(rawValue: 1)
    /// Its lock.
    static let lock = Interest(rawValue: 2)
    /// Its unfinished children: one that has none yet may get some.
    static let unprocessed = Interest(rawValue: 4)
    /// Its finished children.
    static let processed = Interest(rawValue: 8)
  }

  /// Everything that is to be followed.
  struct Wanted: Sendable, Equatable {
    /// Jobs.
    var jobs: [JobKey: Interest] = [:]
    /// Queues whose ending flows matter to what is listed.
    var endings: Set<QueueKey> = []
    /// Queues of other prefixes, which the patterns do not cover.
    var distant: Set<QueueKey> = []
  }

  private let space: String
  private let prefix: String
  /// What is followed.
  var wanted: Wanted { followed }
  private var followed = Wanted()
  private var meanings: [String: Change] = [:]

  init(database: Int, prefix: String) {
    space = "__keyspace@\(database)__:"
    self.prefix = prefix
  }

  /// Patterns by which flows and queues are found, whatever is on the screen.
  var patterns: [String] {
    let base = "\(space)\(RedisPattern.literal(prefix)):*:"
    return [QueueKey.Suffix.meta, .waitingChildren].map { base + $0.rawValue }
  }

  /// What has to be changed so that exactly this is followed.
  mutating func follow(_ wanted: Wanted) -> RedisSubscriber.Differences {
    var differences = RedisSubscriber.Differences()
    for (key, interest) in wanted.jobs {
      let before = followed.jobs[key] ?? []
      if interest != before { add(Self.channels(of: key, interest.subtracting(before)), to: &differences) }
    }
    for (key, before) in followed.jobs {
      let gone = before.subtracting(wanted.jobs[key] ?? [])
      if !gone.isEmpty { remove(Self.channels(of: key, gone), to: &differences) }
    }
    add(wanted.endings.subtracting(followed.endings).flatMap(Self.endings), to: &differences)
    remove(followed.endings.subtracting(wanted.endings).flatMap(Self.endings), to: &differences)
    add(wanted.distant.subtracting(followed.distant).flatMap(Self.distant), to: &differences)
    remove(followed.distant.subtracting(wanted.distant).flatMap(Self.distant), to: &differences)
    followed = wanted
    return differences
  }

  /// The jobs of which more would be followed than is, locks aside.
  func fresh(in wanted: Wanted) -> Set<JobKey> {
    Set(
      wanted.jobs.lazy.filter { key, interest in
        !interest.subtracting(followed.jobs[key] ?? []).subtracting(.lock).isEmpty
      }.map(\.key))
  }

  /// What a message on a channel tells; `nil` where nothing of ours has changed.
  func change(of channel: String) -> Change? {
    if let known = meanings[channel] { return known }
    guard channel.hasPrefix(space) else { return nil }
    let key = channel.dropFirst(space.count)
    for (suffix, isSettings) in [(QueueKey.Suffix.waitingChildren, false), (.meta, true)]
    where key.hasSuffix(":" + suffix.rawValue) {
      guard let queue = QueueKey(qualifiedName: key.dropLast(suffix.rawValue.count + 1)), queue.prefix == prefix
      else { return nil }
      return isSettings ? .settings(queue) : .flows(queue)
    }
    return nil
  }

  private mutating func add(_ channels: [(String, Change)], to differences: inout RedisSubscriber.Differences) {
    for (key, change) in channels {
      meanings[space + key] = change
      differences.channels.append(space + key)
    }
  }

  private mutating func remove(_ channels: [(String, Change)], to differences: inout RedisSubscriber.Differences) {
    for (key, _) in channels {
      meanings[space + key] = nil
      differences.channelsLeft.append(space + key)
    }
  }

  private static func channels(of key: JobKey, _ interest: Interest) -> [(String, Change)] {
    var channels: [(String, Change)] = []
    if interest.contains(.itself) { channels.append((key.description, .job(key, .itself))) }
    if interest.contains(.lock) { channels.append((key[.lock], .job(key, .itself))) }
    if interest.contains(.unprocessed) { channels.append((key[.dependencies], .job(key, .children))) }
    if interest.contains(.processed) {
      for suffix: JobKey.Suffix in [.processed, .failed, .unsuccessful] {
        channels.append((key[suffix], .job(key, .children)))
      }
    }
    return channels
  }

  private static func endings(_ queue: QueueKey) -> [(String, Change)] {
    [QueueKey.Suffix.completed, .failed].map { (queue[$0], .flows(queue)) }
  }

  private static func distant(_ queue: QueueKey) -> [(String, Change)] {
    [(queue[.waitingChildren], .flows(queue)), (queue[.meta], .settings(queue))]
  }
}
