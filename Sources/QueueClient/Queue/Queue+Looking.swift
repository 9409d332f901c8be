import Redis

/// A connection that works a queue off.
public struct WorkerClient: Sendable, Hashable {
  /// The worker's name; `nil` where it has none.
  public var name: String?
  /// Its address.
  public var address: String
  /// For how many seconds it has been connected.
  public var age: Int
}

/// How many jobs of a queue ended, minute by minute.
public struct QueueMetrics: Sendable, Hashable {
  /// All that ever ended while somebody counted.
  public var count: Int
  /// Jobs in each minute, the newest first: as many of them as were asked for.
  public var data: [Int]
  /// How many minutes there are in all.
  public var points = 0
  /// When the newest of them was written, in milliseconds since 1970; 0 for never.
  public var prevTS = 0
  /// The count at that time.
  public var prevCount = 0
}

/// A job scheduler of a queue: it makes jobs again and again.
public struct JobScheduler: Sendable, Hashable {
  /// Its id.
  public var id: String
  /// When its next job is due, in milliseconds since 1970.
  public var next: Int
}

extension Queue {
  /// The workers of the queue that are connected now (`getWorkers`), of whatever language.
  ///
  /// - Throws: `RedisError`; some hosted servers forbid `CLIENT LIST`.
  public func getWorkers() async throws -> [WorkerClient] {
    let own = WorkerClientName(of: key)
    return try await clients { name in
      own.worker(in: name).map { WorkerClient(name: $0.isEmpty ? nil : $0, address: "", age: 0) }
    }
  }

  /// How many workers of the queue are connected now (`getWorkersCount`).
  ///
  /// - Throws: `RedisError`; some hosted servers forbid `CLIENT LIST`.
  public func getWorkersCount() async throws -> Int { try await getWorkers().count }

  /// The connections that follow the queue's events now (`getQueueEvents`), of whatever language.
  ///
  /// - Throws: `RedisError`; some hosted servers forbid `CLIENT LIST`.
  public func getQueueEvents() async throws -> [WorkerClient] {
    let own = QueueEvents.clientName(of: key)
    return try await clients { $0 == own ? WorkerClient(name: nil, address: "", age: 0) : nil }
  }

  private func clients(_ client: (String) -> WorkerClient?) async throws -> [WorkerClient] {
    let list = try await redis.send(["CLIENT", "LIST"]).string ?? ""
    return ClientConnection.all(in: list).compactMap { connection in
      guard var found = client(connection.name) else { return nil }
      found.address = connection.address
      found.age = connection.age ?? 0
      return found
    }
  }

  /// How many jobs completed, or failed, minute by minute (`getMetrics`), while a worker counted them.
  ///
  /// - Throws: `QueueError.wrongState`, `RedisError`.
  public func getMetrics(_ state: JobState = .completed, start: Int = 0, end: Int = -1) async throws -> QueueMetrics {
    guard state.isFinished else { throw QueueError.wrongState(key, state) }
    let metrics = key[.metrics, name: state.rawValue]
    let replies = try await redis.pipeline([
      ["HMGET", .text(metrics), "count", "prevTS", "prevCount"],
      ["LRANGE", .text(QueueKey.points(of: metrics)), .init(start), .init(end)],
      ["LLEN", .text(QueueKey.points(of: metrics))],
    ])
    let numbers = (replies[0].array ?? []).map { $0.int ?? 0 }
    guard numbers.count == 3 else { throw RedisError.unexpectedReply(command: "HMGET") }
    return QueueMetrics(
      count: numbers[0], data: (replies[1].array ?? []).map { $0.int ?? 0 }, points: replies[2].int ?? 0,
      prevTS: numbers[1], prevCount: numbers[2])
  }

  /// The queue's job schedulers, the next one to act first (`getJobSchedulers`).
  ///
  /// - Throws: `RedisError`.
  public func getJobSchedulers() async throws -> [JobScheduler] {
    try await redis.send(["ZRANGE", .text(key[.schedulers]), "0", "-1", "WITHSCORES"]).pairs.map {
      JobScheduler(id: $0.name, next: $0.value.int ?? 0)
    }
  }

  /// The job that keeps others like it out (`getDeduplicationJobId`).
  ///
  /// - Throws: `RedisError`.
  public func getDeduplicationJobId(_ id: String) async throws -> String? {
    try await redis.send(["GET", .text(key[.deduplication, name: id])]).string
  }

  /// Lets the next job with that deduplication id in (`removeDeduplicationKey`).
  ///
  /// - Returns: whether there was one to let in.
  /// - Throws: `RedisError`.
  @discardableResult
  public func removeDeduplicationKey(_ id: String) async throws -> Bool {
    try await redis.send(["DEL", .text(key[.deduplication, name: id])]).int == 1
  }
}
