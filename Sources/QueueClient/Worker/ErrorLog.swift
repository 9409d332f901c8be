/// What there is to tell of an error that comes again and again: once when it comes or changes, and once when it is
/// over. Pure.
struct ErrorLog {
  /// How long an error that was told of, and comes back after it was over, is not told of again.
  static let memory = Duration.seconds(60)
  /// How many different errors are kept in mind.
  private static let capacity = 16

  /// How often in a row it has failed.
  private(set) var failures = 0
  /// Whether an error was told of that is not over yet.
  private var isTold = false
  private var told: [String: ContinuousClock.Instant] = [:]

  /// It has failed, again perhaps.
  ///
  /// - Returns: whether that is news.
  mutating func failed(_ error: String, at now: ContinuousClock.Instant) -> Bool {
    failures += 1
    if let last = told[error], isTold || now - last < Self.memory { return false }
    if told.count >= Self.capacity { told = [:] }
    told[error] = now
    isTold = true
    return true
  }

  /// It has worked.
  ///
  /// - Returns: how often it had failed before, if that was told of.
  mutating func succeeded(at now: ContinuousClock.Instant) -> Int? {
    guard failures > 0 else { return nil }
    defer {
      failures = 0
      isTold = false
    }
    guard isTold else { return nil }
    for error in told.keys { told[error] = now }
    return failures
  }
}
