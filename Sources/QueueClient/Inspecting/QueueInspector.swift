import Redis

/// What of a queue changes from moment to moment beside its counts.
public struct InspectedQueue: Sendable, Hashable {
  /// Which queue.
  public var key: QueueKey
  /// When the job was added that is the next to run, in milliseconds since 1970; `nil` where none is ready.
  public var nextAddedOn: Int?
  /// Jobs that completed in each of the last minutes, the current one last; `nil` where no worker counts them.
  public var completed: [Int]?
  /// Jobs that failed in each of the last minutes, the current one last; `nil` where no worker counts them.
  public var failed: [Int]?
  /// How many jobs have been given a number, ever; `nil` where that is not known.
  public var added: Int?
  /// How long the rate limit holds the queue up, in milliseconds; `nil` where it does not.
  public var limitedFor: Int?

  /// A queue of which nothing more is known.
  public init(key: QueueKey) { self.key = key }
}

/// Looks at many queues in a few pipelines: the age of the next job, the metrics, the rate limit.
public struct QueueInspector: Sendable {
  private let redis: RedisClient

  /// How many queues one pipeline asks about.
  private static let batch = 50
  /// So many minutes of the metrics are read, the current one with them.
  public static let minutes = 8

  /// An inspector of the queues of a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// Looks at queues; what cannot be read of one is left out.
  ///
  /// - Parameter now: milliseconds since 1970.
  /// - Throws: `RedisError`.
  public func inspect(_ keys: [QueueKey], now: Int) async throws -> [InspectedQueue] {
    var found: [InspectedQueue] = []
    for first in stride(from: 0, to: keys.count, by: Self.batch) {
      found += try await inspect(portion: Array(keys[first..<min(first + Self.batch, keys.count)]), now: now)
    }
    return found
  }

  private func inspect(portion keys: [QueueKey], now: Int) async throws -> [InspectedQueue] {
    let width = Self.questions(QueueKey(name: "")).count
    let answers = try await redis.rawReplies(to: keys.flatMap(Self.questions))
    var queues: [InspectedQueue] = []
    var next: [JobKey?] = []
    for (index, key) in keys.enumerated() {
      let answers = Array(answers[index * width..<(index + 1) * width])
      queues.append(Self.queue(key, answers, now: now))
      next.append(Self.nextJob(answers).map { JobKey(queue: key, id: $0) })
    }
    let asked = next.compactMap { $0 }
    let times = try await redis.rawReplies(
      to: asked.map { ["HGET", .text($0.description), .text(JobField.timestamp.rawValue)] })
    let byJob = Dictionary(zip(asked, times.map(\.int))) { first, _ in first }
    for index in queues.indices { queues[index].nextAddedOn = next[index].flatMap { byJob[$0] ?? nil } }
    return queues
  }

  private static func questions(_ key: QueueKey) -> [RedisCommand] {
    [
      ["LRANGE", .text(key[.wait]), "-2", "-1"], ["LRANGE", .text(key[.paused]), "-2", "-1"],
      ["ZRANGE", .text(key[.prioritized]), "0", "0"], ["PTTL", .text(key[.limiter])],
      ["GET", .text(key[.limiter])], ["HGET", .text(key[.meta]), .text(MetaField.max.rawValue)],
    ]
      + [JobState.completed, .failed].flatMap { state -> [RedisCommand] in
        let metrics = key[.metrics, name: state.rawValue]
        return [
          RedisCommand("HMGET", [metrics] + MetricsField.inOrder.map(\.rawValue)),
          ["LRANGE", .text(QueueKey.points(of: metrics)), "0", .init(minutes - 1)],
        ]
      } + [["GET", .text(key[.id])]]
  }

  /// The job that a worker takes next; the markers of older versions, `0:…`, are none.
  private static func nextJob(_ answers: [RESPValue]) -> String? {
    func last(_ list: RESPValue) -> String? { list.strings.last { !QueueKey.isMarker($0) } }
    return last(answers[0]) ?? last(answers[1]) ?? answers[2].strings.first
  }

  private static func queue(_ key: QueueKey, _ answers: [RESPValue], now: Int) -> InspectedQueue {
    var queue = InspectedQueue(key: key)
    if let rest = answers[3].int, rest > 0, let count = answers[4].int, let most = answers[5].int, count >= most {
      queue.limitedFor = rest
    }
    queue.completed = minutes(answers[6], answers[7], now: now)
    queue.failed = minutes(answers[8], answers[9], now: now)
    queue.added = answers[10].int
    return queue
  }

  /// Jobs minute by minute up to now: a minute without jobs is written only when the next job ends.
  private static func minutes(_ counters: RESPValue, _ points: RESPValue, now: Int) -> [Int]? {
    let numbers = (counters.array ?? []).map(\.int)
    guard numbers.count == 3, let count = numbers[0], let last = numbers[1] else { return nil }
    let unwritten = max(0, count - (numbers[2] ?? 0))
    let passed = max(0, now / 60_000 - last / 60_000)
    let empty = Array(repeating: 0, count: min(passed, minutes))
    let newestFirst = empty + [unwritten] + (points.array ?? []).map { max(0, $0.int ?? 0) }
    let padded = newestFirst + Array(repeating: 0, count: minutes)
    return padded.prefix(minutes).reversed()
  }
}

extension MetricsField {
  /// As the inspector asks for them.
  fileprivate static let inOrder: [MetricsField] = [.count, .previousTime, .previousCount]
}
