import Dashboard
import Foundation

/// One thing that was looked at.
struct Finding: Equatable {
  enum Level: String { case ok, warn, fail }

  var level: Level
  var subject: String
  var words: String

  init(_ level: Level, _ subject: String, _ words: String) {
    (self.level, self.subject, self.words) = (level, subject, words)
  }

  var line: String {
    "\(level.rawValue.padding(toLength: 5, withPad: " ", startingAt: 0))\(subject): \(CleanText.line(words))"
  }
}
