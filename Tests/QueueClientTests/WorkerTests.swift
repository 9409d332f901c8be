import Foundation
import PrivateRedis
import Redis
import ServiceLifecycle
import TestSupport
import Testing

@testable import QueueClient

/// What workers do, each rule by hand and on a clock of our own, and whole workers where they must run.
@Suite struct WorkerTests {
  // MARK: Taking

  @Test func `workers take by priority, after those that have none, and the first in first`() async throws {
    try await withHand { hand in
      for (id, priority) in [("low", 9), ("none", 0), ("high", 1), ("high-2", 1)] {
        try await hand.add(node("q/\(id)", ["priority": .int(priority)]))
      }
      try await hand.add(node("q/front", ["lifo": true]))
      var order: [String] = []
      for _ in 0..<5 { order.append(try await hand.complete("q").id) }
      #expect(order == ["front", "none", "high", "high-2", "low"])
    }
  }

  @Test func `delayed jobs are promoted when they are due, in the order of their times`() async throws {
    try await withHand { hand in
      for (id, delay) in [("second", 2000), ("first", 1000), ("also-first", 1000)] {
        try await hand.add(node("q/\(id)", ["delay": .int(delay), "timestamp": .int(hand.now)]))
      }
      #expect(try await hand.ask("q").nextDue == hand.now + 1000)
      hand.pass(1000)
      #expect(try await hand.complete("q").id == "first")
      #expect(try await hand.complete("q").id == "also-first")
      #expect(try await hand.take("q") == nil)
      hand.pass(1000)
      #expect(try await hand.complete("q").id == "second")
    }
  }

  @Test func `a rate limit holds jobs back, for its own workers and, set on the queue, for all`() async throws {
    try await withHand(isConsistent: false) { hand in
      for id in ["a", "b", "c", "d"] { try await hand.add(node("q/\(id)")) }
      let limit = RateLimit(max: 2, duration: .seconds(60))
      #expect(try await hand.take("q", limiter: limit) != nil)
      #expect(try await hand.take("q", limiter: limit) != nil)
      let limited = try await hand.ask("q", limiter: limit)
      #expect(limited.jobs.isEmpty && limited.pause > .seconds(50))
      #expect(try await hand.take("q") != nil)
      let queue = Queue("q", connection: hand.redis)
      try await queue.setGlobalRateLimit(RateLimit(max: 1, duration: .seconds(60)))
      #expect(try await hand.take("q") == nil)
      try await queue.setGlobalRateLimit(nil)
      #expect(try await hand.take("q") != nil)
    }
  }

  @Test func `a global concurrency bounds the active jobs of all workers`() async throws {
    try await withHand(isConsistent: false) { hand in
      let queue = Queue("q", connection: hand.redis)
      try await queue.setGlobalConcurrency(1)
      #expect(try await queue.getGlobalConcurrency() == 1)
      try await queue.addBulk([.init("a"), .init("b")])
      let first = try #require(try await hand.take("q"))
      #expect(try await hand.take("q") == nil)
      try await hand.end(first, .completed(1))
      #expect(try await hand.take("q") != nil)
    }
  }

  @Test func `what old versions and careless hands left in a list is passed over`() async throws {
    try await withHand { hand in
      try await hand.add(node("q/real"))
      try await hand.redis.send(["RPUSH", "bull:q:wait", "ghost", "0:123"])
      #expect(try await hand.complete("q").id == "real")
      #expect(try await hand.redis.send(["LLEN", "bull:q:active"]).int == 0)
    }
  }

  // MARK: Ending

  @Test func `a job is ended by the worker that holds its lock alone, and only once`() async throws {
    try await withHand { hand in
      try await hand.add(node("q/a"))
      let job = try #require(try await hand.take("q"))
      #expect(try await hand.end(Job(job.snapshot, redis: hand.redis, token: "thief"), .completed(1)) == -6)
      #expect(try await hand.end(job, .completed(1)) == 0)
      #expect(try await hand.end(job, .completed(1)) == -2)
      try await job.remove()
      #expect(try await hand.end(job, .completed(1)) == -1)
    }
  }

  @Test func `ended jobs are kept by number and by age`() async throws {
    try await withHand { hand in
      for index in 0..<5 {
        try await hand.add(node("n/n\(index)", ["removeOnComplete": 2]))
        try await hand.complete("n")
        hand.pass(10)
      }
      #expect(try await hand.redis.send(["ZRANGE", "bull:n:completed", "0", "-1"]).strings == ["n3", "n4"])
      for index in 0..<3 {
        try await hand.add(node("t/t\(index)", ["removeOnFail": ["age": 60]]))
        try await hand.fail("t")
        hand.pass(40_000)
      }
      #expect(try await hand.redis.send(["ZRANGE", "bull:t:failed", "0", "-1"]).strings == ["t1", "t2"])
    }
  }

  @Test func `metrics count what ended, minute by minute, as many minutes as are kept`() async throws {
    try await withHand { hand in
      for index in 0..<4 {
        try await hand.add(node("q/a\(index)"))
        let job = try #require(try await hand.take("q"))
        try await hand.end(job, .completed(1), points: 3)
        hand.pass(index == 1 ? 180_000 : 60_000)
      }
      let metrics = try await Queue("q", connection: hand.redis).getMetrics()
      #expect(metrics.count == 4 && metrics.data == [1, 0, 0] && metrics.points == 3)
    }
  }

  // MARK: Losing

  @Test func `a job whose worker is gone runs again, and fails when that happens too often`() async throws {
    try await withHand { hand in
      try await hand.add(node("q/a"))
      for round in 1...2 {
        _ = try #require(try await hand.take("q"))
        #expect(try await hand.recoverStalled("q") == [], "it has a lock, and was not looked at before")
        try await hand.redis.send(["DEL", "bull:q:a:lock"])
        #expect(try await hand.recoverStalled("q") == ["a"])
        #expect(try await hand.job("bull:q:a").stalledCounter == round)
      }
      let job = try #require(try await hand.take("q"))
      #expect(job.deferredFailure == "job stalled more than allowable limit")
      try await hand.end(job, .failed(reason: job.deferredFailure ?? ""))
    }
  }

  // MARK: Deciding

  @Test(arguments: [
    (BackoffOptions.fixed(500), 3, 0.0, 500), (.exponential(500), 1, 0, 500), (.exponential(500), 4, 0, 4000),
    (.fixed(1000, jitter: 0.5), 1, 0, 500), (.fixed(1000, jitter: 0.5), 1, 0.999, 999),
  ])
  func `the wait before another attempt follows its backoff`(
    backoff: BackoffOptions, attempt: Int, random: Double, wait: Int
  ) {
    #expect(BackoffRules.delay(backoff, attempt: attempt, random: random) == wait)
  }

  @Test func `an error is another attempt, or the end`() async throws {
    func job(_ opts: JSON, made: Int = 0) -> Job {
      Job(
        JobSnapshot(key: JobKey(queue: QueueKey(name: "q"), id: "a"), fields: ["opts": opts.text, "atm": "\(made)"]),
        redis: RedisClient())
    }
    let error = Hand.Reason(description: "kaputt")
    #expect(await Outcome.of(error, in: job([:]), random: 0) == .failed(reason: "kaputt"))
    #expect(await Outcome.of(error, in: job(["attempts": 2]), random: 0) == .retried(reason: "kaputt", after: 0))
    #expect(await Outcome.of(error, in: job(["attempts": 2], made: 1), random: 0) == .failed(reason: "kaputt"))
    #expect(await Outcome.of(UnrecoverableError("no"), in: job(["attempts": 9]), random: 0) == .failed(reason: "no"))
    #expect(await Outcome.of(JobMoved.toDelayed, in: job([:]), random: 0) == .moved)
    #expect(await Outcome.of(RateLimitError(), in: job([:]), random: 0) == .handedBack)
    let custom: JSON = ["attempts": 3, "backoff": ["type": "mine"]]
    #expect(
      await Outcome.of(error, in: job(custom), random: 0) { made, type, _, _ in type == "mine" ? made * 10 : 0 }
        == .retried(reason: "kaputt", after: 10))
    #expect(await Outcome.of(error, in: job(custom), random: 0) { _, _, _, _ in -1 } == .failed(reason: "kaputt"))
  }

  // MARK: Whole workers

  @Test func `as many jobs run at once as the concurrency says, and flows added meanwhile run too`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.addBulk((0..<30).map { _ in .init("j") })
      let now = Locked(0)
      let most = Locked(0)
      let worker = Worker("q", connection: redis, configuration: WorkerConfiguration(concurrency: 5)) { _ in
        now.edit { $0 += 1 }
        most.edit { $0 = max($0, now.value) }
        try await Task.sleep(for: .milliseconds(10))
        now.edit { $0 -= 1 }
      }
      try await running(worker) {
        try await FlowProducer(connection: redis).add(node("q/root", node("q/c1"), node("q/c2")))
        #expect(try await eventually { try await queue.getJobCounts()[.completed] == 33 } != nil)
      }
      #expect(most.value == 5)
      #expect(try await ConsistencyCheck(connection: redis).run() == [])
    }
  }

  @Test func `a paused worker takes nothing until it is resumed`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      let worker = Worker("q", connection: redis) { _ in 1 }
      try await running(worker) {
        await worker.pause()
        try await queue.add("a")
        try await Task.sleep(for: .milliseconds(150))
        #expect(try await queue.getJobCounts()[.waiting] == 1)
        worker.resume()
        #expect(try await eventually { try await queue.getJobCounts()[.completed] == 1 } != nil)
      }
    }
  }

  @Test func `closing lets jobs in hand end, and hands back what takes too long`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.addBulk([.init("short"), .init("endless")])
      let began = Locked(0)
      let worker = Worker("q", connection: redis, configuration: WorkerConfiguration(concurrency: 2)) { job in
        began.edit { $0 += 1 }
        if job.name == "short" { return try await Task.sleep(for: .milliseconds(150)) }
        // One that does not heed its cancellation.
        while began.value < 100 { await sleepHeedless(for: .milliseconds(20)) }
      }
      let run = Task { try await worker.run() }
      #expect(try await eventually { began.value == 2 } != nil)
      await worker.close(within: .milliseconds(400))
      try await run.value
      #expect(try await queue.getJobs([.completed]).map(\.name) == ["short"])
      #expect(try await queue.getJobs([.waiting]).map(\.name) == ["endless"])
      #expect(try await ConsistencyCheck(connection: redis).run() == [])
      began.edit { $0 = 100 }
    }
  }

  @Test func `a cancelled worker hands its jobs back at once`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.add("a")
      let worker = Worker("q", connection: redis) { _ in try await Task.sleep(for: .seconds(60)) }
      let run = Task { try await worker.run() }
      #expect(try await eventually { try await queue.getJobCounts()[.active] == 1 } != nil)
      run.cancel()
      _ = await run.result
      #expect(try await queue.getJobCounts()[.waiting] == 1)
      #expect(try await ConsistencyCheck(connection: redis).run() == [])
    }
  }

  @Test func `processors run where the configuration says`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      for name in ["a", "b"] { try await queue.add(name) }
      let place = ThreadOfOurOwn()
      let configuration = WorkerConfiguration(concurrency: 2, executor: place)
      let worker = Worker("q", connection: redis, configuration: configuration) { _ in place.isCurrent }
      try await running(worker) {
        _ = try await eventually { try await queue.getJobCounts()[.completed] == 2 }
      }
      let results = try await queue.getJobs([.completed]).map(\.returnvalue)
      #expect(results == ["true", "true"])
    }
  }

  /// Runs tasks on a queue that knows itself.
  private final class ThreadOfOurOwn: TaskExecutor {
    private let queue = DispatchQueue(label: "processors")
    private let key = DispatchSpecificKey<Bool>()

    init() { queue.setSpecific(key: key, value: true) }

    var isCurrent: Bool { DispatchQueue.getSpecific(key: key) == true }

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
  }

  @Test func `a service group shuts a worker down gracefully`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.add("a")
      let began = Locked(false)
      let worker = Worker("q", connection: redis) { _ in
        began.edit { $0 = true }
        try await Task.sleep(for: .milliseconds(100))
      }
      let group = ServiceGroup(services: [worker], logger: .init(label: "test"))
      let run = Task { try await group.run() }
      #expect(try await eventually { began.value } != nil)
      await group.triggerGracefulShutdown()
      try await run.value
      #expect(try await queue.getJobCounts()[.completed] == 1)
    }
  }

  @Test func `locks are kept while a job runs, and a job whose lock is lost is stopped and left alone`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      let job = try await queue.add("long")
      let wasCancelled = Locked(false)
      var configuration = WorkerConfiguration(lockDuration: .seconds(8), stalledInterval: nil)
      configuration.name = "keeper"
      let worker = Worker("q", connection: redis, configuration: configuration) { _ in
        do {
          try await Task.sleep(for: .seconds(30))
        } catch {
          wasCancelled.edit { $0 = true }
          throw error
        }
      }
      try await running(worker) {
        #expect(try await eventually { try await queue.getJobCounts()[.active] == 1 } != nil)
        // Its time runs down, and then up again.
        var (last, isRenewed) = (Int.max, false)
        for _ in 0..<1000 where !isRenewed {
          let left = try await redis.send(["PTTL", .text(job.key[.lock])]).int ?? 0
          isRenewed = left > last
          last = left
          try await Task.sleep(for: .milliseconds(10))
        }
        #expect(isRenewed)
        #expect(try await queue.getWorkers().map(\.name) == ["keeper"])
        try await redis.send(["SET", .text(job.key[.lock]), "somebody else"])
        #expect(try await eventually { wasCancelled.value } != nil)
      }
      #expect(try await job.getState() == .active)
      #expect(try await redis.send(["GET", .text(job.key[.lock])]).string == "somebody else")
    }
  }

  @Test func `completing with pending children is a failed attempt like any other, and told as such`() async throws {
    try await withRedis { redis, _ in
      let producer = FlowProducer(connection: redis)
      let parent = try await producer.add(node("p/root", ["attempts": 2])).job
      let runs = Locked(0)
      let worker = Worker("p", connection: redis) { job in
        runs.edit { $0 += 1 }
        if runs.value == 1 { try await producer.add(node("c/c1", ["parent": job.asParent])) }
      }
      try await running(worker) {
        let took = try await eventually { try await parent.getState() == .failed }
        #expect(took != nil)
      }
      let job = try #require(try await Job.read(parent.key, from: redis))
      #expect(runs.value == 2 && job.attemptsMade == 2)
      #expect(job.failedReason?.contains("pending children") == true)
    }
  }

  @Test func `completing with failed children is the end, whatever attempts are left`() async throws {
    try await withRedis { redis, _ in
      let producer = FlowProducer(connection: redis)
      let parent = try await producer.add(node("p/root", ["attempts": 5])).job
      let hand = Hand(redis)
      let worker = Worker("p", connection: redis) { job in
        try await producer.add(node("c/c1", ["parent": job.asParent, "failParentOnFailure": true]))
        try await hand.fail("c")
      }
      try await running(worker) {
        let took = try await eventually { try await parent.getState() == .failed }
        #expect(took != nil)
      }
      #expect(try await Job.read(parent.key, from: redis)?.attemptsMade == 1)
    }
  }

  @Test(arguments: [(["attempts": 3], false), (["attempts": 1], true), ([:], true)] as [(JobOptions, Bool)])
  func `attempts are told to be exhausted only when none is left`(opts: JobOptions, areExhausted: Bool) async throws {
    try await withHand { hand in
      try await hand.add(node("q/a", opts))
      let job = try #require(try await hand.take("q"))
      let end = await Outcome.of(UnrecoverableError("no"), in: job, random: 0)
      try await hand.end(job, end)
      let events = try await hand.redis.send(["XRANGE", "bull:q:events", "-", "+"]).array ?? []
      let names = events.compactMap { $0.array?.last?.pairs.first { $0.name == "event" }?.value.string }
      #expect(names.contains("failed"))
      #expect(names.contains("retries-exhausted") == areExhausted)
    }
  }

  @Test(arguments: [true, false])
  func `who waits for a job hears of its end where no events are kept`(completes: Bool) async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await redis.send(["HSET", "bull:q:meta", "opts.maxLenEvents", "0"])
      let job = try await queue.add("j")
      let result = Task { try await job.waitUntilFinished(timeout: .seconds(20)) }
      let waits = try await eventually {
        try await redis.send(["CLIENT", "LIST"]).string?.contains("cmd=xread") == true
      }
      #expect(waits != nil)
      let hand = Hand(redis)
      let start = ContinuousClock.now
      if completes {
        try await hand.complete("q", 7)
        #expect(try await result.value == 7)
      } else {
        try await hand.fail("q")
        await #expect(throws: JobError.failed(job.key, reason: "kaputt")) { try await result.value }
      }
      #expect(ContinuousClock.now - start < .seconds(4), "by the event, not by looking again")
    }
  }

  @Test func `a delay that nobody gave is not stored`() {
    #expect((["priority": 1] as JobOptions).stored == ["attempts": 0, "priority": 1])
    #expect((["delay": 0] as JobOptions).stored == ["attempts": 0, "delay": 0])
  }

  // MARK: A lock for each attempt

  @Test func `an attempt that lost its lock cannot touch that of the next, not even of the same worker`() async throws {
    try await withHand { hand in
      try await hand.add(node("q/a"))
      let first = try #require(try await hand.take("q"))
      try await hand.redis.send(["DEL", .text(first.key[.lock])])
      _ = try await hand.recoverStalled("q")
      #expect(try await hand.recoverStalled("q") == ["a"])
      let second = try #require(try await hand.take("q"))
      #expect(first.token != second.token)
      #expect(try await hand.extend([first.lock, second.lock]) == [first.lock])
      await #expect(throws: JobError.notInHand(first.key)) { try await first.moveToWait() }
      #expect(try await hand.end(first, .completed(1)) == -6)
      #expect(try await hand.end(second, .completed(2)) == 0)
    }
  }

  @Test func `what an answer that was lost gave us goes back, and what we know of stays`() async throws {
    try await withHand(isConsistent: false) { hand in
      for id in ["known", "lost", "other"] { try await hand.add(node("q/\(id)")) }
      let known = try #require(try await hand.take("q"))
      let lost = try #require(try await hand.take("q"))
      let other = try #require(try await hand.take("q"))
      try await hand.redis.send(["SET", .text(other.key[.lock]), "another:1"])
      try await hand.reclaim("q", except: [known.lock])
      #expect(try await hand.state("\(lost.key)") == .waiting)
      #expect(try await hand.state("\(known.key)") == .active)
      #expect(try await hand.state("\(other.key)") == .active)
    }
  }

  @Test func `a worker that takes its own stalled job again stops the first attempt, and the second ends`() async throws
  {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      let job = try await queue.add("j")
      let (runs, mayEnd, log) = (Locked(0), Locked(false), RecordingLog())
      let configuration = WorkerConfiguration(concurrency: 2, stalledInterval: nil)
      let worker = Worker("q", connection: redis, configuration: configuration, logger: log.logger) { job -> Int in
        runs.edit { $0 += 1 }
        let run = runs.value
        // The first does not heed that it is stopped, and ends while the second runs.
        while run == 1, runs.value < 2 { await sleepHeedless(for: .milliseconds(5)) }
        while run == 2, !mayEnd.value { try await Task.sleep(for: .milliseconds(5)) }
        return run
      }
      try await running(worker) {
        #expect(try await eventually { runs.value == 1 } != nil)
        let hand = Hand(redis)
        try await redis.send(["SADD", "bull:q:stalled", .text(job.id)])
        try await redis.send(["DEL", .text(job.key[.lock])])
        #expect(try await hand.recoverStalled("q") == [job.id])
        #expect(try await eventually { runs.value == 2 } != nil)
        // What the first says counts for nothing.
        #expect(try await eventually { log.lines.contains { $0.contains("another worker holds its lock") } } != nil)
        #expect(try await job.getState() == .active)
        mayEnd.edit { $0 = true }
        #expect(try await eventually { try await job.getState() == .completed } != nil)
      }
      #expect(try await Job.read(job.key, from: redis)?.returnvalue == "2")
    }
  }

  private func running(_ worker: Worker, _ body: () async throws -> Void) async throws {
    let run = Task { try await worker.run() }
    do {
      try await body()
    } catch {
      await worker.close(within: .zero)
      throw error
    }
    await worker.close(within: .zero)
    try await run.value
  }
}
