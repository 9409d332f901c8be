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
