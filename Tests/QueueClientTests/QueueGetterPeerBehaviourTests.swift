import Foundation
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// What BullMQ's own tests of getters ask for: pages, counts, settings, logs, children, orphans.
@Suite struct QueueGetterPeerBehaviourTests {
  // MARK: Pages

  @Test func `ids whose jobs are gone fill no page`() async throws {
    try await withHand(isConsistent: false) { hand in
      let queue = Queue("q", connection: hand.redis)
      let jobs = try await queue.addBulk((1...5).map { .init("job-\($0)") })
      try await hand.redis.send(["DEL", .text("\(jobs[1].key)")])
      #expect(try await queue.getJobs([.waiting], start: 0, end: 2, ascending: true).map(\.id) == ["1", "3", "4"])
      #expect(try await queue.getJobs([.waiting], start: 0, end: 3).map(\.id) == ["5", "4", "3", "1"])
      #expect(try await queue.getJobs([.waiting]).map(\.id) == ["5", "4", "3", "1"])
    }
  }

  @Test(
    arguments: [
      (10, 12, []), (-3, -1, ["1", "2", "3"]), (1, 2, ["2", "3"]), (-300, 99_999, ["1", "2", "3"]), (2, 1, []),
    ] as [(Int, Int, [String])])
  func `a page lies where its ends say`(start: Int, end: Int, ids: [String]) async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      try await queue.addBulk((1...3).map { .init("job-\($0)") })
      #expect(try await queue.getJobs([.waiting], start: start, end: end, ascending: true).map(\.id) == ids)
      for _ in 1...3 {
        hand.pass(1)
        try await hand.complete("q")
      }
      #expect(try await queue.getJobs([.completed], start: start, end: end, ascending: true).map(\.id) == ids)
    }
  }

  @Test func `states come in the order asked for, each once, and all without any`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      try await queue.add("late", opts: ["jobId": "late", "delay": 60_000])
      try await queue.add("now", opts: ["jobId": "now"])
      #expect(try await queue.getJobs([.waiting, .delayed, .waiting]).map(\.id) == ["now", "late"])
      #expect(try await queue.getJobs([.delayed, .waiting]).map(\.id) == ["late", "now"])
      #expect(try await queue.getJobs().count == 2)
    }
  }

  // MARK: Counts

  @Test func `jobs are counted by state and by priority, and a paused queue has them still`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      try await queue.pause()
      try await queue.addBulk((0..<42).map { .init("job", opts: ["priority": .int($0 % 4)]) })
      try await queue.add("late", opts: ["delay": 60_000])
      #expect(try await queue.getCountsPerPriority([0, 1, 2, 3, 3, -1]) == [0: 11, 1: 11, 2: 10, 3: 10])
      #expect(try await queue.getJobCountByTypes(.prioritized) == 31)
      #expect(try await queue.getJobCountByTypes(.waiting, .delayed, .waiting) == 12)
      #expect(try await queue.getJobCountByTypes() == 43)
      #expect(try await queue.count() == 43)
      #expect(try await queue.getMeta().paused)
    }
  }

  @Test func `a job that is ready by its priority is prioritized, not waiting`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let job = try await queue.add("urgent", opts: ["priority": 1])
      #expect(try await queue.getJobState(job.id) == .prioritized)
      #expect(try await job.isWaiting() == false)
    }
  }

  @Test func `the settings are told, and the events kept to a number`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      try await queue.setGlobalConcurrency(1)
      try await queue.setGlobalRateLimit(RateLimit(max: 1, duration: .milliseconds(500)))
      try await queue.setMaxLenEvents(20)
      #expect(
        try await queue.getMeta()
          == QueueMeta(concurrency: 1, max: 1, duration: 500, maxLenEvents: 20, paused: false, version: nil))
      for _ in 1...4 { try await queue.add("job") }
      #expect(try await queue.trimEvents(0) == 8)
      #expect(try await hand.redis.send(["XLEN", "bull:q:events"]).int == 0)
    }
  }

  @Test func `limits are told, and whether they are reached`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      #expect(try await queue.getGlobalRateLimit() == nil)
      #expect(try await queue.getRateLimitTtl() == -2)
      try await queue.setGlobalConcurrency(1)
      try await queue.addBulk([.init("one"), .init("two")])
      #expect(try await queue.isMaxed() == false)
      _ = try await hand.take("q")
      #expect(try await queue.isMaxed())
      try await queue.setGlobalRateLimit(RateLimit(max: 1, duration: .seconds(60)))
      #expect(try await queue.getGlobalRateLimit() == RateLimit(max: 1, duration: .seconds(60)))
      #expect(try await queue.getRateLimitTtl() == 0)
      try await queue.rateLimit(.seconds(60))
      #expect(try await queue.getRateLimitTtl() > 30_000)
      #expect(try await queue.getRateLimitTtl(max: 5) > 30_000)
      #expect(try await queue.removeRateLimitKey())
      #expect(try await queue.getRateLimitTtl(max: 5) == 0)
    }
  }

  @Test func `an event of one's own reaches those who follow`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let id = try await queue.publishEvent("painted", ["colour": "white"])
      var events = QueueEvents("q", connection: hand.redis, from: "0").makeAsyncIterator()
      let event = try #require(try await events.next())
      #expect(event.id == id && event.fields["colour"] == "white")
      guard case .other("painted", _) = event.kind else {
        Issue.record("not the event: \(event)")
        return
      }
    }
  }

  @Test func `an event tells the state that the job has left`() async throws {
    try await withHand { hand in
      try await hand.add(node("q/one"))
      try await hand.fail("q")
      var events = QueueEvents("q", connection: hand.redis, from: "0").makeAsyncIterator()
      while let event = try await events.next() {
        guard case .failed = event.kind else { continue }
        #expect(event.fields["prev"] == "active")
        break
      }
    }
  }

  @Test func `those who follow a queue's events are found among its connections`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      try await queue.add("job")
      var events = QueueEvents("q", connection: hand.redis, from: "0").makeAsyncIterator()
      _ = try await events.next()
      #expect(try await queue.getQueueEvents().count == 1)
      #expect(try await queue.getWorkersCount() == 0)
    }
  }

  @Test func `jobs in each state are told as Prometheus reads them`() {
    let text = Queue.prometheus(
      queue: "a\"b\\c\nd", counts: [.waiting: 5, .active: 3], completed: 42, failed: 7, labels: ["env": "pro\"d"])
    #expect(
      text == #"""
        # HELP bullmq_job_count Number of jobs in the queue by state
        # TYPE bullmq_job_count gauge
        bullmq_job_count{queue="a\"b\\c\nd", state="active", env="pro\"d"} 3
        bullmq_job_count{queue="a\"b\\c\nd", state="waiting", env="pro\"d"} 5
        # HELP bullmq_job_completed_total Total number of completed jobs
        # TYPE bullmq_job_completed_total counter
        bullmq_job_completed_total{queue="a\"b\\c\nd", env="pro\"d"} 42
        # HELP bullmq_job_failed_total Total number of failed jobs
        # TYPE bullmq_job_failed_total counter
        bullmq_job_failed_total{queue="a\"b\\c\nd", env="pro\"d"} 7
        """#)
  }

  // MARK: Children

  @Test func `children come in pages with their jobs, pending or finished`() async throws {
    try await withHand { hand in
      let queue = Queue("p", connection: hand.redis)
      try await hand.add(node("p/root", node("c/a"), node("c/b"), node("c/c"), node("c/d")))
      let all = try await queue.getDependencies(of: "root", .pending)
      #expect(all.items.count == 4 && all.jobs.count == 4 && all.total == 4)
      #expect(all.jobs.allSatisfy { $0.parentKey?.id == "root" })
      let some = try await queue.getDependencies(of: "root", .pending, start: 1, end: 2)
      #expect(some.items.map(\.key) == Array(all.items[1...2].map(\.key)) && some.total == 4)
      #expect(try await queue.getDependencies(of: "root", .pending, start: 4, end: 9).items.isEmpty)
      for value in 1...4 { try await hand.complete("c", .int(value)) }
      #expect(try await queue.getDependencies(of: "root", .pending).total == 0)
      let done = try await queue.getDependencies(of: "root", .processed)
      #expect(Set(done.items.compactMap { $0.value?.int }) == [1, 2, 3, 4] && done.jobs.count == 4)
      #expect(try await hand.job("bull:p:root").getDependencies(.init()).dependencies.processed.count == 4)
    }
  }

  // MARK: Logs

  @Test func `rows of a log are read from either end, by the queue too, and cleared`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      let job = try await queue.add("job")
      for row in 1...3 { try await queue.addJobLog(job.id, "row \(row)") }
      #expect(try await queue.getJobLogs(job.id).logs == ["row 1", "row 2", "row 3"])
      #expect(try await job.getLogs(ascending: false).logs == ["row 3", "row 2", "row 1"])
      #expect(try await job.getLogs(start: 0, end: 0, ascending: false).logs == ["row 3"])
      #expect(try await job.getLogs(start: 1, end: 1, ascending: false).logs == ["row 2"])
      try await job.clearLogs(keeping: 4)
      #expect(try await job.getLogs().count == 3)
      try await job.clearLogs(keeping: 2)
      #expect(try await job.getLogs().logs == ["row 2", "row 3"])
      try await job.clearLogs()
      #expect(try await job.getLogs().count == 0)
      #expect(try await queue.addJobLog(job.id, "again", keeping: 2) == 1)
      try await queue.updateJobProgress(job.id, 42)
      #expect(try await queue.getJob(job.id)?.progress == 42)
      await #expect(throws: JobError.self) { try await queue.addJobLog("nobody", "row") }
    }
  }

  // MARK: Removing

  @Test func `a job that is not there is removed without a word`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      #expect(try await queue.remove("nobody") == false)
      #expect(try await hand.redis.send(["DBSIZE"]).int == 0)
      let job = try await queue.add("job")
      #expect(try await queue.remove(job.id))
    }
  }

  @Test func `what is stored of jobs in no list or set is removed, and nothing else`() async throws {
    try await withHand { hand in
      let queue = Queue("q", connection: hand.redis)
      try await hand.add(node("q/root", node("q/child"), node("q/late", ["delay": 60_000])))
      try await hand.add(node("q/urgent", ["priority": 3]))
      try await hand.add(node("q/taken"))
      _ = try await hand.take("q")
      try await queue.add("same", opts: ["deduplication": ["id": "d"]])
      #expect(try await queue.removeOrphanedJobs() == 0)
      for id in 0..<150 { try await hand.redis.send(["HSET", "bull:q:orphan-\(id)", "name", "orphan"]) }
      try await hand.redis.send(["SET", "bull:q:5555:logs", "a row"])
      try await hand.redis.send(["SET", "bull:q:5555:lock", "a token"])
      try await hand.redis.send(["SET", "bull:q:repeat:some", "kept"])
      try await hand.redis.send(["HSET", "bull:q:staged", "name", "of a flow that is being added"])
      try await hand.redis.send(["EXPIRE", "bull:q:staged", "600"])
      let before = try await hand.redis.send(["DBSIZE"]).int ?? 0
      #expect(try await queue.removeOrphanedJobs() == 151)
      #expect(try await hand.redis.send(["DBSIZE"]).int == before - 152)
      #expect(try await hand.redis.send(["DEL", "bull:q:repeat:some", "bull:q:staged"]).int == 2)
    }
  }
}
