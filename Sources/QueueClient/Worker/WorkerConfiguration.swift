/// How a worker works.
public struct WorkerConfiguration: Sendable, Hashable {
  /// How many jobs at once.
  public var concurrency: Int
  /// How long a job is ours without a word; renewed at half of it.
  public var lockDuration: Duration
  /// How long to block for work before looking again by oneself.
  public var drainDelay: Duration
  /// Shown in the job's `pb`.
  public var name: String?

  /// A configuration with BullMQ's defaults.
  public init(
    concurrency: Int = 1, lockDuration: Duration = .seconds(30), drainDelay: Duration = .seconds(5), name: String? = nil
  ) {
    self.concurrency = max(1, concurrency)
    self.lockDuration = lockDuration
    self.drainDelay = drainDelay
    self.name = name
  }
}

/// A failure that no further attempt can mend.
public struct UnrecoverableError: Error, Sendable, CustomStringConvertible {
  /// The reason.
  public let description: String

  /// An unrecoverable failure with its reason.
  public init(_ reason: String) { description = reason }
}
