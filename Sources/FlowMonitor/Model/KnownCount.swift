/// A count that may still be a lower bound: what is shown as `≥ 12` until everything has been looked at.
public struct KnownCount: Sendable, Hashable {
  /// How many are known.
  public var value: Int
  /// Whether there are no more than these.
  public var isExact: Bool

  /// A count.
  public init(_ value: Int, isExact: Bool) {
    self.value = value
    self.isExact = isExact
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
