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

  enum Code: Int32 {
    case refused = 1
    case redis = 2
    case usage = 64
    case badInput = 65
  }

  var line: String { "bullflow: \(what): \(why)" }

  /// The failure behind any error that a command throws.
  init?(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case RedisError.badURL(let why): self.init(what: "bad Redis URL", why: why, code: .usage)
    case let error as RedisError where error.isConnectionFailure:
      self.init(what: "Redis", why: error.description + "; is --url (or REDIS_URL) right?", code: .redis)
    case let error as RedisError:
      self.init(what: "Redis", why: error.description, code: error.isMissingRight ? .redis : .refused)
    case let error as JobError: self.init(what: "job", why: error.description, code: .refused)
    case let error as QueueError: self.init(what: "queue", why: error.description, code: .refused)
    case let error as FlowError:
      self.init(what: "add", why: error.description, code: error.isFault ? .badInput : .refused)
    case let error as JSON.SyntaxError: self.init(what: "JSON", why: error.description, code: .badInput)
    case let error as Terminal.Failure: self.init(what: "terminal", why: error.description, code: .refused)
    case let error as PrivateRedis.Failure: self.init(what: "private Redis", why: error.description, code: .redis)
    default: return nil
    }
  }

  init(what: String, why: String, code: Code) {
    self.what = what
    self.why = why
    self.code = code
  }

  /// Ends the program: with a line on standard error for our own errors, ArgumentParser's way for the rest.
  static func exit(with error: any Error) -> Never {
    guard let failure = Failure(error) else { Bullflow.exit(withError: error) }
    FileHandle.standardError.write(Data((failure.line + "\n").utf8))
    Foundation.exit(failure.code.rawValue)
  }
}
