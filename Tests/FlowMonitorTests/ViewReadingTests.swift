import Redis
import Synchronization
import TestSupport
import Testing

@testable import FlowMonitor
@testable import QueueClient

/// What the views beside the flows read of a Redis.
@Suite struct ViewReadingTests {
  private let steps = QueueKey(name: "steps")

  // MARK: Queues

  @Test func `a queue is read with its counts, its next job, its minutes and its workers`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("steps", "new"), in: .wait, score: 9)
      try await redis.put(job("steps", "old"), in: .wait, score: 1)
      try await redis.put(job("steps", "f"), in: .failed)
      let minute = 29_916_667
      try await redis.pipeline([
        ["HSET", "bull:steps:metrics:completed", "count", "50", "prevTS", "\(minute * 60_000)", "prevCount", "43"],
        ["RPUSH", "bull:steps:metrics:completed:data", "20", "23"],
        ["SET", "bull:weird:wait", "no list"], ["HSET", "bull:weird:meta", "x", "y"],
        ["CLIENT", "SETNAME", .text("bull:c3RlcHM=:w:w-1")],
      ])
      let reader = QueueOverviewReader(redis: redis)
      let read = try await reader.read([steps, QueueKey(name: "weird")], onScreen: [steps])
      let line = try #require(read.lines[steps])
      #expect(line.status.counts[.waiting] == 2 && line.status.counts[.failed] == 1)
      #expect(line.inspected.nextAddedOn == 1_795_000_000_001)
      #expect(line.workers == 1 && read.workersRefusal == nil)
      #expect(read.lines[QueueKey(name: "weird")]?.status.counts[.waiting] == 0)
      let inspector = QueueInspector(connection: redis)
      // Two minutes later: what was not written yet belongs to the minute of the last job.
      let later = try await inspector.inspect([steps], now: (minute + 2) * 60_000 + 5)
      #expect(later[0].completed == [0, 0, 0, 23, 20, 7, 0, 0])
      #expect(later[0].failed == nil)
    }
  }

  @Test func `the queues on the screen are read each time, all others in turn`() async throws {
    try await withRedis { redis, _ in
      let known = (0..<120).map { QueueKey(name: "q\(1000 + $0)") }
      let reader = QueueOverviewReader(redis: redis)
      var read = try await reader.read(known, onScreen: [known[5]])
      #expect(read.known == known)
      #expect(read.lines.count == 1 + QueueOverviewReader.inTurn)
      for _ in 0..<2 { read = try await reader.read(known, onScreen: [known[5]]) }
      #expect(read.lines.count == known.count)
      read = try await reader.read([known[5]], onScreen: [])
      #expect(Array(read.lines.keys) == [known[5]])
    }
  }

  @Test func `jobs that end are noticed though they are not kept`() async throws {
    try await withRedis { redis, _ in
      try await redis.pipeline([["SET", "bull:steps:id", "10"], ["RPUSH", "bull:steps:wait", "1", "2", "3"]])
      let reader = QueueOverviewReader(redis: redis)
      #expect(try await reader.read([steps], onScreen: [steps]).lines[steps]?.sampled == [])
      try await redis.pipeline([["INCRBY", "bull:steps:id", "4"], ["LTRIM", "bull:steps:wait", "0", "0"]])
      try await redis.send(["ZADD", "bull:steps:failed", "1", "2"])
      let sample = try #require(try await reader.read([steps], onScreen: [steps]).lines[steps]?.sampled.first)
      #expect(sample.completed == 5 && sample.failed == 1)
    }
  }

  @Test func `jobs that ended within the last minute are counted at the first look`() async throws {
    try await withRedis { redis, _ in
      let time = try await redis.send(["TIME"]).strings.first ?? ""
      try await redis.pipeline([
        ["ZADD", "bull:steps:completed", .text(time + "000"), "a", .text(time + "000"), "b", "1", "old"],
        ["SET", "bull:steps:failed", "no set"],
      ])
      let reader = QueueOverviewReader(redis: redis)
      let lately = try await reader.read([steps], onScreen: [steps]).lines[steps]?.lately
      #expect(lately == .init(completed: 2, failed: 0, milliseconds: 60_000))
    }
  }

  // MARK: Jobs

  /// A state, how the page begins, and the ids that are on it.
  @Test(arguments: [
    (JobState.waiting, 0, ["w1", "w2", "w3"]), (.waiting, 3, ["w4", "p1", "p2"]), (.waiting, 5, ["p2"]),
    (.waiting, 9, []), (.delayed, 1, ["d2"]), (.completed, 0, ["c2", "c1"]), (.active, 0, ["a1"]), (.failed, 0, []),
  ])
  func `a page has the jobs of a state from a place on, the next to run first, the newest to end first`(
    state: JobState, first: Int, ids: [String]
  ) async throws {
    try await withRedis { redis, _ in
      for id in ["w4", "w3", "w2", "w1"] { try await redis.put(job("steps", id), in: .wait) }
      for id in ["p2", "p1"] { try await redis.put(job("steps", id), in: .paused) }
      for (place, id, score) in [
        (QueueKey.Suffix.delayed, "d1", 1), (.delayed, "d2", 2), (.completed, "c1", 1), (.completed, "c2", 2),
      ] { try await redis.put(job("steps", id), in: place, score: score) }
      try await redis.put(job("steps", "a1"), in: .active)
      let place = JobPage.Place(queue: steps, state: state, first: first, count: 3)
      let page = try await JobPageReader(redis: redis).read(place)
      #expect(page.jobs.map(\.key.id) == ids)
      #expect(page.counts[.waiting] == 6 && page.counts[.delayed] == 2)
    }
  }

  @Test func `a job that is listed and gone has its place, and a list of another type is empty`() async throws {
    try await withRedis { redis, _ in
      try await redis.pipeline([["ZADD", "bull:steps:failed", "1", "gone"], ["SET", "bull:steps:completed", "x"]])
      let reader = JobPageReader(redis: redis)
      let failed = try await reader.read(.init(queue: steps, state: .failed, first: 0, count: 5))
      #expect(failed.jobs.map(\.key.id) == ["gone"] && failed.gone == [job("steps", "gone")])
      let completed = try await reader.read(.init(queue: steps, state: .completed, first: 0, count: 5))
      #expect(completed.jobs.isEmpty)
    }
  }

  // MARK: Workers

  @Test func `a worker is brought together with its job, and a job that nobody holds comes first`() {
    func held(_ id: String, by worker: String?, lock: Int?) -> InspectedJob {
      var found = InspectedJob(key: job("steps", id))
      found.evidence.exists = true
      (found.name, found.processedBy, found.lock) = ("paint", worker, lock)
      return found
    }
    let connections = [
      ClientConnection(name: "bull:c3RlcHM=:w:w-1", address: "a:1", idle: 9),
      ClientConnection(name: "bull:steps:w:w-1", address: "a:2", idle: 3),
      ClientConnection(name: "bull:steps", address: "b:1"), ClientConnection(name: "bull:steps", address: "c:2"),
      ClientConnection(name: "bull:other", address: "c:1"), ClientConnection(name: "bull:c3RlcHM=:qe", address: "d:1"),
    ]
    let list = WorkerList(
      queues: [steps], connections: connections,
      jobs: [held("1", by: "w-1", lock: 5000), held("2", by: "w-2", lock: nil), held("3", by: nil, lock: 7)])
    #expect(list.lines.map { $0.job?.key.id } == ["2", "3", "1", nil, nil])
    #expect(list.lines.map(\.address) == [nil, nil, "a:1", "b:1", "c:2"])
    #expect(list.lines.map(\.isDead) == [true, false, false, false, false])
    #expect(list.lines[2].idle == 3)
  }

  @Test func `the only worker of a queue holds its jobs, which do not tell by whom they are held`() {
    func held(_ id: String, lock: Int?) -> InspectedJob {
      var found = InspectedJob(key: job("steps", id))
      found.evidence.exists = true
      (found.name, found.lock) = ("paint", lock)
      return found
    }
    // Python's workers name all connections of their pools, and tell no job who they are.
    let pool = (1...3).map { (port: Int) in
      ClientConnection(name: "bull:steps:w:slow-1", address: "10.0.0.7:\(port)", idle: port)
    }
    let jobs = [held("1", lock: 5000), held("2", lock: nil)]
    let list = WorkerList(queues: [steps], connections: pool, jobs: jobs)
    #expect(list.lines.map(\.name) == ["", "slow-1"] && list.lines.map { $0.job?.key.id } == ["2", "1"])
    let other = ClientConnection(name: "bull:steps:w:slow-2", address: "10.0.0.7:9")
    let two = WorkerList(queues: [steps], connections: pool + [other], jobs: jobs)
    #expect(two.lines.map(\.name) == ["", "", "slow-1", "slow-2"])
  }

  /// Connections (name, address, last command), and how many workers of the queue `steps` they are.
  @Test(arguments: [
    ([("bull:steps:w:a", "h:1", "evalsha"), ("bull:steps:w:a", "h:2", "bzpopmin")], 1),
    ([("bull:steps:w:a", "h:1", "evalsha"), ("bull:steps:w:a", "i:2", "evalsha")], 2),
    ([("bull:steps:w:a", "h:1", "bzpopmin"), ("bull:c3RlcHM=:w:a", "h:2", "evalsha")], 1),
    ([("bull:steps", "h:1", "evalsha"), ("bull:steps", "h:2", "bzpopmin")], 1),
    ([("bull:steps", "h:1", "bzpopmin"), ("bull:steps", "h:2", "bzpopmin"), ("bull:steps", "h:3", "ping")], 2),
    ([("bull:steps", "/run/redis.sock:0", "bzpopmin"), ("bull:steps", "/run/redis.sock:0", "evalsha")], 1),
    ([("bull:other", "h:1", "bzpopmin")], 0),
  ])
  func `the connections of a worker count as one`(connections: [(String, String, String)], workers: Int) {
    let connections = connections.map { ClientConnection(name: $0.0, address: $0.1, command: $0.2) }
    #expect(WorkerConnections(connections, of: [steps]).workers.count == workers)
    let list = WorkerList(queues: [steps], connections: connections, jobs: [])
    #expect(list.lines.count == workers)
  }

  @Test func `workers are read with the locks of their jobs; without the right to list them, the jobs alone`()
    async throws
  {
    try await withRedis { redis, _ in
      try await redis.put(job("steps", "held"), in: .active, fields: ["pb", "w-1", "processedOn", "1795000000000"])
      try await redis.put(job("steps", "lost"), in: .active)
      try await redis.pipeline([
        ["SET", "bull:steps:held:lock", "token", "PX", "600000"], ["CLIENT", "SETNAME", .text("bull:steps:w:w-1")],
      ])
      let list = try await WorkerReader(redis: redis).read([steps])
      #expect(list.lines.map { $0.job?.key.id } == ["lost", "held"])
      #expect(list.lines[0].isDead && list.lines[1].job?.since == 1_795_000_000_000)
      #expect((500_000...600_000).contains(list.lines[1].job?.lock ?? 0))
      #expect(list.lines[1].address?.isEmpty == false)

      try await redis.send(["ACL", "SETUSER", "plain", "on", ">pw", "~*", "&*", "+@all", "-client|list"])
      var endpoint = redis.configuration.endpoint
      (endpoint.username, endpoint.password) = ("plain", "pw")
      let plain = RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
      defer { plain.close() }
      let limited = try await WorkerReader(redis: plain).read([steps])
      #expect(limited.refusal?.contains("NOPERM") == true && limited.lines.count == 2)
      let overview = try await QueueOverviewReader(redis: plain).read([steps], onScreen: [steps])
      #expect(overview.workersRefusal?.contains("NOPERM") == true && overview.lines[steps]?.workers == nil)
    }
  }

  // MARK: Schedulers

  @Test func `schedulers of all queues are listed, the next to act first`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue(steps, connection: redis)
      try await queue.upsertJobScheduler("daily", repeating: RepeatOptions(pattern: "0 9 * * *", tz: "Europe/Berlin"))
      try await queue.upsertJobScheduler("ping", repeating: RepeatOptions(every: 60_000, limit: 9), name: "beat")
      try await redis.pipeline([
        ["ZADD", "bull:other:repeat", "5", "lost"], ["SET", "bull:weird:repeat", "no set"],
      ])
      let queues = [steps, QueueKey(name: "other"), QueueKey(name: "weird")]
      let listing = try await SchedulerLister(connection: redis).list(queues)
      #expect(listing.total == 3 && listing.schedulers.map(\.id).first == "lost")
      #expect(listing.schedulers[0].nextAddedOn == nil)
      let ping = try #require(listing.schedulers.first { $0.id == "ping" })
      #expect(ping.every == 60_000 && ping.name == "beat" && ping.limit == 9 && ping.nextAddedOn != nil)
      let daily = try #require(listing.schedulers.first { $0.id == "daily" })
      #expect(daily.pattern == "0 9 * * *" && daily.timeZone == "Europe/Berlin" && daily.nextAddedOn != nil)
    }
  }

  // MARK: Events

  @Test func `events of all queues come as they happen, with those that were there; a new queue joins`() async throws {
    try await withRedis { redis, _ in
      let known = Mutex([steps, QueueKey(name: "weird")])
      let log = Mutex(EventLog())
      try await redis.pipeline([
        ["XADD", "bull:steps:events", "1-1", "event", "added", "jobId", "old", "name", "paint"],
        ["SET", "bull:weird:events", "no stream"],
      ])
      let follower = EventFollower(redis: redis, queues: { known.withLock { $0 } }) { answer in
        if case .events(let read) = answer { log.withLock { $0 = read } }
      }
      let following = Task { await follower.run() }
      func seen(_ id: String) async throws -> Bool {
        try await eventually { log.withLock { $0.events.contains { $0.job?.id == id } } } != nil
      }
      #expect(try await seen("old"))
      try await redis.send(["XADD", "bull:steps:events", "*", "event", "failed", "jobId", "new", "failedReason", "x"])
      #expect(try await seen("new"))
      known.withLock { $0.append(QueueKey(name: "later")) }
      try await redis.send(["XADD", "bull:later:events", "*", "event", "active", "jobId", "other"])
      #expect(try await seen("other"))
      let events = log.withLock { $0.events }
      #expect(events.map(\.number) == Array(events.indices) && events[0].time == 1 && events[0].name == "added")
      following.cancel()
      await following.value
    }
  }

  @Test func `a question is answered again and again, and by nobody once its task is cancelled`() async throws {
    try await withRedis { redis, _ in
      let monitor = FlowMonitor(redis: redis, configuration: MonitorConfiguration(queueNames: ["steps"]))
      let answers = Mutex<[ViewAnswer]>([])
      let place = JobPage.Place(queue: steps, state: .waiting, first: 0, count: 5)
      let watching = Task { await monitor.watch(.jobs(place)) { answer in answers.withLock { $0.append(answer) } } }
      #expect(try await eventually { answers.withLock { !$0.isEmpty } } != nil)
      try await redis.put(job("steps", "a"), in: .wait)
      let isSeen = try await eventually {
        answers.withLock { answers in
          if case .jobs(let page) = answers.last { page.jobs.map(\.key.id) == ["a"] } else { false }
        }
      }
      #expect(isSeen != nil)
      watching.cancel()
      await watching.value
    }
  }
}
