import QueueClient
import Redis

/// Reads how queues stand, for a diagnosis.
struct QueueFactsReader: Sendable {
  private let redis: RedisClient
  private let lister: RootLister

  init(redis: RedisClient) {
    self.redis = redis
    lister = RootLister(connection: redis)
  }

  /// What was found.
  struct Reading {
    /// How each queue stands.
    var facts: [QueueKey: QueueFacts] = [:]
    /// The server's time, in milliseconds since 1970.
    var now = 0
    /// Keys that hold something else than they should.
    var wrongTyped: Set<String> = []
  }

  /// How queues stand.
  ///
  /// - Throws: `RedisError`; what the server refuses to tell is left open.
  func read(_ queues: Set<QueueKey>) async throws -> Reading {
    let queues = queues.sorted()
    let settings: [MetaField] = [.paused, .concurrency, .max]
    let first = try await redis.rawReplies(to: [["CLIENT", "LIST"], ["TIME"]])
    let workers = first[0].string.map(ConnectedWorkers.init)
    let time = first[1].array?.first?.int ?? 0
    let questions = queues.map { queue -> [RedisCommand] in
      [
        RedisCommand("HMGET", [queue[.meta]] + settings.map(\.rawValue)), ["LLEN", .text(queue[.active])],
        ["LLEN", .text(queue[.wait])], ["EXISTS", .text(queue[.marker])], ["PTTL", .text(queue[.limiter])],
        ["GET", .text(queue[.limiter])], ["LLEN", .text(queue[.paused])],
        ["ZCOUNT", .text(queue[.completed]), .text("\(Double(time) * 1000 - 60_000)"), "+inf"],
        ["ZCOUNT", .text(queue[.failed]), .text("\(Double(time) * 1000 - 60_000)"), "+inf"],
        ["PTTL", .text(queue[.stalledCheck])], ["LRANGE", .text(queue[.active]), .init(-Self.holders), "-1"],
        RedisCommand("EXISTS", ProGroupKey.allCases.map { queue[group: $0] }), ["ZCARD", .text(queue[.prioritized])],
        ["ZCARD", .text(queue[.delayed])],
      ]
    }
    let width = questions.first?.count ?? 1
    let replies = try await redis.rawReplies(to: questions.flatMap(\.self))
    var reading = Reading(now: Int(clamping: Double(time) * 1000))
    for (command, reply) in zip(questions.joined(), replies) {
      guard reply.errorLine?.hasPrefix("WRONGTYPE") == true, let key = command.key else { continue }
      reading.wrongTyped.insert(key)
    }
    for (index, queue) in queues.enumerated() {
      let answers = Array(replies[index * width..<(index + 1) * width])
      reading.facts[queue] = Self.facts(of: queue, answers, workers: workers)
    }
    let sleeping = queues.filter { reading.facts[$0]?.maySleep == true }
    for (queue, event) in zip(sleeping, try await lister.lastEvents(of: sleeping)) {
      reading.facts[queue]?.lastEvent = event
    }
    return reading
  }

  /// So many of the jobs that are active are named.
  private static let holders = 3

  private static func facts(of queue: QueueKey, _ answers: [RESPValue], workers: ConnectedWorkers?) -> QueueFacts {
    let settings = answers[0].array ?? []
    func setting(_ index: Int) -> RESPValue { settings.indices.contains(index) ? settings[index] : .null }
    var facts = QueueFacts()
    facts.isPaused = setting(0).string != nil || (answers[6].int ?? 0) > 0
    facts.concurrency = setting(1).int
    facts.active = answers[1].int ?? 0
    facts.waiting = (answers[2].int ?? 0).addingClamped(answers[6].int ?? 0)
    facts.prioritized = answers[12].int ?? 0
    facts.delayed = answers[13].int ?? 0
    facts.hasMarker = answers[3].int == 1
    facts.limit = setting(2).int
    if let left = answers[4].int, left > 0, let used = answers[5].int {
      // A worker's own limit stands nowhere: its counter tells of a limit that is reached when nothing is active.
      let isReached = facts.limit.map { used >= $0 } ?? (used >= Int.exactlyHeld.upperBound || facts.active == 0)
      if isReached { facts.limitedFor = left }
    }
    facts.endedLastMinute = (answers[7].int ?? 0).addingClamped(answers[8].int ?? 0)
    facts.stalledCheckIn = answers[9].int.flatMap { $0 > 0 ? $0 : nil }
    facts.activeJobs = answers[10].strings.map { JobKey(queue: queue, id: $0) }
    facts.hasGroups = (answers[11].int ?? 0) > 0
    if let workers = workers?.of(queue) {
      facts.workers = workers.count
      facts.leastIdle = workers.compactMap(\.idle).min()
    }
    return facts
  }
}
