import Redis

/// Queues are found by the keys of their settings.
extension QueueKey {
  /// What the keys of the settings of a prefix's queues match, and perhaps those of longer prefixes.
  public static func metaPattern(prefix: String) -> String {
    "\(RedisPattern.literal(prefix)):*:\(Suffix.meta.rawValue)"
  }

  /// The queue whose settings stand at a key; `nil` where that is none of the prefix.
  public init?(metaKey: String, prefix: String) {
    self.init(qualifiedName: metaKey.dropLast(":\(Suffix.meta.rawValue)".count))
    if self.prefix != prefix { return nil }
  }

  /// The queue that any of a prefix's keys may belong to: its own, a job's, or one below that. Whether there is such a
  /// queue, its settings tell.
  ///
  /// - Parameter key: any key, such as `bull:renovate:1:logs`.
  public init?(ofAnyKey key: String, prefix: String) {
    guard key.hasPrefix(prefix + ":") else { return nil }
    let name = key.dropFirst(prefix.count + 1).prefix { $0 != ":" }
    if name.isEmpty || key.count == prefix.count + 1 + name.count { return nil }
    self.init(prefix: prefix, name: String(name))
  }
}
