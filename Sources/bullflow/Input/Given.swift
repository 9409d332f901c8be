import ArgumentParser
import Foundation
import QueueClient

/// What may be given as a queue's name, a job's id, or a number: checked before anything is asked of Redis.
enum Given {
  /// A queue's name, which holds no colon: those separate the parts of Redis keys.
  ///
  /// - Throws: `ValidationError`.
  static func queueName(_ text: String) throws -> String {
    if text.isEmpty { throw ValidationError("a queue's name is empty") }
    if text.contains("://") {
      throw ValidationError("a URL goes into REDIS_URL or behind --url, not where a queue does")
    }
    if text.contains(":") {
      throw ValidationError("queue names hold no colon; what stands before the queue's name in its keys is --prefix")
    }
    return text
  }

  /// A job's id.
  ///
  /// - Throws: `ValidationError`.
  static func jobID(_ text: String) throws -> String {
    if text.isEmpty { throw ValidationError("a job's id is empty") }
    return text
  }

  /// A job's whole key, PREFIX:QUEUE:ID.
  ///
  /// - Parameter prefix: the prefix that it begins with, if it can be read in several ways.
  /// - Throws: `Failure` of usage.
  static func jobKey(_ text: String, prefix: String) throws -> JobKey {
    guard let key = JobKey(text, prefix: prefix) else {
      throw Failure(
        what: "usage", why: "'\(Secrets.hidden(in: text))' is no job's key: PREFIX:QUEUE:ID, as in bull:steps:42",
        code: .usage)
    }
    return key
  }

  /// Seconds, with a fraction where one is wanted.
  ///
  /// - Throws: `ValidationError` for what is no number, negative, or longer than three hundred years.
  static func seconds(_ text: String) throws -> Double {
    guard let value = Double(text), (0...1e10).contains(value) else {
      throw ValidationError("it must be a number of seconds in 0...10000000000")
    }
    return value
  }

  /// A place in an event stream.
  ///
  /// - Throws: `ValidationError`.
  static func eventID(_ text: String) throws -> String {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard text == "$" || parts.count <= 2 && parts.allSatisfy({ UInt64($0) != nil && !$0.hasPrefix("+") }) else {
      throw ValidationError("it must be an event's id such as 1700000000000-0, or 0, or $")
    }
    return text
  }
}
