/// Numbers as people write them.
public enum DecimalText {
  /// How many digits of a floating-point number mean something whatever was done to it.
  private static let precision = 15

  /// The shortest decimal that is right to 15 significant digits: `0.3` for the sum of 0.1 and 0.2.
  ///
  /// - Returns: digits; with an exponent where they would be more than 21, or begin with more than six zeros behind the
  ///   point; `?` for what is no number or infinite.
  public static func of(_ value: Double) -> String {
    guard value.isFinite else { return "?" }
    if let whole = Int(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
    let (digits, point) = rounded(value.magnitude)
    return (value < 0 ? "-" : "") + layOut(digits, point)
  }

  /// The digits without zeros at either end, and how many of them stand before the point.
  private static func rounded(_ value: Double) -> (digits: [UInt8], point: Int) {
    // Swift's own text is the shortest that gives the same number back: up to 17 digits.
    let parts = "\(value)".split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    var digits = mantissa.joined().utf8.map { $0 - UInt8(ascii: "0") }
    var point = (mantissa.first?.count ?? 0) + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    let zeros = digits.prefix { $0 == 0 }.count
    digits.removeFirst(zeros)
    point -= zeros
    if digits.count > precision {
      let roundsUp = digits[precision] >= 5
      digits = Array(digits.prefix(precision))
      if roundsUp {
        while digits.last == 9 { digits.removeLast() }
        if let last = digits.popLast() {
          digits.append(last + 1)
        } else {
          digits = [1]
          point += 1
        }
      }
    }
    while digits.last == 0 { digits.removeLast() }
    return (digits, point)
  }

  private static func layOut(_ digits: [UInt8], _ point: Int) -> String {
    func text(_ digits: some Sequence<UInt8>) -> String { digits.map { String($0) }.joined() }
    func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
    switch point {
    case digits.count...21: return text(digits) + zeros(point - digits.count)
    case 1..<max(1, digits.count): return text(digits[..<point]) + "." + text(digits[point...])
    case -5...0: return "0." + zeros(-point) + text(digits)
    default:
      return text(digits.prefix(1)) + (digits.count > 1 ? "." + text(digits.dropFirst()) : "") + "e\(point - 1)"
    }
  }
}
