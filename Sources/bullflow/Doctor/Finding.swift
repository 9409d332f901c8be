import Dashboard
import FlowMonitor
import Foundation
import QueueClient

/// One thing that was looked at.
struct Finding: Equatable {
  enum Level: String { case ok, warn, fail }

  var level: Level
  var subject: String
  var words: String
  /// What keeps a flow from finishing, where it is that.
  var cause: Cause?
  /// How many flows need somebody, where it says that: the same number as the dashboard's.
  var problems: KnownCount?

  init(_ level: Level, _ subject: String, _ words: String) {
    (self.level, self.subject, self.words) = (level, subject, words)
  }

  /// What keeps a flow, or a queue's jobs, from finishing.
  init(_ cause: Cause) {
    self.init(
      .fail,
      cause.isOfQueue && cause.chain.count == 1
        ? "queue \(cause.job.queue.name)" : "flow \(cause.chain.first ?? cause.job)",
      Self.words(of: cause))
    self.cause = cause
  }

  private static func words(of cause: Cause) -> String {
    let words = CauseWords(cause)
    let chain = words.chain.map { " (\($0))" } ?? ""
    let fix = cause.fixes.first.map { "; \($0.words): \($0.commandLine)" } ?? ""
    return words.sentence + chain + fix
  }

  var line: String {
    "\(level.rawValue.padding(toLength: 5, withPad: " ", startingAt: 0))\(subject): \(CleanText.line(words))"
  }

  var json: JSON {
    var members: [JSON.Member] = [
      .init("level", .string(level.rawValue)), .init("subject", .string(subject)), .init("words", .string(words)),
    ]
    if let cause {
      members += [
        .init("code", .string(cause.code.rawValue)), .init("job", .string(cause.job.description)),
        .init("chain", .array(cause.chain.map { .string($0.description) })),
      ]
    }
    return .object(members)
  }
}
