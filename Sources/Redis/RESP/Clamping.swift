/// How numbers come in from outside: from Redis, from JSON, from a clock or a command line.
///
/// Whatever was written, a number is the whole one nearest to it among those that JavaScript, Lua and a sorted set's
/// score all hold exactly. That is far from where `Int` ends: the difference of two such numbers, and the sum of
/// five hundred of them, cannot overflow.
extension Int {
  /// The whole numbers that a double holds without a gap.
  public static let exactlyHeld = -9_007_199_254_740_991...9_007_199_254_740_991

  /// This number, or the nearest of `exactlyHeld`.
  public var clamped: Int { Swift.min(Swift.max(self, Self.exactlyHeld.lowerBound), Self.exactlyHeld.upperBound) }

  /// The nearest whole number of `exactlyHeld`, towards zero; 0 for what is not a number.
  public init(clamping number: Double) {
    // `Int(exactly:)` has no trap; between the bounds a truncated number always is one.
    let bounds = Self.exactlyHeld
    if number.isNaN {
      self = 0
    } else if number >= Double(bounds.upperBound) {
      self = bounds.upperBound
    } else if number <= Double(bounds.lowerBound) {
      self = bounds.lowerBound
    } else {
      self = Int(exactly: number.rounded(.towardZero)) ?? 0
    }
  }

  /// The nearest whole number of `exactlyHeld` to a number in decimal; `nil` for a text that is no number.
  ///
  /// A fraction is cut off, as JavaScript's `parseInt` does; `inf`, which is how Redis writes such a score, and more
  /// digits than fit are the largest number.
  public init?(clamping text: some StringProtocol) {
    if let number = Int(text) {
      self = number.clamped
    } else if let number = Double(text), !number.isNaN {
      self.init(clamping: number)
    } else {
      return nil
    }
  }
}

extension Duration {
  /// Whole milliseconds, the nearest of `Int.exactlyHeld`.
  public var milliseconds: Int {
    let (whole, attos) = components
    let limit = Int64(Int.exactlyHeld.upperBound / 1000)
    guard whole.magnitude < limit.magnitude else {
      return whole < 0 ? Int.exactlyHeld.lowerBound : Int.exactlyHeld.upperBound
    }
    return Int(whole) * 1000 + Int(attos / 1_000_000_000_000_000)
  }

  /// So many seconds; where that is no number, or more than 285 thousand years, the nearest duration that can be
  /// counted in milliseconds. (`Duration.seconds` ends the program then.)
  public static func clamping(seconds: Double) -> Duration { .milliseconds(Int(clamping: seconds * 1000)) }
}
