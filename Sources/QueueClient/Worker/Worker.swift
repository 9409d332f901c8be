import Logging
import Redis
import ServiceLifecycle
import Synchronization

/// Works off a queue: takes jobs, runs the processor, and tells Redis how each ended.
///
/// ```swift
/// let worker = Worker("steps", connection: redis) { job in 2500 }
/// try await worker.run()
/// ```
///
/// A worker is a `Service` of swift-service-lifecycle: at a graceful shutdown it takes no more jobs, lets those in hand
/// end for `shutdownLimit`, and hands back the rest. Cancelling the task that runs it hands them back at once.
public final class Worker: Service {
  /// The queue it works off.
  public let queue: QueueKey
  /// How it works.
  public let configuration: WorkerConfiguration

  private let processor: @Sendable (Job) async throws -> JSON
  private let logger: Logger
  private let exchange: Exchange
  private let desk = JobDesk()
  private let inHand = JobsInHand()
  private let bell: Doorbell
  private let alarm: Alarm
  private let troubles: WorkerTroubles
  private let metrics: WorkerMetrics
  private let serving = Mutex<Task<Void, Never>?>(nil)

  /// A worker of a queue; it takes nothing before `run()`.
  ///
  /// - Parameters:
  ///   - queueName: the queue.
  ///   - connection: its Redis; without one, the local Redis.
  ///   - prefix: the queue's prefix.
  ///   - configuration: concurrency, limits, locks.
  ///   - logger: who is told of lost jobs and of a Redis that is away.
  ///   - processor: what is done with a job. Its result is the return value, as JSON; an error is a failed attempt,
  ///     `UnrecoverableError` the last one. Its task is cancelled when the job is lost to another worker.
  public init<Result: Encodable & Sendable>(
    _ queueName: String, connection: RedisClient = RedisClient(), prefix: String = QueueKey.defaultPrefix,
    configuration: WorkerConfiguration = WorkerConfiguration(), logger: Logger = Logger(label: "bullflow.worker"),
    processor: @escaping @Sendable (Job) async throws -> Result
  ) {
    queue = QueueKey(prefix: prefix, name: queueName)
    self.configuration = configuration
    self.logger = logger
    self.processor = { job in try JSON(encoding: try await processor(job)) }
    exchange = Exchange(
      queue: queue, redis: connection, tokens: LockTokens(), configuration: configuration)
    alarm = Alarm(clock: configuration.clock)
    troubles = WorkerTroubles(queue: queue, logger: logger)
    bell = Doorbell(queue: queue, redis: connection, configuration: configuration, troubles: troubles)
    metrics = WorkerMetrics(queue: queue)
  }

  /// A worker whose jobs return nothing.
  public convenience init(
    _ queueName: String, connection: RedisClient = RedisClient(), prefix: String = QueueKey.defaultPrefix,
    configuration: WorkerConfiguration = WorkerConfiguration(), logger: Logger = Logger(label: "bullflow.worker"),
    processor: @escaping @Sendable (Job) async throws -> Void
  ) {
    self.init(
      queueName, connection: connection, prefix: prefix, configuration: configuration, logger: logger
    ) { job -> JSON in
      try await processor(job)
      return .null
    }
  }

  // MARK: From outside

  /// Works until the task is cancelled, the service group shuts down, or the worker is closed. To be called once.
  ///
  /// - Throws: `UnrecordedJobs`, where Redis was away, or took no changes, at the end and jobs had ended.
  public func run() async throws {
    // The work goes on in a task of its own: what is in hand must still be told to Redis when ours is cancelled.
    let work = Task { await serve() }
    serving.withLock { $0 = work }
    await withTaskCancellationHandler {
      await withGracefulShutdownHandler {
        await work.value
      } onGracefulShutdown: {
        Task { await self.close() }
      }
    } onCancel: {
      Task { await self.close(within: .zero) }
    }
    let left = UnrecordedJobs(desk.untold)
    if !left.ended.isEmpty { throw left }
  }

  /// Takes no more jobs until `resume()`, and waits for those in hand; a cancelled task waits no longer.
  public func pause() async {
    desk.pause()
    await desk.untilIdle()
  }

  /// Takes jobs again.
  public func resume() { desk.resume() }

  /// Takes no more jobs, for good; those in hand go on, and `run()` returns when they have ended.
  ///
  /// For who closes several workers, so that none of them takes a job that another's end leaves too little time for:
  /// stop them all, then close them.
  public func stopTaking() {
    desk.close()
    bell.close()
  }

  /// Takes no more jobs, for good, and lets those in hand end; `run()` returns then. In a cancelled task, those in hand
  /// are stopped at once.
  ///
  /// - Parameter limit: how long they may take; without it, the configuration's `shutdownLimit`. What is left is
  ///   handed back to the queue.
  public func close(within limit: Duration? = nil) async {
    stopTaking()
    await desk.untilIdle(within: limit ?? configuration.shutdownLimit)
    for attempt in inHand.attempts { attempt.cancel() }
    // Processors that heed their cancellation may say how their jobs ended.
    await desk.untilIdle(within: Self.lastWords, heedsCancellation: false)
    inHand.stop()
    Task { await abandon(after: Self.farewell) }
  }

  /// Closes several workers at once: all stop taking jobs, and those in hand end or are handed back together.
  ///
  /// - Parameters:
  ///   - workers: the workers.
  ///   - limit: as of `close(within:)`.
  public static func close(_ workers: [Worker], within limit: Duration? = nil) async {
    for worker in workers { worker.stopTaking() }
    await withDiscardingTaskGroup { group in
      for worker in workers { group.addTask { await worker.close(within: limit) } }
    }
  }

  private static let lastWords = Duration.milliseconds(500)
  /// How long Redis may take to hear of the last jobs.
  private static let farewell = Duration.seconds(3)

  /// Ends what still waits for a Redis that is away; other workers find the jobs.
  private func abandon(after limit: Duration) async {
    guard let work = serving.withLock({ $0 }) else { return }
    let isOver = Flag()
    let watch = Task {
      await work.value
      isOver.raise()
    }
    await isOver.wait(within: limit, heedsCancellation: false)
    desk.abandon()
    work.cancel()
    await watch.value
  }

  /// Tells the processor of a job in hand to stop: its task is cancelled, and the job fails or is tried again.
  ///
  /// - Returns: whether the job is in hand here.
  @discardableResult
  public func cancelJob(_ id: String) -> Bool {
    let attempts = inHand.attempts(at: id)
    for attempt in attempts { attempt.cancel() }
    return !attempts.isEmpty
  }

  // MARK: At work

  /// How many exchanges may be under way at once: while Redis works on one, the next is being made.
  private static let clerks = 2

  private func serve() async {
    let helpers = Task { await help() }
    // Beside the connection: only processors run elsewhere.
    let place = exchange.redis.executor
    await withDiscardingTaskGroup { group in
      for _ in 0..<configuration.concurrency { group.addTask(executorPreference: place) { await self.lane() } }
      for _ in 0..<Self.clerks { group.addTask(executorPreference: place) { await self.clerk() } }
    }
    helpers.cancel()
    bell.close()
    alarm.cancel()
    await helpers.value
  }

  private func help() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.listen() }
      group.addTask { await self.keepLocks() }
      if let interval = configuration.stalledInterval {
        group.addTask { await self.recoverStalled(every: interval) }
      }
    }
  }

  /// One of `concurrency`: a job after the other.
  private func lane() async {
    var ended: EndedJob?
    while let job = await desk.next(after: ended) { ended = EndedJob(job: job, outcome: await work(on: job)) }
  }

  private func work(on job: Job) async -> Outcome {
    if job.repeatJobKey != nil, let ended = await continueScheduler(after: job) { return ended }
    if let reason = job.deferredFailure { return .failed(reason: reason) }
    let start = ContinuousClock.now
    let attempt = Attempt()
    inHand.add(job.lock, attempt)
    let result = await attempt.run(on: configuration.executor) { [processor] in try await processor(job) }
    inHand.remove(job.lock)
    if attempt.isLost {
      logger.error("job \(job.key) was lost while it was worked on; whoever has it now will tell how it ends")
      return .moved
    }
    let outcome: Outcome
    switch result {
    case .success(let value):
      outcome = .completed(value)
    case .failure(is Attempt.GivenUp):
      outcome = .handedBack
    case .failure(let error):
      outcome =
        error is CancellationError && desk.isClosing
        ? .handedBack
        : await .of(error, in: job, random: .random(in: 0..<1), strategy: configuration.backoffStrategy)
    }
    metrics.ended(outcome, after: ContinuousClock.now - start)
    return outcome
  }

  /// Adds the job after one of a scheduler, before anything can happen to this one.
  ///
  /// - Returns: what becomes of the job where it cannot be worked on now.
  private func continueScheduler(after job: Job) async -> Outcome? {
    let chain = SchedulerChain(queue: queue, redis: exchange.redis, clock: configuration.clock)
    // Its lock is kept meanwhile.
    let attempt = Attempt()
    inHand.add(job.lock, attempt)
    defer { inHand.remove(job.lock) }
    do {
      let isDone = try await chain.continueWhenPossible(after: job) {
        attempt.isLost || desk.isClosing
      } tell: { error in
        logger.warning("job \(job.key) waits until its scheduler can go on: \(error)")
      }
      // Whoever takes the job next continues the chain.
      return isDone ? nil : attempt.isLost ? .moved : .handedBack
    } catch {
      logger.error("no job comes after \(job.key) of scheduler '\(job.repeatJobKey ?? "")': \(error)")
      return nil
    }
  }

  /// Carries out what the desk decides.
  private func clerk() async {
    while let order = await desk.order() {
      do {
        try await carryOut(order)
      } catch {
        exchange.beCareful()
        let rest = troubles.failed(.exchanging, error)
        desk.failed(order)
        try? await configuration.clock.sleep(rest)
        desk.rested()
      }
    }
  }

  private func carryOut(_ order: DeskBook.Order) async throws {
    switch order {
    case .exchange(let ended, let wanted, _):
      let leaving = ended.filter { $0.outcome == .handedBack }
      try await exchange.handBack(leaving.map(\.job.lock))
      let told = ended.filter { $0.outcome != .handedBack }
      let reply = try await exchange(told, wanted: wanted)
      desk.deliver(reply, to: order, retold: await refused(told, reply.codes))
      if reply.pause > .zero {
        // A limit may be lifted while we wait for its end.
        alarm.set(after: min(reply.pause, configuration.patience)) { [desk] in desk.ring() }
      }
      troubles.over(.exchanging)
      // Of the marker, who waits for it tells.
      if let key = reply.oddKey, key != queue[.marker] {
        troubles.wentWithout(key)
      } else if !told.isEmpty || !reply.jobs.isEmpty {
        troubles.over(.telling)
      }
    case .reclaim:
      try await exchange.reclaim(except: desk.known)
      desk.done(order)
    case .wakeAnother:
      try await exchange.wakeAnother()
      desk.done(order)
    }
  }

  /// What Redis's codes say of jobs that have ended.
  ///
  /// - Returns: jobs that cannot complete, and fail instead, or are tried again.
  private func refused(_ told: [EndedJob], _ codes: [Int]) async -> [EndedJob] {
    var retold: [EndedJob] = []
    for (ended, code) in zip(told, codes) where code != 0 {
      switch (code, ended.outcome) {
      case (-6 ... -1, _) where ended.isRetold && code != -4: break
      case (-4, .completed):
        // A mistake of the processor like any other.
        let outcome = await Outcome.of(
          ProcessorMistake(description: "job \(ended.job.key) cannot complete: \(Exchange.refusal(code))"),
          in: ended.job, random: .random(in: 0..<1), strategy: configuration.backoffStrategy)
        retold.append(EndedJob(job: ended.job, outcome: outcome))
      case (-9, .completed):
        let reason = "job \(ended.job.key) cannot complete: \(Exchange.refusal(code))"
        retold.append(EndedJob(job: ended.job, outcome: .failed(reason: reason)))
      default:
        logger.error("job \(ended.job.key) could not be ended: \(Exchange.refusal(code))")
      }
    }
    return retold
  }

  private struct ProcessorMistake: Error, CustomStringConvertible {
    let description: String
  }

  /// Waits at the door for work.
  private func listen() async {
    // The worker is found among those of its queue from the beginning.
    try? await bell.connect()
    while let due = await desk.untilQuiet() {
      do {
        try await bell.wait(until: due)
        troubles.over(.listening)
      } catch {
        // The wait ends, too, when we close.
        guard desk.isOpen else { continue }
        var rest = troubles.failed(.listening, error)
        // Without the right to be woken, one looks for oneself.
        if (error as? RedisError)?.isMissingRight == true { rest = bell.pollInterval(until: due) }
        do { try await configuration.clock.sleep(rest) } catch { return }
      }
      desk.ring()
    }
  }

  private func keepLocks() async {
    let interval = configuration.lockDuration / 2
    var rest = interval
    while (try? await configuration.clock.sleep(rest)) != nil {
      do {
        // What ended while its lock was to be renewed is not lost: there is none any more.
        let lost = try await exchange.extend(inHand.locks).filter { inHand[$0] != nil }
        troubles.over(.renewing)
        rest = interval
        guard !lost.isEmpty else { continue }
        let ids = lost.map(\.id).joined(separator: ", ")
        logger.error("lost the locks of \(ids) in \(queue): their processors are stopped")
        for lock in lost { inHand[lock]?.lose() }
      } catch {
        rest = min(troubles.failed(.renewing, error), interval)
      }
    }
  }

  private func recoverStalled(every interval: Duration) async {
    repeat {
      do {
        let ids = try await exchange.recoverStalled(interval: interval)
        troubles.over(.recovering)
        guard !ids.isEmpty else { continue }
        metrics.foundStalled(ids.count)
        logger.warning("put back jobs of \(queue) whose worker is gone: \(ids.joined(separator: ", "))")
      } catch let error as RedisError where error.isWrongType {
        // Told by whoever takes jobs next, and looks first.
        exchange.beCareful()
      } catch {
        _ = troubles.failed(.recovering, error)
      }
    } while (try? await configuration.clock.sleep(interval)) != nil
  }
}
