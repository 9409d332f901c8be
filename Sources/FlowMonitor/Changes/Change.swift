import QueueClient

/// What a notification says has changed.
public enum Change: Sendable, Hashable {
  /// Something of a job: its hash, its lock, its children.
  case job(JobKey)
  /// Something of a queue: a list, its settings, its events.
  case queue(QueueKey)
  /// A queue's set of waiting parents: flows came, or were released.
  case waitingChildren(QueueKey)

  /// The change behind a keyspace channel.
  ///
  /// - Parameters:
  ///   - channel: such as `__keyspace@0__:bull:renovate:waiting-children`.
  ///   - prefix: the prefix that is watched.
  /// - Returns: `nil` for a channel of something else.
  public init?(channel: String, prefix: String) {
    guard let mark = channel.range(of: "__:"), channel.hasPrefix("__keyspace@") else { return nil }
    self.init(redisKey: channel[mark.upperBound...], prefix: prefix)
  }

  /// The change behind a key.
  init?(redisKey: Substring, prefix: String) {
    var rest = redisKey
    var prefix = prefix
    if rest.hasPrefix(prefix + ":") {
      rest.removeFirst(prefix.count + 1)
    } else {
      // A flow may reach into another prefix; there, the prefix is what stands before the first colon.
      guard let colon = rest.firstIndex(of: ":") else { return nil }
      prefix = String(rest[..<colon])
      rest = rest[rest.index(after: colon)...]
    }
    let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count >= 2, !parts[0].isEmpty else { return nil }
    let queue = QueueKey(prefix: prefix, name: String(parts[0]))
    if parts.count == 2, let suffix = QueueKey.Suffix(rawValue: String(parts[1])) {
      self = suffix == .waitingChildren ? .waitingChildren(queue) : .queue(queue)
    } else {
      var id = parts.dropFirst()
      if id.count > 1, JobKey.Suffix(rawValue: String(id.last ?? "")) != nil { id.removeLast() }
      self = .job(JobKey(queue: queue, id: id.joined(separator: ":")))
    }
  }
}
