import Foundation
import Logging
import Redis

/// Works off a queue: takes jobs, runs the processor, and tells Redis how each ended.
///
/// ```swift
/// let worker = Worker("steps", connection: redis) { job in 2500 }
/// try await worker.run()
/// ```
///
/// The task that calls `run()` ends it by cancellation; jobs in hand are then given up to the stalled
/// check of the next worker.
public struct Worker: Sendable {
  /// What is done with a job; its result is the return value, an error a failed attempt.
  public typealias Processor = @Sendable (Job) async throws -> JSON

  private let queue: QueueKey
  private let redis: RedisClient
  private let configuration: WorkerConfiguration
  private let processor: Processor
  private let token: String
  private let cycle: WorkerCycle
  private let logger: Logger

  /// A worker of a queue; it takes nothing before `run()`.
  ///
  /// - Parameters:
  ///   - queueName: the queue.
  ///   - connection: its Redis; without one, the local Redis.
  ///   - prefix: the queue's prefix.
  ///   - configuration: concurrency, lock and name.
  ///   - processor: what is done with a job.
  public init(
    _ queueName: String, connection: RedisClient = RedisClient(), prefix: String = QueueKey.defaultPrefix,
    configuration: WorkerConfiguration = WorkerConfiguration(), logger: Logger = Logger(label: "bullflow.worker"),
    processor: @escaping Processor
  ) {
    queue = QueueKey(prefix: prefix, name: queueName)
    redis = connection
    self.configuration = configuration
    token = UUID().uuidString.lowercased()
    cycle = WorkerCycle(queue: queue, redis: connection, token: token, configuration: configuration)
    self.logger = logger
    self.processor = processor
  }

  /// Works until the task is cancelled.
  public func run() async throws {
    try await withThrowingTaskGroup { group in
      for _ in 0..<configuration.concurrency { group.addTask { try await work() } }
      try await group.waitForAll()
    }
  }

  private func work() async throws {
    let bell = Doorbell(queue: queue, redis: redis, patience: configuration.drainDelay)
    defer { bell.close() }
    while !Task.isCancelled {
      do {
        switch try await cycle.take() {
        case .job(let job): try await process(job)
        case .nothing(let due): try await bell.wait(until: due)
        }
      } catch let error as RedisError where error.isConnectionFailure && error != .closed {
        logger.warning("the worker of \(queue) waits for its Redis: \(error)")
        try await Task.sleep(for: .milliseconds(200))
      }
    }
  }

  private func process(_ job: Job) async throws {
    let outcome: Outcome
    do {
      if let reason = job.snapshot.deferredFailure { throw UnrecoverableError(reason) }
      outcome = .completed(try await keepingLock(of: job) { try await processor(job) })
    } catch is CancellationError {
      return
    } catch {
      outcome = Outcome(failure: error, of: job.snapshot, random: .random(in: 0..<1))
    }
    if let refusal = try await cycle.finish(job.snapshot, as: outcome) {
      logger.error("job \(job.key) could not be ended: \(refusal)")
    }
  }

  /// Runs the processor while the lock is renewed at half its time.
  private func keepingLock(of job: Job, _ body: @escaping @Sendable () async throws -> JSON) async throws -> JSON {
    try await withThrowingTaskGroup { group in
      group.addTask { try await body() }
      group.addTask {
        while true {
          try await Task.sleep(for: configuration.lockDuration / 2)
          // Not a plain SET: the lock may have been lost to another worker meanwhile.
          try await redis.run(
            Self.extendLock, keys: [job.key[.lock]],
            arguments: [.text(token), .init(configuration.lockDuration.milliseconds)]
          )
        }
      }
      defer { group.cancelAll() }
      guard let value = try await group.next() else { throw CancellationError() }
      return value
    }
  }

  private static let extendLock = RedisScript(
    name: "extendLock",
    source: "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
  )
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
