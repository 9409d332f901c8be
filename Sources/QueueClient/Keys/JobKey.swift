/// A job's place in Redis: its queue and its id, `bull:renovate:42`.
public struct JobKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The queue.
  public var queue: QueueKey
  /// The id within the queue.
  public var id: String

  /// A job's key from its parts.
  public init(queue: QueueKey, id: String) {
    self.queue = queue
    self.id = id
  }

  /// A job's key as BullMQ writes it into its data: the id is what follows the last colon.
  public init?(_ text: some StringProtocol) {
    let text = Substring(text)
    let bytes = text.utf8
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")), let queue = QueueKey(qualifiedName: text[..<colon]),
      bytes.index(after: colon) < bytes.endIndex
    else { return nil }
    self.init(queue: queue, id: String(text[bytes.index(after: colon)...]))
  }

  /// The key of the job's hash.
  public var description: String { queue.prefix + ":" + queue.name + ":" + id }

  /// A key beside the job's hash.
  public subscript(_ suffix: Suffix) -> String { description + ":" + suffix.rawValue }

  /// What lies beside a job's hash.
  public enum Suffix: String, Sendable, CaseIterable {
    /// The token of the worker that has the job.
    case lock
    /// Log rows.
    case logs
    /// Children not finished yet.
    case dependencies
    /// Children finished, with their values.
    case processed
    /// Children whose failure is ignored, with the reasons.
    case failed
    /// Children whose failure fails the parent.
    case unsuccessful
  }

  /// By queue, then by id.
  public static func < (left: JobKey, right: JobKey) -> Bool {
    (left.queue, left.id) < (right.queue, right.id)
  }
}
