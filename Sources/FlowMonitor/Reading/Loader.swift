import QueueClient
import Redis

/// Reads jobs and queues in pipelines. It only fetches: what to fetch, others decide.
struct Loader: Sendable {
  let redis: RedisClient

  /// Values longer than this stay in Redis until somebody opens the job.
  static let valueLimit = 4096
  /// A hash of values larger than this is not read as a whole.
  static let valuesLimit = 256 * 1024
  /// Of more children of one kind than this, only so many are asked for.
  static let familyLimit = 1000
  /// How many jobs one pipeline asks for: about two thousand commands.
  static let batch = 200

  // MARK: Jobs

  /// Reads jobs as they are now.
  ///
  /// - Parameters:
  ///   - keys: the jobs.
  ///   - childLimit: how many children of a job to name; 0 for jobs that show none.
  ///   - suspects: by parent, children known to have failed, to be named first.
  /// - Returns: `nil` in place of a job that does not exist.
  func jobs(
    _ keys: [JobKey], suspects: [JobKey: Set<JobKey>] = [:], childLimit: (JobKey) -> Int
  ) async throws -> [JobKey: FlowJob?] {
    var result: [JobKey: FlowJob?] = [:]
    for start in stride(from: 0, to: keys.count, by: Self.batch) {
      let page = Array(keys[start..<min(start + Self.batch, keys.count)])
      var readings = try await basics(page)
      try await addDetails(&readings) { (childLimit($0), suspects[$0]?.sorted() ?? []) }
      try await addValues(&readings)
      for reading in readings { result.updateValue(reading.job, forKey: reading.key) }
    }
    return result
  }

  private func basics(_ keys: [JobKey]) async throws -> [JobReading] {
    let replies = try await redis.rawReplies(to: keys.flatMap(JobReading.questions))
    let width = JobReading.questionCount
    return keys.enumerated().map { index, key in
      JobReading(key: key, answers: Array(replies[index * width..<(index + 1) * width]))
    }
  }

  /// The texts that are short enough, and the children.
  private func addDetails(
    _ readings: inout [JobReading], wanted: (JobKey) -> (childLimit: Int, suspects: [JobKey])
  ) async throws {
    var commands: [RedisCommand] = []
    var ranges: [Range<Int>] = []
    for reading in readings {
      let wanted = wanted(reading.key)
      let questions = reading.detailQuestions(childLimit: wanted.childLimit, suspects: wanted.suspects)
      ranges.append(commands.count..<commands.count + questions.count)
      commands += questions
    }
    let replies = try await redis.rawReplies(to: commands)
    for index in readings.indices {
      let wanted = wanted(readings[index].key)
      readings[index].takeDetails(
        Array(replies[ranges[index]]), childLimit: wanted.childLimit, suspects: wanted.suspects)
    }
  }

  /// The children's values, where all of them together are small.
  private func addValues(_ readings: inout [JobReading]) async throws {
    let wanted = readings.indices.filter { readings[$0].hasReadableValues }
    let replies = try await redis.rawReplies(to: wanted.map { ["HGETALL", .text(readings[$0].key[.processed])] })
    for (index, reply) in zip(wanted, replies) { readings[index].takeValues(reply) }
  }

  // MARK: Queues

  /// Reads how queues stand.
  func queues(_ keys: [QueueKey]) async throws -> [QueueStatus] {
    let replies = try await redis.rawReplies(to: keys.flatMap(Self.queueQuestions))
    let width = Self.queueQuestions(QueueKey(name: "")).count
    return keys.enumerated().map { index, key in
      let numbers = replies[index * width..<(index + 1) * width].map { $0.int ?? 0 }
      let isPaused = !replies[index * width].isNull && replies[index * width].errorLine == nil
      var status = QueueStatus(key: key, isPaused: isPaused || numbers[2] > 0)
      status.counts = [
        .waiting: numbers[1] + numbers[2], .active: numbers[3], .prioritized: numbers[4], .delayed: numbers[5],
        .waitingChildren: numbers[6], .completed: numbers[7], .failed: numbers[8],
      ]
      return status
    }
  }

  private static func queueQuestions(_ key: QueueKey) -> [RedisCommand] {
    [
      ["HGET", .text(key[.meta]), "paused"], ["LLEN", .text(key[.wait])], ["LLEN", .text(key[.paused])],
      ["LLEN", .text(key[.active])], ["ZCARD", .text(key[.prioritized])], ["ZCARD", .text(key[.delayed])],
      ["ZCARD", .text(key[.waitingChildren])], ["ZCARD", .text(key[.completed])], ["ZCARD", .text(key[.failed])],
    ]
  }

  /// One step through the keyspace in search of queues.
  ///
  /// - Returns: the queues met, and where the next step goes on; `nil` when all has been seen.
  func scan(prefix: String, cursor: String) async throws -> (found: [QueueKey], next: String?) {
    let step = try await redis.scan(QueueKey.metaPattern(prefix: prefix), from: cursor)
    return (step.keys.compactMap { QueueKey(metaKey: $0, prefix: prefix) }, step.next)
  }

  /// The latest failures of queues, by the parents of the failed jobs.
  func failedChildren(of queues: [QueueKey]) async throws -> [JobKey: Set<JobKey>] {
    let newest = try await redis.rawReplies(to: queues.map { ["ZRANGE", .text($0[.failed]), "0", "19", "REV"] })
    let failed = zip(queues, newest).flatMap { queue, ids in ids.strings.map { JobKey(queue: queue, id: $0) } }
    let parents = try await redis.rawReplies(
      to: failed.map { ["HMGET", .text($0.description), "parentKey", "parent"] })
    var children: [JobKey: Set<JobKey>] = [:]
    for (child, parent) in zip(failed, parents) {
      if let parent = Self.parent(parent, of: child.queue) { children[parent, default: []].insert(child) }
    }
    return children
  }

  /// The parent that the fields `parentKey` and `parent` of a job name.
  private static func parent(_ fields: RESPValue, of queue: QueueKey) -> JobKey? {
    guard let fields = fields.array, fields.count >= 2 else { return nil }
    return fields[0].string.flatMap { JobKey(parentKey: $0, parent: fields[1].string, of: queue) }
  }

  // MARK: Roots

  /// Jobs of a queue that may belong to flows: all that wait for children, and the latest of the others.
  ///
  /// - Parameter onlyWaiting: leaves out all but the parents that wait.
  func candidates(_ queue: QueueKey, limit: Int, onlyWaiting: Bool) async throws -> [JobKey] {
    let newest = String(limit - 1)
    var commands: [RedisCommand] = [["ZRANGE", .text(queue[.waitingChildren]), "0", .text(newest)]]
    if !onlyWaiting {
      let few = 100
      for suffix: QueueKey.Suffix in [.completed, .failed] {
        commands.append(["ZRANGE", .text(queue[suffix]), "0", .init(few - 1), "REV"])
      }
      for suffix: QueueKey.Suffix in [.delayed, .prioritized] {
        commands.append(["ZRANGE", .text(queue[suffix]), "0", .init(few - 1)])
      }
      commands.append(["LRANGE", .text(queue[.active]), "0", .init(few - 1)])
      commands.append(["LRANGE", .text(queue[.wait]), .init(-few), "-1"])
      commands.append(["LRANGE", .text(queue[.paused]), .init(-few), "-1"])
    }
    let replies = try await redis.rawReplies(to: commands)
    return replies.flatMap(\.strings).map { JobKey(queue: queue, id: $0) }
  }

  /// Climbs from jobs to the roots of their flows.
  ///
  /// - Returns: the roots that have children; jobs that belong to no flow are left out.
  func roots(of candidates: [JobKey]) async throws -> Set<JobKey> {
    var roots: Set<JobKey> = []
    var seen: Set<JobKey> = []
    // A job and the one it was reached from: where the parent is gone, the child is the top.
    var level: [(job: JobKey, below: JobKey?)] = candidates.map { ($0, nil) }
    while !level.isEmpty {
      level = level.filter { seen.insert($0.job).inserted }
      let replies = try await redis.rawReplies(
        to:
          level.flatMap { climb -> [RedisCommand] in
            [
              ["HMGET", .text(climb.job.description), "parentKey", "parent", "timestamp"],
              [
                "EXISTS", .text(climb.job[.dependencies]), .text(climb.job[.processed]), .text(climb.job[.failed]),
                .text(climb.job[.unsuccessful]),
              ],
            ]
          }
      )
      var next: [(job: JobKey, below: JobKey?)] = []
      for (index, climb) in level.enumerated() {
        let fields = replies[index * 2].array ?? []
        let exists = fields.count == 3 && !fields[2].isNull
        if let parent = Self.parent(replies[index * 2], of: climb.job.queue) {
          next.append((parent, climb.job))
        } else if !exists {
          climb.below.map { _ = roots.insert($0) }
        } else if replies[index * 2 + 1].int ?? 0 > 0 || climb.below != nil {
          roots.insert(climb.job)
        }
      }
      level = next
    }
    return roots
  }
}
