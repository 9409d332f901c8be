import Redis

/// Keeps job schedulers going: whoever takes a scheduler's job adds the one after it.
struct SchedulerChain: Sendable {
  let queue: QueueKey
  let redis: RedisClient
  let clock: WorkerClock

  /// Adds the job after one that was taken, however long Redis is away or refuses writes.
  ///
  /// - Parameters:
  ///   - isOver: whether nobody waits for it any more.
  ///   - tell: is told of the first failure.
  /// - Returns: whether it was done; not, when nobody waits for it any more.
  /// - Throws: what will not be better for waiting.
  func continueWhenPossible(
    after job: Job, isOver: () -> Bool, tell: (RedisError) -> Void
  ) async throws -> Bool {
    var failures = 0
    while true {
      do {
        try await `continue`(after: job)
        return true
      } catch let error as RedisError where error.mayPass {
        if isOver() { return false }
        failures += 1
        if failures == 1 { tell(error) }
        try? await clock.sleep(Backoff().delay(after: failures, random: 0.5))
      }
    }
  }

  /// Adds the job after one that was taken, unless it was the scheduler's last or is there already.
  ///
  /// It may be done again: the scheduler knows which job is its newest, and only that has one after it.
  ///
  /// - Throws: `CronFault`, where the scheduler's options cannot be read; `RedisError`.
  func `continue`(after job: Job) async throws {
    guard let scheduler = job.repeatJobKey else { return }
    let fields = ["pattern", "tz", "every", "offset", "limit", "startDate", "endDate"]
    let answers = try await redis.pipeline([
      ["ZSCORE", .text(queue[.schedulers]), .text(scheduler)],
      RedisCommand("HMGET", [queue.scheduler(scheduler)] + fields),
    ])
    // The scheduler is gone, or another job is its newest by now.
    guard let due = RepeatOptions.number(answers[0].double.map { .double($0) }),
      job.id == Iterations.id(of: scheduler, due: due)
    else { return }
    let record = JSON.object(
      zip(fields, answers[1].array ?? []).compactMap { name, value in value.string.map { .init(name, .string($0)) } })
    let now = clock.now()
    guard
      let next = try Iterations.next(
        after: job.snapshot.opts, of: scheduler, record: record, previous: due, now: now)
    else { return }
    try await redis.run(
      Scripts.continueScheduler, keys: [queue.description],
      arguments: [.text(scheduler), .text(job.id), .init(next.due), .text(next.opts.text), .init(now)])
  }
}

extension QueueKey {
  /// The key of what is known of a job scheduler.
  func scheduler(_ id: String) -> String { self[.schedulers, name: id] }
}

extension RedisError {
  /// Whether the same may succeed later: the server is away, or refuses writes for now.
  var mayPass: Bool {
    if case .reply(_, let line) = self {
      return ["OOM", "READONLY", "LOADING", "MASTERDOWN", "BUSY", "NOREPLICAS", "MISCONF", "TRYAGAIN", "CLUSTERDOWN"]
        .contains { line.hasPrefix($0) }
    }
    return isConnectionFailure
  }
}
