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
    case "exponential": span = pow(2, Double(attempt - 1)) * Double(options.delay)
    default: return nil
    }
    let jitter = min(1, max(0, options.jitter ?? 0))
    return Int(min(span * (1 - jitter) + span * jitter * random, 1e15))
  }
}
