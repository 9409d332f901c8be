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
  /// Jobs in each minute, the newest first.
  public var data: [Int]
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
    let list = try await redis.send(["CLIENT", "LIST"]).string ?? ""
    let own = Doorbell.clientName(of: key)
    return list.split(whereSeparator: \.isNewline).compactMap { line in
      let fields = Dictionary(
        line.split(separator: " ").compactMap { part -> (Substring, Substring)? in
          guard let equals = part.firstIndex(of: "=") else { return nil }
          return (part[..<equals], part[part.index(after: equals)...])
        }
      ) { first, _ in first }
      guard let name = fields["name"], name == own || name.hasPrefix(own + ":w:") else { return nil }
      return WorkerClient(
        name: name == own ? nil : String(name.dropFirst(own.count + 3)), address: String(fields["addr"] ?? ""),
        age: fields["age"].flatMap { Int($0) } ?? 0)
    }
  }

  /// How many jobs completed, or failed, minute by minute (`getMetrics`), while a worker counted them.
  ///
  /// - Throws: `QueueError.wrongState`, `RedisError`.
  public func getMetrics(_ state: JobState = .completed, start: Int = 0, end: Int = -1) async throws -> QueueMetrics {
    guard state == .completed || state == .failed else { throw QueueError.wrongState(key, state) }
    let metrics = "\(key):metrics:\(state.rawValue)"
    let replies = try await redis.pipeline([
      ["HGET", .text(metrics), "count"], ["LRANGE", .text(metrics + ":data"), .init(start), .init(end)],
    ])
    return QueueMetrics(count: replies[0].int ?? 0, data: (replies[1].array ?? []).compactMap(\.int))
  }

  /// The queue's job schedulers, the next one to act first (`getJobSchedulers`).
  ///
  /// - Throws: `RedisError`.
  public func getJobSchedulers() async throws -> [JobScheduler] {
    try await redis.send(["ZRANGE", .text(key[.repeat]), "0", "-1", "WITHSCORES"]).pairs.map {
      JobScheduler(id: $0.name, next: Int($0.value.double ?? 0))
    }
  }

  /// The job that keeps others like it out (`getDeduplicationJobId`).
  ///
  /// - Throws: `RedisError`.
  public func getDeduplicationJobId(_ id: String) async throws -> String? {
    try await redis.send(["GET", "\(key):de:\(id)"]).string
  }

  /// Lets the next job with that deduplication id in (`removeDeduplicationKey`).
  ///
  /// - Returns: whether there was one to let in.
  /// - Throws: `RedisError`.
  @discardableResult
  public func removeDeduplicationKey(_ id: String) async throws -> Bool {
    try await redis.send(["DEL", "\(key):de:\(id)"]).int == 1
  }
}
