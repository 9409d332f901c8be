import Redis

/// A job in Redis: what it was when it was read, and what can be asked of it.
public struct Job: Sendable {
  /// The job's hash as it was read.
  public let snapshot: JobSnapshot
  /// The connection the job was read from.
  let redis: RedisClient

  /// A job around a snapshot.
  public init(_ snapshot: JobSnapshot, redis: RedisClient) {
    self.snapshot = snapshot
    self.redis = redis
  }

  /// Where the job is.
  public var key: JobKey { snapshot.key }

  /// Reads a job.
  ///
  /// - Returns: `nil` when there is none at that key.
  public static func read(_ key: JobKey, from redis: RedisClient) async throws -> Job? {
    let fields = try await redis.send(["HGETALL", .text(key.description)]).pairs
    guard !fields.isEmpty else { return nil }
    let texts = Dictionary(fields.map { ($0.name, $0.value.string ?? "") }) { _, last in last }
    return Job(JobSnapshot(key: key, fields: texts), redis: redis)
  }

  /// Where the job is in its life, asked in BullMQ's order (`getState`).
  public func getState() async throws -> JobState {
    let queue = key.queue
    func score(_ suffix: QueueKey.Suffix) -> RedisCommand { ["ZSCORE", .text(queue[suffix]), .text(key.id)] }
    func place(_ suffix: QueueKey.Suffix) -> RedisCommand { ["LPOS", .text(queue[suffix]), .text(key.id)] }
    let questions: [(JobState, RedisCommand)] = [
      (.completed, score(.completed)), (.failed, score(.failed)), (.delayed, score(.delayed)),
      (.prioritized, score(.prioritized)), (.active, place(.active)), (.waiting, place(.wait)),
      (.waiting, place(.paused)), (.waitingChildren, score(.waitingChildren)),
    ]
    let answers = try await redis.pipeline(questions.map(\.1))
    return zip(questions, answers).first { $1.int != nil || $1.double != nil }?.0.0 ?? .unknown
  }

  /// All children, by what became of them (`getDependencies`).
  public func getDependencies() async throws -> Dependencies {
    let replies = try await redis.pipeline([
      ["HGETALL", .text(key[.processed])], ["SMEMBERS", .text(key[.dependencies])],
      ["HGETALL", .text(key[.failed])], ["ZRANGE", .text(key[.unsuccessful]), "0", "-1"],
    ])
    var result = Dependencies()
    for (child, value) in replies[0].pairs {
      guard let child = JobKey(child) else { continue }
      let text = value.string ?? ""
      result.processed[child] = (try? JSON(parsing: text)) ?? .string(text)
    }
    result.unprocessed = replies[1].strings.compactMap { JobKey($0) }
    for (child, reason) in replies[2].pairs { JobKey(child).map { result.ignored[$0] = reason.string ?? "" } }
    result.failed = replies[3].strings.compactMap { JobKey($0) }
    return result
  }

  /// How many children there are of each kind (`getDependenciesCount`).
  public func getDependenciesCount() async throws -> DependenciesCount {
    let counts = try await redis.pipeline([
      ["HLEN", .text(key[.processed])], ["SCARD", .text(key[.dependencies])],
      ["HLEN", .text(key[.failed])], ["ZCARD", .text(key[.unsuccessful])],
    ]).map { $0.int ?? 0 }
    return DependenciesCount(processed: counts[0], unprocessed: counts[1], ignored: counts[2], failed: counts[3])
  }

  /// The values the finished children returned (`getChildrenValues`).
  public func getChildrenValues() async throws -> [JobKey: JSON] {
    var values: [JobKey: JSON] = [:]
    for (child, value) in try await redis.send(["HGETALL", .text(key[.processed])]).pairs {
      guard let child = JobKey(child) else { continue }
      let text = value.string ?? ""
      values[child] = (try? JSON(parsing: text)) ?? .string(text)
    }
    return values
  }

  /// Tells how far the job is, for everybody to see (`updateProgress`).
  public func updateProgress(_ progress: JSON) async throws {
    let queue = key.queue
    let text = progress.text
    _ = try await redis.pipeline([
      ["HSET", .text(key.description), "progress", .text(text)],
      ["XADD", .text(queue[.events]), "*", "event", "progress", "jobId", .text(key.id), "data", .text(text)],
    ])
  }

  /// Adds a row to the job's log.
  public func log(_ row: String) async throws {
    try await redis.send(["RPUSH", .text(key[.logs]), .text(row)])
  }
}
