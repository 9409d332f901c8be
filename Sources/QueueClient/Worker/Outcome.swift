import Redis

/// How an attempt ended, and what that means for the job.
enum Outcome: Sendable, Equatable {
  /// It completed, with a return value.
  case completed(JSON)
  /// It failed for good.
  case failed(reason: String)
  /// It failed, and is tried again after so many milliseconds.
  case retried(reason: String, after: Int)
  /// It goes back to those that are ready, and costs no attempt.
  case handedBack
  /// The processor has put the job elsewhere.
  case moved

  /// Decides about an error that a processor threw.
  ///
  /// - Parameters:
  ///   - random: a number in 0..<1, for the backoff's jitter.
  ///   - strategy: asked where the backoff is of a type that BullMQ does not know.
  static func of(
    _ error: any Error, in job: Job, random: Double, strategy: WorkerConfiguration.BackoffStrategy? = nil
  ) async -> Outcome {
    if error is JobMoved { return .moved }
    if error is RateLimitError { return .handedBack }
    let reason = "\(error)"
    let opts = job.snapshot.opts
    let made = job.attemptsMade + 1
    if error is UnrecoverableError || made >= max(1, opts["attempts"]?.int ?? 1) { return .failed(reason: reason) }
    guard let backoff = opts["backoff"].flatMap(BackoffOptions.init) else { return .retried(reason: reason, after: 0) }
    if let delay = BackoffRules.delay(backoff, attempt: made, random: random) {
      return .retried(reason: reason, after: delay)
    }
    guard let strategy else {
      return .failed(reason: "\(reason) (unknown backoff '\(backoff.type)': the worker has no strategy for it)")
    }
    let delay = await strategy(made, backoff.type, error, job)
    return delay < 0 ? .failed(reason: reason) : .retried(reason: reason, after: delay)
  }
}

/// A job whose attempt has ended, on its way to Redis.
struct EndedJob: Sendable {
  let job: Job
  var outcome: Outcome
  /// Whether Redis may have been told already: the answer was lost.
  var isRetold = false

  /// The eight arguments of `exchange.lua`.
  func arguments(_ configuration: WorkerConfiguration) -> [RedisCommand.Argument] {
    let opts = job.snapshot.opts
    let (name, value): (String, String)
    var stacktrace = ""
    var delay = 0
    var keep: KeepJobs?
    switch outcome {
    case .completed(let result):
      (name, value) = ("completed", result.text)
      keep = opts["removeOnComplete"].flatMap(KeepJobs.init) ?? configuration.removeOnComplete
    case .failed(let reason):
      (name, value) = ("failed", reason)
      keep = opts["removeOnFail"].flatMap(KeepJobs.init) ?? configuration.removeOnFail
      stacktrace = stacks(adding: reason, opts)
    case .retried(let reason, let after):
      (name, value, delay) = ("retry", reason, after)
      stacktrace = stacks(adding: reason, opts)
    case .handedBack, .moved:
      return []
    }
    let (count, age) = keep?.limits ?? (nil, nil)
    return [
      .text(job.id), .text(name), .text(value), .text(stacktrace), .init(delay),
      .text(count.map { String($0) } ?? ""), .text(age.map { String($0) } ?? ""),
      opts["lifo"]?.isTruthy == true ? "1" : "0",
    ]
  }

  private func stacks(adding reason: String, _ opts: JSON) -> String {
    let limit = max(0, opts["stackTraceLimit"]?.int ?? 10)
    return JSON.array((job.stacktrace + [reason]).suffix(limit).map { .string($0) }).text
  }
}

extension KeepJobs {
  /// How many are kept, and for how many seconds; `nil` is all, and any time.
  var limits: (count: Int?, age: Int?) {
    switch self {
    case .none: (0, nil)
    case .all: (nil, nil)
    case .count(let count): (count, nil)
    case .age(let seconds, let count): (count, seconds)
    }
  }
}
