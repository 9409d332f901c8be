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
    // A flow may reach into another prefix; there, the prefix is what stands before the first colon.
    let other = redisKey.firstIndex(of: ":").map { String(redisKey[..<$0]) }
    guard let key = StoredKey(redisKey, prefix: prefix) ?? other.flatMap({ StoredKey(redisKey, prefix: $0) }) else {
      return nil
    }
    switch key {
    case .queue(let queue, .waitingChildren): self = .waitingChildren(queue)
    case .queue(let queue, _), .owned(let queue, _, _), .staged(let queue, _): self = .queue(queue)
    case .job(let key, _): self = .job(key)
    }
  }
}
