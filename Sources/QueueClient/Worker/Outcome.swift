import Foundation
import Redis

/// How an attempt ended, and what that means for the job.
enum Outcome: Equatable {
  case completed(JSON)
  case failed(reason: String)
  case retried(reason: String, after: Int)

  /// Decides about a failed attempt: another one, or the end.
  ///
  /// - Parameter random: a number in 0..<1, for the backoff's jitter.
  init(failure: any Error, of job: JobSnapshot, random: Double) {
    let reason = "\(failure)"
    if failure is UnrecoverableError || job.attemptsMade + 1 >= job.attempts {
      self = .failed(reason: reason)
    } else {
      self = .retried(
        reason: reason, after: Self.backoff(job.opts["backoff"], attempt: job.attemptsMade + 1, random: random))
    }
  }

  /// The wait before the next attempt, in milliseconds, by BullMQ's `fixed` and `exponential` rules.
  static func backoff(_ options: JSON?, attempt: Int, random: Double) -> Int {
    guard let options else { return 0 }
    let base = options.double ?? options["delay"]?.double ?? 0
    let jitter = min(1, max(0, options["jitter"]?.double ?? 0))
    let span = options["type"]?.string == "exponential" ? pow(2, Double(attempt - 1)) * base : base
    return Int(min(span * (1 - jitter) + span * jitter * random, 1e15))
  }

  func arguments(of job: JobSnapshot, token: String, now: Int) -> [RedisCommand.Argument] {
    let opts = job.opts
    let outcome: String
    let value: String
    var delay = 0
    var removal: JSON?
    switch self {
    case .completed(let result): (outcome, value, removal) = ("completed", result.text, opts["removeOnComplete"])
    case .failed(let reason): (outcome, value, removal) = ("failed", reason, opts["removeOnFail"])
    case .retried(let reason, let after): (outcome, value, delay) = ("retry", reason, after)
    }
    let limit = max(0, opts["stackTraceLimit"]?.int ?? 10)
    let stacktrace = JSON.array((job.stacktrace + [value]).suffix(limit).map { .string($0) })
    let count: Int? = removal?.bool == true ? 0 : removal?.int ?? removal?["count"]?.int
    return [
      .init(now), .text(job.key.id), .text(token), .text(outcome), .text(value), .text(stacktrace.text),
      .init(delay), .text(count.map { String($0) } ?? ""), .text(removal?["age"]?.int.map { String($0) } ?? ""),
      opts["lifo"]?.isTruthy == true ? "1" : "0",
    ]
  }

  /// What a refusal of `finishJob` means.
  static func refusal(_ code: Int) -> String {
    switch code {
    case -1: "it does not exist any more"
    case -2: "its lock has run out"
    case -3: "it is not active any more"
    case -4: "it has pending children"
    case -6: "another worker holds its lock"
    case -9: "it has failed children"
    default: "code \(code)"
    }
  }
}
