import ArgumentParser
import Dashboard
import Foundation
import PrivateRedis
import QueueClient
import Redis

/// Something that ends the program: one line, and the code that scripts rely on.
struct Failure: Error {
  var what: String
  var why: String
  var code: Code
  /// What else is wrong, where all is told at once.
  private(set) var others: [Line] = []

  /// One thing that is wrong.
  struct Line {
    var what: String
    var why: String
  }

  enum Code: Int32 {
    case refused = 1
    case redis = 2
    case usage = 64
    case badInput = 65
  }

  /// Why nothing may be changed.
  static let readOnly = "--read-only forbids it (or read_only in the settings)"

  /// One line, fit for a terminal whatever the reason quotes.
  var line: String { CleanText.line("bullflow: \(what): \(why)") }

  /// The failure behind any error that a command throws; `nil` for what is none, such as a wish for help.
  init?(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case RedisError.badURL(let why): self.init(what: "bad Redis URL", why: why, code: .usage)
    case RedisError.badTLSFile(let why): self.init(what: "TLS", why: why, code: .badInput)
    case RedisError.readOnly: self.init(what: "Redis", why: Self.readOnly, code: .refused)
    case let error as RedisError where error.isConnectionFailure:
      self.init(what: "Redis", why: error.description + "; is --url (or REDIS_URL) right?", code: .redis)
    case let error as RedisError:
      self.init(what: "Redis", why: error.description, code: error.isServersRefusal ? .redis : .refused)
    case let error as JobError: self.init(what: "job", why: error.description, code: .refused)
    case let error as UnrecordedJobs: self.init(what: "work", why: error.description, code: .redis)
    case let error as QueueError: self.init(what: "queue", why: error.description, code: .refused)
    case let error as FlowError:
      self.init(what: "add", why: error.description, code: error.isFault ? .badInput : .refused)
    case let error as JSON.SyntaxError: self.init(what: "JSON", why: error.description, code: .badInput)
    case let error as Terminal.Failure: self.init(what: "terminal", why: error.description, code: .refused)
    case let error as PrivateRedis.Failure: self.init(what: "private Redis", why: error.description, code: .redis)
    case is ExitCode, is CleanExit: return nil
    case is CancellationError: self.init(what: "stopped", why: "it was told to end", code: .refused)
    default:
      let code = Bullflow.exitCode(for: error)
      if code.isSuccess { return nil }
      if code == .validationFailure {
        self.init(parsing: error)
      } else {
        self.init(what: "error", why: Bullflow.message(for: error), code: .refused)
      }
    }
  }

  init(what: String, why: String, code: Code) {
    self.what = what
    self.why = why
    self.code = code
  }

  /// Several at once; `nil` for none.
  init?(_ lines: [Line], code: Code) {
    guard let first = lines.first else { return nil }
    self.init(what: first.what, why: first.why, code: code)
    others = Array(lines.dropFirst())
  }

  /// A line for each thing that is wrong.
  var lines: [String] {
    [line] + others.map { Failure(what: $0.what, why: $0.why, code: code).line }
  }

  /// What ArgumentParser says of a command line, without what may be a secret in it.
  private init(parsing error: any Error) {
    let lines = Bullflow.message(for: error).split(whereSeparator: \.isNewline).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let advice = Bullflow.fullMessage(for: error).split(whereSeparator: \.isNewline).last { $0.hasPrefix("  See '") }
    let help = advice.flatMap { $0.split(separator: "'").dropFirst().first } ?? "bullflow --help"
    var why = Secrets.hidden(in: lines.joined(separator: "; "))
    while why.hasSuffix(".") { why.removeLast() }
    self.init(what: "usage", why: "\(why.isEmpty ? "no such command line" : why); see '\(help)'", code: .usage)
  }

  /// Ends the program: with one line on standard error, or ArgumentParser's way where somebody asked for help.
  static func exit(with error: any Error) -> Never {
    guard let failure = Failure(error) else { Bullflow.exit(withError: error) }
    try? FileHandle.standardError.write(contentsOf: Data((failure.lines.joined(separator: "\n") + "\n").utf8))
    Foundation.exit(failure.code.rawValue)
  }
}
