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
}
