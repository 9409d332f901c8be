import Foundation
import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// How workers and those who listen end.
@Suite struct WorkerClosingTests {
  @Test func `several workers stop taking jobs together, and end together`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.addBulk((0..<100).map { _ in .init("j") })
      let mayEnd = Locked(false)
      let worker = {
        Worker("q", connection: redis) { _ in
          while !mayEnd.value { try await Task.sleep(for: .milliseconds(5)) }
        }
      }
      let workers = [worker(), worker(), worker()]
      let runs = workers.map { worker in Task { try await worker.run() } }
      #expect(try await eventually { try await queue.getJobCounts()[.active] == 3 } != nil)
      let start = ContinuousClock.now
      async let closing: Void = Worker.close(workers)
      // They have been told by then; whoever took another job would end it, too.
      try await Task.sleep(for: .milliseconds(500))
      mayEnd.edit { $0 = true }
      await closing
      for run in runs { try await run.value }
      // One after the other would take the limit of each.
      #expect(ContinuousClock.now - start < .seconds(20))
      #expect(try await queue.getJobs([.completed]).count == 3, "none has taken another")
      #expect(try await ConsistencyCheck(connection: redis).run() == [])
    }
  }

  @Test func `a worker that stops taking jobs ends when those in hand have ended`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.addBulk([.init("a"), .init("b")])
      let mayEnd = Locked(false)
      let worker = Worker("q", connection: redis) { _ in
        while !mayEnd.value { try await Task.sleep(for: .milliseconds(5)) }
      }
      let run = Task { try await worker.run() }
      #expect(try await eventually { try await queue.getJobCounts()[.active] == 1 } != nil)
      worker.stopTaking()
      mayEnd.edit { $0 = true }
      try await run.value
      #expect(try await queue.getJobs([.completed]).count == 1)
    }
  }

  @Test func `in a cancelled task, pausing waits for nobody and closing hands back at once, without work for a core`()
    async throws
  {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.add("j")
      let worker = Worker("q", connection: redis) { _ in try await Task.sleep(for: .seconds(60)) }
      let run = Task { try await worker.run() }
      #expect(try await eventually { try await queue.getJobCounts()[.active] == 1 } != nil)
      let pausing = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        await worker.pause()
      }
      await pausing.value
      let closing = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        await worker.close()
      }
      await closing.value
      try await run.value
      #expect(try await queue.getJobCounts()[.waiting] == 1)
    }
  }

  @Test func `a cancelled task waits no longer, or for the whole of its time, as it was asked`() async throws {
    let start = ContinuousClock.now
    let shielded = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      await Flag().wait(within: .milliseconds(200), heedsCancellation: false)
    }
    await shielded.value
    #expect(ContinuousClock.now - start >= .milliseconds(200))
    let heeding = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      await Flag().wait(heedsCancellation: true)
    }
    await heeding.value
  }

  @Test func `a worker whose rate limit is long ends at once all the same`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.addBulk([.init("a"), .init("b")])
      let limiter = RateLimit(max: 1, duration: .seconds(60))
      let worker = Worker("q", connection: redis, configuration: WorkerConfiguration(limiter: limiter)) { _ in }
      let run = Task { try await worker.run() }
      #expect(try await eventually { try await queue.getJobCounts()[.completed] == 1 } != nil)
      let start = ContinuousClock.now
      await worker.close()
      try await run.value
      #expect(ContinuousClock.now - start < .seconds(30))
    }
  }

  @Test func `a worker whose Redis is gone ends too`() async throws {
    let server = try await PrivateRedis.start()
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { redis.close() }
    let queue = Queue("q", connection: redis)
    try await queue.add("j")
    let log = RecordingLog()
    let worker = Worker("q", connection: redis, logger: log.logger) { _ in try await Task.sleep(for: .seconds(60)) }
    let run = Task { try await worker.run() }
    #expect(try await eventually { try await queue.getJobCounts()[.active] == 1 } != nil)
    server.stop()
    let start = ContinuousClock.now
    await worker.close(within: .zero)
    try await run.value
    #expect(ContinuousClock.now - start < .seconds(15))
    #expect(log.lines.count < 10, "\(log.lines)")
  }

  @Test func `whoever loses interest in events leaves no connection behind`() async throws {
    try await withRedis { redis, _ in
      try await Queue("q", connection: redis).add("j")
      let clients = { try await redis.send(["CLIENT", "LIST"]).string?.split(separator: "\n").count ?? 0 }
      let before = try await clients()
      for try await _ in QueueEvents("q", connection: redis, from: "0") { break }
      #expect(try await eventually { try await clients() == before } != nil)
      let listening = Task { for try await _ in QueueEvents("q", connection: redis) {} }
      #expect(try await eventually { try await clients() == before + 1 } != nil)
      listening.cancel()
      #expect(try await eventually { try await clients() == before } != nil)
      await #expect(throws: CancellationError.self) { try await listening.value }
    }
  }
}
