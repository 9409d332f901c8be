/// How long the search for problems rests between its steps, so that it takes a twentieth of Redis's time at the most, and
/// a fiftieth when it goes through places again: many may watch one Redis. Pure.
enum SweepPace {
  /// A step through a place is as large as Redis looks at in this time, however long the answer is on its way.
  static let mostOfAStep = Duration.milliseconds(2)

  /// How long to rest.
  ///
  /// - Parameters:
  ///   - cost: how long Redis may have been busy with the step; `nil` where nobody knows.
  ///   - elapsed: how long the step took, the way to Redis and back included.
  ///   - isRepeated: whether all was looked at before, and this was no quick look at what is new.
  static func rest(after cost: Duration?, within elapsed: Duration, isRepeated: Bool) -> Duration {
    let busy = min(cost ?? elapsed, elapsed)
    return min(.seconds(3), max(.milliseconds(5), busy * (isRepeated ? 49 : 19)))
  }
}
