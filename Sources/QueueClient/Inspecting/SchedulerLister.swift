import Redis

/// A job scheduler as it stands: what it makes, how often, and when next.
public struct ListedScheduler: Sendable, Hashable {
  /// Its queue.
  public var queue: QueueKey
  /// Its id.
  public var id: String
  /// What its jobs are called.
  public var name = ""
  /// Its cron pattern; `nil` where it has none.
  public var pattern: String?
  /// The milliseconds from one job to the next; `nil` where it goes by a pattern.
  public var every: Int?
  /// The pattern's time zone, where one is given.
  public var timeZone: String?
  /// How many jobs it makes at the most.
  public var limit: Int?
  /// No job is due after, in milliseconds since 1970.
  public var endDate: Int?
  /// How many jobs it has made.
  public var count: Int?
  /// When its next job is due, in milliseconds since 1970.
  public var next: Int
  /// When its next job was added, in milliseconds since 1970: that is when the job before it was taken. `nil` where the
  /// next job is gone.
  public var nextAddedOn: Int?

  /// A scheduler of which no more is known than when it acts.
  public init(queue: QueueKey, id: String, next: Int) {
    self.queue = queue
    self.id = id
    self.next = next
  }

  /// Its next job.
  public var nextJob: JobKey { JobKey(queue: queue, id: Iterations.id(of: id, due: next)) }
}

/// Lists the job schedulers of many queues.
public struct SchedulerLister: Sendable {
  private let redis: RedisClient

  /// Of one queue, so many are read: those that act next.
  public static let mostOfQueue = 100
  /// Of all queues together, so many.
  public static let most = 500

  /// A lister of a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// What was found.
  public struct Listing: Sendable, Equatable {
    /// The schedulers, the next to act first.
    public var schedulers: [ListedScheduler] = []
    /// How many there are in all.
    public var total = 0

    /// Nothing found.
    public init() {}
  }

  /// Lists the schedulers of queues. A key of a wrong type counts as empty.
  ///
  /// - Throws: `RedisError`.
  public func list(_ queues: [QueueKey]) async throws -> Listing {
    var listing = Listing()
    let replies = try await redis.rawReplies(
      to: queues.flatMap { queue -> [RedisCommand] in
        [
          ["ZCARD", .text(queue[.schedulers])],
          ["ZRANGE", .text(queue[.schedulers]), "0", .init(Self.mostOfQueue - 1), "WITHSCORES"],
        ]
      })
    try replies.throwWhereRefused(command: "ZRANGE")
    var found: [ListedScheduler] = []
    for (index, queue) in queues.enumerated() {
      listing.total = listing.total.addingClamped(replies[index * 2].int ?? 0)
      found += replies[index * 2 + 1].pairs.map { ListedScheduler(queue: queue, id: $0.name, next: $0.value.int ?? 0) }
    }
    found.sort { ($0.next, $0.queue, $0.id) < ($1.next, $1.queue, $1.id) }
    listing.schedulers = try await filled(Array(found.prefix(Self.most)))
    return listing
  }

  private func filled(_ found: [ListedScheduler]) async throws -> [ListedScheduler] {
    let replies = try await redis.rawReplies(
      to: found.flatMap { scheduler -> [RedisCommand] in
        [
          RedisCommand("HMGET", [scheduler.queue.scheduler(scheduler.id)] + Self.fields.map(\.rawValue)),
          ["HGET", .text(scheduler.nextJob.description), .text(JobField.timestamp.rawValue)],
        ]
      })
    var filled = found
    for index in found.indices {
      let values = replies[index * 2].array ?? []
      func value(_ field: SchedulerField) -> RESPValue {
        Self.fields.firstIndex(of: field).flatMap { values.indices.contains($0) ? values[$0] : nil } ?? .null
      }
      filled[index].name = value(.name).string ?? ""
      filled[index].pattern = value(.pattern).string
      filled[index].every = value(.every).int
      filled[index].timeZone = value(.tz).string
      filled[index].limit = value(.limit).int
      filled[index].endDate = value(.endDate).int
      filled[index].count = value(.iterationCount).int
      filled[index].nextAddedOn = replies[index * 2 + 1].int
    }
    return filled
  }

  private static let fields: [SchedulerField] = [
    .name, .pattern, .every, .tz, .limit, .endDate, .iterationCount,
  ]
}

extension [RESPValue] {
  /// A right that we lack is told; a key of a wrong type is none of ours.
  ///
  /// - Throws: `RedisError.reply`.
  public func throwWhereRefused(command: String) throws {
    for reply in self {
      guard let line = reply.errorLine, !line.hasPrefix("WRONGTYPE") else { continue }
      throw RedisError.reply(command: command, line: line)
    }
  }
}
