/// What a key of Redis below a known prefix is: a queue's own, a job's hash, or something beside either.
///
/// ```swift
/// StoredKey("bull:steps:wait", prefix: "bull")           // .queue(bull:steps, .wait)
/// StoredKey("bull:steps:a:b:c:lock", prefix: "bull")     // .job(bull:steps:a:b:c, .lock)
/// StoredKey("bull:steps:de:once", prefix: "bull")        // .owned(bull:steps, .deduplication, "once")
/// ```
public enum StoredKey: Sendable, Hashable {
  /// A list, set or setting of a queue.
  case queue(QueueKey, QueueKey.Suffix)
  /// A job's hash, or, with a suffix, what lies beside it.
  case job(JobKey, JobKey.Suffix?)
  /// What a queue keeps under names of its own: a scheduler, a deduplication id, metrics.
  case owned(QueueKey, QueueKey.Suffix, String)
  /// A hash written ahead of the job that it will be, while a large flow is being added.
  case staged(QueueKey, String)

  /// Reads a key.
  ///
  /// - Returns: `nil` for one that does not begin with the prefix and the name of a queue.
  public init?(_ key: some StringProtocol, prefix: String) {
    let key = Substring(key)
    guard key.utf8.starts(with: (prefix + ":").utf8) else { return nil }
    let rest = key.utf8.dropFirst(prefix.utf8.count + 1)
    guard let colon = rest.firstIndex(of: UInt8(ascii: ":")), colon > rest.startIndex else { return nil }
    let queue = QueueKey(prefix: prefix, name: String(key[rest.startIndex..<colon]))
    let tail = key[rest.index(after: colon)...]
    guard !tail.isEmpty else { return nil }
    self.init(tail, in: queue)
  }

  /// Reads what follows a queue's name.
  private init(_ tail: Substring, in queue: QueueKey) {
    if let suffix = QueueKey.Suffix(rawValue: String(tail)) {
      self = .queue(queue, suffix)
      return
    }
    let bytes = tail.utf8
    if let first = bytes.firstIndex(of: UInt8(ascii: ":")),
      let suffix = QueueKey.Suffix(rawValue: String(tail[..<first])),
      suffix.hasNames, !Self.isScheduledJob(tail)
    {
      self = .owned(queue, suffix, String(tail[bytes.index(after: first)...]))
      return
    }
    guard let last = bytes.lastIndex(of: UInt8(ascii: ":")) else {
      self = .job(JobKey(queue: queue, id: String(tail)), nil)
      return
    }
    let ending = String(tail[bytes.index(after: last)...])
    if ending.hasPrefix(Self.stagedMark) {
      self = .staged(queue, String(tail))
    } else if last > bytes.startIndex, let suffix = JobKey.Suffix(rawValue: ending) {
      self = .job(JobKey(queue: queue, id: String(tail[..<last])), suffix)
    } else {
      self = .job(JobKey(queue: queue, id: String(tail)), nil)
    }
  }

  /// Whether a job of that id would lie over another key of its queue, or pass for one.
  static func isTaken(_ id: String) -> Bool {
    let queue = QueueKey(name: "q")
    return StoredKey(Substring(id), in: queue) != .job(JobKey(queue: queue, id: id), nil)
  }

  /// What the last part of a hash written ahead begins with.
  static let stagedMark = "staged-"

  /// Whether an id, or a key beside such a job, has the form `repeat:SCHEDULER:DIGITS`, which a scheduler gives.
  private static func isScheduledJob(_ tail: Substring) -> Bool {
    var parts = tail.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    if let last = parts.last, JobKey.Suffix(rawValue: String(Substring(last))) != nil { parts.removeLast() }
    return parts.count > 2 && parts.first.map { $0.elementsEqual("repeat".utf8) } == true
      && parts.last.map { areDigits($0) } == true
  }

  /// Whether a text is a number without a sign.
  static func areDigits(_ text: Substring.UTF8View) -> Bool {
    !text.isEmpty && text.allSatisfy { UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") }
  }
}
