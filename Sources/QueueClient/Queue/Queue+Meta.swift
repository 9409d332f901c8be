import Redis

/// The settings of a queue, as they stand in Redis.
public struct QueueMeta: Sendable, Hashable {
  /// How many jobs may be active at once, over all workers; `nil` for no limit.
  public var concurrency: Int?
  /// How many jobs may be taken in `duration`, by all workers; `nil` for no limit.
  public var max: Int?
  /// Milliseconds of that limit.
  public var duration: Int?
  /// About how many events are kept; `nil` where nobody has said so yet.
  public var maxLenEvents: Int?
  /// Whether workers may not take jobs now.
  public var paused: Bool
  /// Who wrote the settings first, such as `bullmq:6.2.0`.
  public var version: String?
}

extension Queue {
  /// The queue's settings (`getMeta`).
  ///
  /// - Throws: `RedisError`.
  public func getMeta() async throws -> QueueMeta {
    let fields = Dictionary(try await redis.send(["HGETALL", .text(key[.meta])]).pairs) { _, last in last }
    func field(_ name: MetaField) -> RESPValue? { fields[name.rawValue] }
    return QueueMeta(
      concurrency: field(.concurrency)?.int, max: field(.max)?.int, duration: field(.duration)?.int,
      maxLenEvents: field(.maxLenEvents)?.int, paused: field(.paused)?.string == "1",
      version: field(.version)?.string)
  }

  /// Who wrote the queue's settings first (`getVersion`), such as `bullmq:6.2.0`; `nil` where nobody has said so.
  ///
  /// - Throws: `RedisError`.
  public func getVersion() async throws -> String? { try await getMeta().version }

  // MARK: Events

  /// Keeps about so many of the queue's events, 10,000 where nobody says so (BullMQ's `streams.events.maxLen`).
  ///
  /// - Throws: `RedisError`.
  public func setMaxLenEvents(_ count: Int) async throws {
    try await redis.send(["HSET", .text(key[.meta]), .text(MetaField.maxLenEvents.rawValue), .init(max(0, count))])
  }

  /// Cuts the queue's events to about so many, the newest (`trimEvents`).
  ///
  /// - Returns: how many are gone.
  /// - Throws: `RedisError`.
  @discardableResult
  public func trimEvents(_ count: Int) async throws -> Int {
    try await redis.send(["XTRIM", .text(key[.events]), "MAXLEN", "~", .init(max(0, count))]).int ?? 0
  }

  /// Adds an event of one's own to the queue's, for whoever follows them (BullMQ's `QueueEventsProducer`).
  ///
  /// ```swift
  /// try await queue.publishEvent("painted", ["colour": "white"])
  /// ```
  ///
  /// - Parameters:
  ///   - name: what happened; followers get it as `.other`.
  ///   - fields: what else there is to say.
  ///   - count: about how many events are kept.
  /// - Returns: the event's place in the stream.
  /// - Throws: `RedisError`.
  @discardableResult
  public func publishEvent(_ name: String, _ fields: [String: String] = [:], keeping count: Int = 1000) async throws
    -> String
  {
    let pairs = fields.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    let event = ["MAXLEN", "~", "\(max(1, count))", "*", "event", name] + pairs
    return try await redis.send(RedisCommand("XADD", [key[.events]] + event)).string ?? ""
  }
}
