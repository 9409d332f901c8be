import Foundation

/// How long to wait before another attempt. Pure.
enum BackoffRules {
  /// The wait by BullMQ's own rules; `nil` for a type that they do not know.
  ///
  /// - Parameters:
  ///   - attempt: how many attempts have been made, the failed one included.
  ///   - random: a number in 0..<1, for the jitter.
  /// - Returns: milliseconds.
  static func delay(_ options: BackoffOptions, attempt: Int, random: Double) -> Int? {
    let span: Double
    switch options.type {
    case "fixed": span = Double(options.delay)
    // Of a wait of 0, the double is 0 even where the power of two is infinite.
    case "exponential": span = options.delay == 0 ? 0 : pow(2, Double(attempt) - 1) * Double(options.delay)
    default: return nil
    }
    let longest = min(max(span, 0), 1e15)
    let jitter = options.jitter.map { $0.isNaN ? 0 : min(1, max(0, $0)) } ?? 0
    return Int(clamping: longest * (1 - jitter) + longest * jitter * random)
  }
}
