import QueueClient

/// One job of a flow as the monitor knows it: light enough to hold a hundred thousand of them.
public struct FlowJob: Sendable, Hashable {
  /// Where it is.
  public var key: JobKey
  /// Its name, as it stands in Redis: not yet safe for a terminal.
  public var name: String
  /// Where it is in its life.
  public var state: JobState
  /// Not found in the parts of a long list that were looked at: shown as waiting, since its hash exists.
  public var isStateAssumed = false
  /// Active, but no worker holds its lock: probably stalled.
  public var isWithoutLock = false
  /// When it was added, in milliseconds since 1970.
  public var timestamp: Int?
  /// When a worker took it, in milliseconds since 1970.
  public var processedOn: Int?
  /// When it ended, in milliseconds since 1970.
  public var finishedOn: Int?
  /// When a delayed job is due, in milliseconds since 1970.
  public var dueOn: Int?
  /// How many attempts have ended.
  public var attemptsMade = 0
  /// How many attempts it may have.
  public var attempts = 1
  /// Progress: a number or an object.
  public var progress: JSON?
  /// What it returned; `nil` also when it is too long to hold.
  public var returnvalue: JSON?
  /// Why its last attempt failed, shortened.
  public var failedReason: String?
  /// Its data, where that is short: rows show hints from it.
  public var data: JSON?
  /// The name of the worker that took it last.
  public var processedBy: String?
  /// A failure decided elsewhere: the next worker to take the job fails it with this.
  public var deferredFailure: String?
  /// Its parent.
  public var parentKey: JobKey?
  /// What its failure does to its parent.
  public var failurePolicy: FailurePolicy?
  /// How many children there are of each kind.
  public var counts = DependenciesCount()
  /// The children that were read, in a steady order.
  public var children: [Child] = []
  /// The values of the finished children, where they were read.
  public var values: [JobKey: JSON] = [:]

  /// One child of a job, by what its parent holds about it.
  public struct Child: Sendable, Hashable {
    /// Where it is.
    public var key: JobKey
    /// What became of it.
    public var kind: Kind

    /// What became of a child.
    public enum Kind: Sendable, Hashable {
      /// Not finished yet.
      case unprocessed
      /// Finished.
      case processed
      /// Failed, and ignored.
      case ignored
      /// Failed, and its parent with it.
      case failed
    }

    /// A child from its place and what became of it.
    public init(key: JobKey, kind: Kind) {
      self.key = key
      self.kind = kind
    }
  }

  /// A job of which no more than its place is known.
  public init(key: JobKey, name: String = "", state: JobState = .unknown) {
    self.key = key
    self.name = name
    self.state = state
  }

  /// Whether it has, or had, children.
  public var isParent: Bool { counts.total > 0 || state == .waitingChildren }

  /// How many children were not read.
  public var unreadChildren: Int { max(0, counts.total - children.count) }

  /// The sum of the children's values, where there are some and all of them are numbers and all are known.
  public var sumOfValues: Double? {
    guard !values.isEmpty, values.count == counts.processed else { return nil }
    var sum = 0.0
    for value in values.values {
      guard let number = value.double else { return nil }
      sum += number
    }
    return sum
  }

  /// Whether it has ended.
  public var isFinished: Bool { state == .completed || state == .failed }
}
