import Redis

/// The children of a job, by what became of them.
public struct Dependencies: Sendable, Hashable {
  /// Finished, with their return values.
  public var processed: [JobKey: JSON] = [:]
  /// Not finished yet.
  public var unprocessed: [JobKey] = []
  /// Failed and ignored, with the reasons.
  public var ignored: [JobKey: String] = [:]
  /// Failed in a way that fails the parent.
  public var failed: [JobKey] = []
}

/// How many children a job has, by what became of them.
public struct DependenciesCount: Sendable, Hashable {
  /// Finished.
  public var processed: Int
  /// Not finished yet.
  public var unprocessed: Int
  /// Failed and ignored.
  public var ignored: Int
  /// Failed in a way that fails the parent.
  public var failed: Int

  /// Counts from their parts.
  public init(processed: Int = 0, unprocessed: Int = 0, ignored: Int = 0, failed: Int = 0) {
    self.processed = processed
    self.unprocessed = unprocessed
    self.ignored = ignored
    self.failed = failed
  }

  /// All children.
  public var total: Int { processed + unprocessed + ignored + failed }
}

/// A page of a job's children.
public struct DependenciesPage: Sendable, Hashable {
  /// The children of this page.
  public var dependencies = Dependencies()
  /// Where the finished ones go on; 0 at their end, `nil` where they were not asked for.
  public var nextProcessedCursor: UInt64?
  /// Where the unfinished ones go on; 0 at their end, `nil` where they were not asked for.
  public var nextUnprocessedCursor: UInt64?
  /// Where the ignored ones go on; 0 at their end, `nil` where they were not asked for.
  public var nextIgnoredCursor: UInt64?
  /// Where the failed ones go on; 0 at their end, `nil` where they were not asked for.
  public var nextFailedCursor: UInt64?

  /// Where a page of one kind begins, and how large it is.
  public struct Page: Sendable, Hashable {
    /// The cursor of the page before; 0 for the first.
    public var cursor: UInt64
    /// About how many children.
    public var count: Int

    /// A page; BullMQ's default is of 20.
    public init(cursor: UInt64 = 0, count: Int = 20) {
      self.cursor = cursor
      self.count = count
    }
  }

  /// Which kinds of children are asked for.
  public struct Request: Sendable, Hashable {
    /// Finished ones.
    public var processed: Page?
    /// Unfinished ones.
    public var unprocessed: Page?
    /// Ignored ones.
    public var ignored: Page?
    /// Failed ones.
    public var failed: Page?

    /// A request for the kinds given.
    public init(processed: Page? = nil, unprocessed: Page? = nil, ignored: Page? = nil, failed: Page? = nil) {
      self.processed = processed
      self.unprocessed = unprocessed
      self.ignored = ignored
      self.failed = failed
    }
  }
}
