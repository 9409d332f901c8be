import Logging
import Redis
import ServiceLifecycle

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
  private let metrics: WorkerMetrics

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
      queue: queue, redis: connection, token: RandomIDs.one(), configuration: configuration)
    bell = Doorbell(queue: queue, redis: connection, configuration: configuration)
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
  public func run() async throws {
    // The work goes on in a task of its own: what is in hand must still be told to Redis when ours is cancelled.
    let work = Task { await serve() }
    await withTaskCancellationHandler {
      await withGracefulShutdownHandler {
        await work.value
      } onGracefulShutdown: {
        Task { await self.close() }
      }
    } onCancel: {
      Task { await self.close(within: .zero) }
    }
  }

  /// Takes no more jobs until `resume()`, and waits for those in hand.
  public func pause() async {
    desk.pause()
    await idle()
  }

  /// Takes jobs again.
  public func resume() { desk.resume() }

  /// Takes no more jobs, for good, and lets those in hand end; `run()` returns then.
  ///
  /// - Parameter limit: how long they may take; without it, the configuration's `shutdownLimit`. What is left is
  ///   handed back to the queue.
  public func close(within limit: Duration? = nil) async {
    desk.close()
    bell.close()
    await idle(within: limit ?? configuration.shutdownLimit)
    for attempt in inHand.attempts { attempt.cancel() }
    // Processors that heed their cancellation may say how their jobs ended.
    await idle(within: Self.lastWords)
    inHand.stop()
  }

  private static let lastWords = Duration.milliseconds(500)

  private func idle(within limit: Duration? = nil) async {
    let clock = ContinuousClock()
    let deadline = limit.map { clock.now + $0 }
    while deadline.map({ clock.now < $0 }) ?? true, !desk.isIdle { try? await clock.sleep(for: .milliseconds(5)) }
  }

  /// Tells the processor of a job in hand to stop: its task is cancelled, and the job fails or is tried again.
  ///
  /// - Returns: whether the job is in hand here.
  @discardableResult
  public func cancelJob(_ id: String) -> Bool {
    guard let attempt = inHand[id] else { return false }
    attempt.cancel()
    return true
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
      group.addTask { await self.listen() }
    }
    helpers.cancel()
    await helpers.value
    bell.close()
  }

  private func help() async {
    await withDiscardingTaskGroup { group in
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
    inHand.add(job.id, attempt)
    let result = await attempt.run(on: configuration.executor) { [processor] in try await processor(job) }
    inHand.remove(job.id)
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
    inHand.add(job.id, attempt)
    defer { inHand.remove(job.id) }
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
    var failures = 0
    while let order = await desk.order() {
      do {
        try await carryOut(order)
        failures = 0
      } catch {
        desk.failed(order)
        failures += 1
        logger.warning("the worker of \(queue) waits for its Redis: \(error)")
        try? await configuration.clock.sleep(Backoff(base: .milliseconds(20)).delay(after: failures, random: 0.5))
      }
    }
  }

  private func carryOut(_ order: DeskBook.Order) async throws {
    switch order {
    case .exchange(let ended, let wanted):
      let leaving = ended.filter { $0.outcome == .handedBack }
      try await exchange.handBack(leaving.map(\.job.id))
      let told = ended.filter { $0.outcome != .handedBack }
      let reply = try await exchange(told, wanted: wanted)
      desk.deliver(reply, to: order, retold: refused(told, reply.codes))
    case .reclaim:
      try await exchange.reclaim(except: desk.known)
      desk.reclaimed()
    }
  }

  /// What Redis's codes say of jobs that have ended.
  ///
  /// - Returns: jobs that cannot complete, and fail instead.
  private func refused(_ told: [EndedJob], _ codes: [Int]) -> [EndedJob] {
    zip(told, codes).compactMap { ended, code in
      switch (code, ended.outcome) {
      case (0, _): return nil
      case (-1, _) where ended.isRetold, (-2, _) where ended.isRetold, (-3, _) where ended.isRetold: return nil
      case (-4, .completed), (-9, .completed):
        let reason = "job \(ended.job.key) cannot complete: \(Exchange.refusal(code))"
        return EndedJob(job: ended.job, outcome: .failed(reason: reason))
      default:
        logger.error("job \(ended.job.key) could not be ended: \(Exchange.refusal(code))")
        return nil
      }
    }
  }

  /// Waits at the door for work.
  private func listen() async {
    try? await bell.connect()
    while let quiet = await desk.untilQuiet() {
      do {
        switch quiet {
        case .until(let due): try await bell.wait(until: due)
        case .pause(let pause): try await configuration.clock.sleep(pause)
        }
      } catch {
        // The clerks tell of a Redis that is away.
        if !desk.isClosing { try? await configuration.clock.sleep(.milliseconds(100)) }
      }
      desk.ring()
    }
  }

  private func keepLocks() async {
    while !Task.isCancelled {
      try? await configuration.clock.sleep(configuration.lockDuration / 2)
      guard let lost = try? await exchange.extendLocks(of: inHand.ids), !lost.isEmpty else { continue }
      logger.error("lost the locks of \(lost.joined(separator: ", ")) in \(queue): their processors are stopped")
      for id in lost { inHand[id]?.lose() }
    }
  }

  private func recoverStalled(every interval: Duration) async {
    while !Task.isCancelled {
      if let ids = try? await exchange.recoverStalled(interval: interval), !ids.isEmpty {
        metrics.foundStalled(ids.count)
        logger.warning("put back jobs of \(queue) whose worker is gone: \(ids.joined(separator: ", "))")
      }
      try? await configuration.clock.sleep(interval)
    }
  }
}
