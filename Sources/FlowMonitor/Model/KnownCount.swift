/// A count, and how much is known of it.
public struct KnownCount: Sendable, Hashable {
  /// How near a count is to the truth.
  public enum Precision: Sendable, Hashable {
    /// As many as there are.
    case exact
    /// A lower bound, until everything has been looked at: `≥ 12`.
    case atLeast
    /// Everything was looked at, and some of it has changed since: `~12`.
    case about
  }

  /// How many are known.
  public var value: Int
  /// How near that is.
  public var precision: Precision
  /// Whether there are as many as these.
  public var isExact: Bool { precision == .exact }

  /// A count that is exact, or else a lower bound.
  public init(_ value: Int, isExact: Bool) { self.init(value, isExact ? .exact : .atLeast) }

  /// A count.
  public init(_ value: Int, _ precision: Precision) {
    self.value = value
    self.precision = precision
  }
}

/// How far something that takes a while has come.
public struct Progress: Sendable, Hashable {
  /// 0...1.
  public var fraction: Double
  /// Whether it is through.
  public var isComplete: Bool { fraction >= 1 }

  /// A progress; the fraction is kept within 0...1.
  public init(_ fraction: Double) { self.fraction = fraction.isFinite ? min(1, max(0, fraction)) : 0 }

  /// Nothing done yet.
  public static let none = Progress(0)
  /// Through.
  public static let complete = Progress(1)
}
