/// The one grammar of job keys: `PREFIX:QUEUE:ID`. A prefix may hold colons, a queue's name none, and an id may hold
/// them again (`a:b:c`, `repeat:daily:1795000000000`).
///
/// A key with two colons can be read in one way only. One with more needs to be told the prefix, and so whoever knows
/// a queue of the family says so. `splitJobKey` in `queue.lua` reads keys by the same grammar.
extension JobKey {
  /// A job's key from its text.
  ///
  /// - Parameters:
  ///   - text: as BullMQ writes it into `parentKey`, and among the children of a parent.
  ///   - prefix: one that the key may begin with: that of the other job that names this one. `nil` where none is known.
  /// - Returns: `nil` for a text that has not all three parts.
  public init?(_ text: some StringProtocol, prefix: String? = nil) {
    let text = Substring(text)
    let bytes = text.utf8
    let colon = UInt8(ascii: ":")
    guard let first = bytes.firstIndex(of: colon), let last = bytes.lastIndex(of: colon) else { return nil }
    let second = bytes[bytes.index(after: first)...].firstIndex(of: colon)
    var end = last
    if second != last {
      if let prefix, let told = Self.endOfQueue(in: text, prefix: prefix) {
        end = told
      } else if let generated = Self.endOfQueueOfScheduledJob(in: text) {
        end = generated
      }
    }
    guard let queue = QueueKey(qualifiedName: text[..<end]), bytes.index(after: end) < bytes.endIndex else {
      return nil
    }
    self.init(queue: queue, id: String(text[bytes.index(after: end)...]))
  }

  /// A job's key from its text, with the queue of the job that names it.
  public init?(_ text: some StringProtocol, namedBy queue: QueueKey) { self.init(text, prefix: queue.prefix) }

  /// Where the queue ends in a key that begins with that prefix.
  private static func endOfQueue(in text: Substring, prefix: String) -> String.Index? {
    guard let rest = text.utf8.afterPrefix(prefix.utf8), rest.first == UInt8(ascii: ":") else { return nil }
    let name = rest.dropFirst()
    guard let end = name.firstIndex(of: UInt8(ascii: ":")), end > name.startIndex else { return nil }
    return end
  }

  /// Where the queue ends in a key whose id is one that BullMQ gives to scheduled jobs: `repeat:SCHEDULER:DIGITS`.
  private static func endOfQueueOfScheduledJob(in text: Substring) -> String.Index? {
    let bytes = text.utf8
    let colon = UInt8(ascii: ":")
    guard let last = bytes.lastIndex(of: colon), StoredKey.areDigits(bytes[bytes.index(after: last)...]) else {
      return nil
    }
    // The name before it needs a prefix before itself.
    guard var at = bytes[..<last].firstIndex(of: colon) else { return nil }
    while let next = bytes[bytes.index(after: at)..<last].firstIndex(of: colon) {
      let tail = bytes[bytes.index(after: next)..<last]
      if let scheduler = tail.afterPrefix("repeat:".utf8), !scheduler.isEmpty { return next }
      at = next
    }
    return nil
  }
}

extension Substring.UTF8View {
  /// What follows a beginning; `nil` where this begins otherwise.
  fileprivate func afterPrefix(_ prefix: String.UTF8View) -> Substring.UTF8View? {
    guard count >= prefix.count, starts(with: prefix) else { return nil }
    return self[index(startIndex, offsetBy: prefix.count)...]
  }
}

extension JobKey {
  /// The parent that a job's hash names.
  ///
  /// - Parameters:
  ///   - text: the field `parentKey`.
  ///   - parent: the field `parent`, JSON with the parent's `id` and `queueKey`: where the text can be read in several
  ///     ways, this decides.
  ///   - queue: the job's own queue.
  public init?(parentKey text: String, parent: String?, of queue: QueueKey) {
    if text.utf8.count(where: { $0 == UInt8(ascii: ":") }) > 2, let parent = parent.flatMap({ try? JSON(parsing: $0) }),
      let key = JobKey(parent: parent)
    {
      self = key
    } else {
      self.init(text, namedBy: queue)
    }
  }

  /// The place that a `parent` field names.
  init?(parent: JSON) {
    guard let id = parent["id"]?.string, !id.isEmpty,
      let queue = parent["queueKey"]?.string.flatMap({ QueueKey(qualifiedName: $0) })
    else { return nil }
    self.init(queue: queue, id: id)
  }
}
