import Dashboard
import Foundation

/// A line on standard error that ends nothing.
enum Warning {
  static func tell(_ words: String) {
    try? FileHandle.standardError.write(contentsOf: Data((CleanText.line("bullflow: warning: \(words)") + "\n").utf8))
  }
}
