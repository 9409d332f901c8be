/// How long to wait before the next attempt to connect: doubling, with jitter, up to a limit.
///
/// The jitter keeps fifty viewers of one Redis from coming back in the same instant.
public struct Backoff: Sendable, Hashable {
  /// The wait before the second attempt.
  public var base: Duration
  /// The longest wait.
  public var limit: Duration

  /// - Parameters:
  ///   - base: the wait after one failure.
  ///   - limit: what the doubling never passes.
  public init(base: Duration = .milliseconds(50), limit: Duration = .seconds(3)) {
    self.base = base
    self.limit = limit
  }

  /// The wait after so many failures in a row.
  ///
  /// - Parameters:
  ///   - failures: 0 means no wait.
  ///   - random: a number in 0..<1, which picks from the upper half of the span.
  public func delay(after failures: Int, random: Double) -> Duration {
    guard failures > 0 else { return .zero }
    let span = min(limit, base * Double(1 << min(failures - 1, 20)))
    return span * (0.5 + random / 2)
  }
}
