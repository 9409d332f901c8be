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
    if error is RateLimitError || (error is NotStartedError && !job.hasAttemptsLeft) { return .handedBack }
    // A child whose failure fails the job stays failed, however often the job tries.
    if case JobError.failedChildren = error { return .failed(reason: "\(error)") }
    let reason = "\(error)"
    let opts = job.snapshot.opts
    if error is UnrecoverableError || !job.hasAttemptsLeft { return .failed(reason: reason) }
    let made = max(0, job.attemptsMade) + 1
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

  /// The five arguments of `exchange.lua`.
  func arguments(_ configuration: WorkerConfiguration) -> [RedisCommand.Argument] {
    let opts = job.snapshot.opts
    switch outcome {
    case .completed(let result):
      let keep = opts["removeOnComplete"].flatMap(KeepJobs.init) ?? configuration.removeOnComplete
      return [
        .text(job.id), .text(job.lock.token), .text(OutcomeName.completed.rawValue), .text(result.text),
        .text(JSON.details(keep.details + repetition)),
      ]
    case .failed(let reason):
      let keep = opts["removeOnFail"].flatMap(KeepJobs.init) ?? configuration.removeOnFail
      var details = [.init("stacktrace", stacks(adding: reason, opts))] + keep.details + repetition
      if job.hasAttemptsLeft { details.append(.init("hasAttemptsLeft", .bool(true))) }
      return [
        .text(job.id), .text(job.lock.token), .text(OutcomeName.failed.rawValue), .text(reason),
        .text(JSON.details(details)),
      ]
    case .retried(let reason, let delay):
      let details: [JSON.Member] = [
        .init("stacktrace", stacks(adding: reason, opts)), .init("delay", .int(delay)),
        .init("lifo", .bool(opts["lifo"]?.isTruthy == true)),
      ]
      return [
        .text(job.id), .text(job.lock.token), .text(OutcomeName.retry.rawValue), .text(reason),
        .text(JSON.details(details + repetition)),
      ]
    case .handedBack, .moved:
      return []
    }
  }

  private var repetition: [JSON.Member] { isRetold ? [.init("isRetold", true)] : [] }

  /// The stacks, as JSON within a text: as they are stored.
  private func stacks(adding reason: String, _ opts: JSON) -> JSON {
    let limit = max(0, opts["stackTraceLimit"]?.int ?? .max)
    return .string(JSON.array((job.stacktrace + [reason]).suffix(limit).map { .string($0) }).text)
  }
}

extension Job {
  /// Whether it may be tried again when this attempt fails.
  fileprivate var hasAttemptsLeft: Bool { snapshot.attemptsMade < max(1, snapshot.opts["attempts"]?.int ?? 1) - 1 }
}

extension KeepJobs? {
  /// How many are kept, and for how many seconds; without a number all, and for any time.
  fileprivate var details: [JSON.Member] {
    switch self {
    case nil, .some(.all): []
    case .some(.none): [.init("keepCount", 0)]
    case .count(let count): [.init("keepCount", .int(count))]
    case .age(let seconds, let count):
      [.init("keepAge", .int(seconds))] + (count.map { [.init("keepCount", .int($0))] } ?? [])
    }
  }
}
