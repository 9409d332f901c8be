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

  /// The key of the job's hash.
  public var description: String { isUnreadable ? id : queue.prefix + ":" + queue.name + ":" + id }

  /// A text that stands where a job's key should, and is none: it names a job that cannot exist.
  public init(unreadable text: String) { self.init(queue: QueueKey(prefix: "", name: ""), id: text) }

  /// Whether it stands for a text that is no job's key.
  public var isUnreadable: Bool { queue.name.isEmpty && queue.prefix.isEmpty }

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
