import Dashboard
import FlowMonitor
import Logging
import QueueClient
import Redis

/// Something that reads a Redis, or changes it, and must come to an end whatever stands there.
struct Reader: Sendable, CustomStringConvertible {
  let name: String
  let body: @Sendable (RedisClient) async throws -> Void

  var description: String { name }

  init(_ name: String, _ body: @escaping @Sendable (RedisClient) async throws -> Void) {
    (self.name, self.body) = (name, body)
  }
}

extension Reader {
  private static let parents = QueueKey(name: "par")
  private static let children = QueueKey(name: "kid")

  private static func queue(_ key: QueueKey, _ redis: RedisClient) -> Queue { Queue(key, connection: redis) }

  private static func each(
    _ redis: RedisClient, _ body: (Job) async throws -> Void
  ) async throws {
    var failure: (any Error)?
    for key in StrangeState.jobs.compactMap({ JobKey($0, prefix: "bull") }) + [JobKey(queue: parents, id: "c0")] {
      do {
        if let job = try await Job.read(key, from: redis) { try await body(job) }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private static func eachFlow(_ body: (JobKey) async throws -> Void) async throws {
    for id in ["P", "c0", "a0"] { try? await body(JobKey(queue: parents, id: id)) }
  }

  /// Readers of the library, which change nothing; to add one, add a row.
  static let library: [Reader] = [
    Reader("getJob, every field") { redis in
      try await each(redis) { job in
        _ = (job.name, job.data, job.opts, job.timestamp, job.delay, job.priority, job.processedOn, job.finishedOn)
        _ = (job.attemptsStarted, job.attemptsMade, job.attempts, job.stalledCounter, job.returnvalue, job.failedReason)
        _ = (job.stacktrace, job.progress, job.parentKey, job.failurePolicy, job.processedBy, job.deferredFailure)
        _ = try? job.decodeData(as: JSON.self).text
        _ = try? job.decodeReturnvalue(as: Double.self)
      }
    },
    Reader("getState") { redis in try await each(redis) { _ = try await $0.getState() } },
    Reader("getJobs") { redis in
      for (start, end) in [(0, -1), (0, 9), (-3, -1), (5, 2), (.min, .max), (.max, .min)] {
        for ascending in [false, true] {
          _ = try await queue(children, redis).getJobs(JobState.allCases, start: start, end: end, ascending: ascending)
        }
      }
    },
    Reader("getJobCounts") { _ = try await queue(children, $0).getJobCounts() },
    Reader("getDependencies") { redis in
      try await each(redis) {
        _ = try await $0.getDependencies()
        _ = try await $0.getDependenciesCount()
        _ = try await $0.getChildrenValues()
        _ = try await $0.getIgnoredChildrenFailures()
        for cursor in [0, 1, UInt64.max] {
          let page = DependenciesPage.Page(cursor: cursor, count: cursor == 0 ? 1 : .max)
          _ = try? await $0.getDependencies(.init(processed: page, unprocessed: page, ignored: page, failed: page))
        }
      }
    },
    Reader("getFlow") { redis in
      let producer = FlowProducer(connection: redis)
      for id in ["P", "c0", "a0"] {
        _ = try await producer.getFlow(queueName: "par", id: id, depth: .max, maxChildren: .max)
      }
    },
    Reader("getLogs") { redis in try await each(redis) { _ = try await $0.getLogs(start: .min, end: .max) } },
    Reader("getMetrics") { redis in
      _ = try await queue(children, redis).getMetrics()
      _ = try await queue(children, redis).getMetrics(.failed, start: .min, end: .max)
    },
    Reader("getJobSchedulers") { _ = try await queue(children, $0).getJobSchedulers() },
    Reader("getWorkers, settings") { redis in
      _ = try await queue(children, redis).getWorkers()
      _ = try await queue(children, redis).isPaused()
      _ = try await queue(children, redis).getGlobalConcurrency()
      _ = try await queue(children, redis).getDeduplicationJobId("once")
    },
    Reader("QueueEvents") { redis in
      let length = try await redis.send(["XLEN", "bull:kid:events"]).int ?? 0
      var events = QueueEvents("kid", connection: redis, from: "0").makeAsyncIterator()
      for _ in 0..<length { _ = try await events.next() }
    },
    Reader("ConsistencyCheck") { _ = try await ConsistencyCheck(connection: $0).run() },
    Reader("the screen") { redis in
      for size in [Frame.Size(rows: 24, columns: 80), Frame.Size(rows: 60, columns: 200)] {
        var model = DashboardModel(setup: .init(server: "redis", prefix: "bull"), size: size, now: 1_795_000_000)
        let picture = try await FlowMonitor(redis: redis).picture(of: model.window)
        _ = model.update(.picture(picture))
        _ = model.draw().text
        for (root, diagnosis) in picture.diagnoses {
          if let cause = diagnosis.cause(of: root) { _ = CauseWords(cause).sentence }
        }
      }
    },
    Reader("trees") { redis in
      let reader = FlowTreeReader(redis: redis)
      for id in ["P", "c0", "a0"] {
        _ = try await reader.tree(of: JobKey(queue: QueueKey(name: "par"), id: id), depth: .max, maxChildren: 100)
      }
    },
    Reader("timelines") { redis in
      try await eachFlow { key in
        guard let facts = try await TimelineReader(redis: redis).facts(of: key) else { return }
        _ = TimelineText.text(of: Timeline(facts), width: 80, isASCII: false)
      }
    },
    Reader("the search for problems") { redis in
      let search = FlowSearch(redis: redis, configuration: MonitorConfiguration())
      _ = try await search.problems(of: try await search.queues())
    },
    Reader("plans for whole flows") { redis in
      for verb in FlowVerb.allCases {
        try await eachFlow { _ = try await FlowChanger(connection: redis).plan(verb, of: $0) }
      }
    },
    Reader("a job's detail") { redis in try await each(redis) { _ = try await JobDetail.read($0.key, from: redis) } },
  ]

  /// What changes jobs and queues, one after the other on the same state: the last ones empty it.
  static let changes: [Reader] = [
    Reader("work and fail") { try await work(on: $0, returning: nil) },
    Reader("work and complete") { try await work(on: $0, returning: 2500) },
    Reader("retry, promote, log, change") { redis in
      try await each(redis) { job in
        for state in [JobState.failed, .completed] { try? await job.retry(state) }
        try? await job.promote()
        try? await job.changeDelay(.max)
        try? await job.changePriority(7)
        _ = try? await job.log("row")
        try? await job.updateProgress(JSON.double(.infinity))
        _ = try? await job.removeChildDependency()
      }
    },
    Reader("add") { redis in
      _ = try await queue(children, redis).add("more", opts: ["priority": 3])
      _ = try await FlowProducer(connection: redis).add(
        FlowNode(
          name: "p", queueName: "par", children: [FlowNode(name: "c", queueName: "kid", opts: ["jobId": "ready"])]))
    },
    Reader("recover, retry and promote all") { redis in
      try? await queue(children, redis).retryJobs(.failed)
      try await queue(children, redis).promoteJobs()
    },
    Reader("pause, resume") { redis in
      try await queue(children, redis).pause()
      try await queue(children, redis).resume()
    },
    Reader("clean") { redis in
      for grace in [Duration.seconds(Int64.max), .seconds(Int64.min), .zero] {
        for state in [JobState.completed, .failed, .delayed, .waiting, .prioritized] {
          _ = try? await queue(children, redis).clean(grace: grace, limit: 2, state: state)
        }
      }
    },
    Reader("retry, release, clone and cancel whole flows") { redis in
      let changer = FlowChanger(connection: redis)
      for verb in [FlowVerb.retry, .release, .clone, .cancel] {
        try await eachFlow { key in
          let plan = try await changer.plan(verb, of: key)
          try await changer.apply(plan)
          for step in plan.refusals where verb == .release {
            try await changer.apply(try await changer.plan(.release, of: key, only: step.job))
          }
        }
      }
    },
    Reader("clean parents") { redis in
      for key in [parents, children] {
        _ = try? await queue(key, redis).clean(grace: .zero, limit: 1, state: .waitingChildren)
      }
    },
    Reader("removeUnprocessedChildren") { redis in
      for id in ["P", "c0", "a0"] {
        try await Job(JobSnapshot(key: JobKey(queue: parents, id: id), fields: [:]), redis: redis)
          .removeUnprocessedChildren()
      }
    },
    Reader("remove") { redis in
      for id in ["P", "c0", "a0"] { _ = try? await queue(parents, redis).remove(id) }
    },
    Reader("drain") { try await queue(children, $0).drain(delayed: true) },
    Reader("obliterate") { redis in
      for key in [parents, children] { try? await queue(key, redis).obliterate(force: true) }
    },
  ]

  /// A worker that takes what is there and ends it, until it finds nothing or has had enough.
  private static func work(on redis: RedisClient, returning value: JSON?) async throws {
    struct Kaputt: Error {}
    let worker = Worker(
      "kid", connection: redis,
      configuration: WorkerConfiguration(
        concurrency: 4, drainDelay: .milliseconds(5), stalledInterval: .milliseconds(10), metricsPoints: 10,
        shutdownLimit: .milliseconds(5)),
      logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
    ) { _ -> JSON in
      if let value { return value }
      throw Kaputt()
    }
    let work = Task { try await worker.run() }
    try await Task.sleep(for: .milliseconds(12))
    await worker.close(within: .milliseconds(5))
    try await work.value
  }
}
