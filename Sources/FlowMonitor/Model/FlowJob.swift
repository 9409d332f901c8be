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
  /// How many bytes what it returned has, where that is too long to hold.
  public var longReturnvalue: Int?
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
  /// Whether for which children it waits could be read.
  public var isPendingKnown = true
  /// How many children there are of each kind.
  public var counts = DependenciesCount()

  /// A job of which no more than its place is known.
  public init(key: JobKey, name: String = "", state: JobState = .unknown) {
    self.key = key
    self.name = name
    self.state = state
  }

  /// Whether it has, or had, children.
  public var isParent: Bool { counts.total > 0 || state == .waitingChildren }

  /// Whether it has ended.
  public var isFinished: Bool { state.isFinished }

  /// The child through which it has failed, or will: BullMQ names it by its key.
  public var failedChild: JobKey? { (deferredFailure ?? failedReason).flatMap { Self.failedChild(in: $0, of: key) } }

  /// The child that a reason for a parent's failure names, as BullMQ writes it.
  ///
  /// - Parameter parent: the job that failed so, where it is known: a child's key may begin with its prefix.
  public static func failedChild(in reason: String, of parent: JobKey? = nil) -> JobKey? {
    let (before, behind) = ("child ", " failed")
    guard reason.hasPrefix(before), reason.hasSuffix(behind), reason.utf8.count > before.count + behind.count else {
      return nil
    }
    return JobKey(reason.dropFirst(before.count).dropLast(behind.count), prefix: parent?.queue.prefix)
  }
}
