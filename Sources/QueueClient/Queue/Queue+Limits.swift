import Redis

/// Looking at the limits of a queue.
extension Queue {
  /// How many jobs may be taken in which time by workers without a limit of their own (`getGlobalRateLimit`); `nil`
  /// where there is no limit.
  ///
  /// - Throws: `RedisError`.
  public func getGlobalRateLimit() async throws -> RateLimit? {
    let meta = try await getMeta()
    guard let max = meta.max, let duration = meta.duration else { return nil }
    return RateLimit(max: max, duration: .milliseconds(duration))
  }

  /// For how many milliseconds no more jobs may be taken (`getRateLimitTtl`).
  ///
  /// - Parameter max: how many jobs a worker's own limit lets be taken; without it, the queue's own limit counts, and
  ///   without that, whatever has been taken.
  /// - Returns: 0 while the limit is not reached; without any limit as Redis has it: -2 where nothing was taken.
  /// - Throws: `RedisError`.
  public func getRateLimitTtl(max: Int? = nil) async throws -> Int {
    let replies = try await redis.pipeline([
      ["HGET", .text(key[.meta]), "max"], ["GET", .text(key[.limiter])], ["PTTL", .text(key[.limiter])],
    ])
    let left = replies[2].int ?? -2
    guard let max = max ?? replies[0].int else { return left }
    return max <= replies[1].int ?? 0 ? Swift.max(0, left) : 0
  }

  /// Lets workers take jobs again, whatever was taken before (`removeRateLimitKey`).
  ///
  /// - Returns: whether anything was counted against a limit.
  /// - Throws: `RedisError`.
  @discardableResult
  public func removeRateLimitKey() async throws -> Bool {
    try await redis.send(["DEL", .text(key[.limiter])]).int == 1
  }

  /// Whether as many jobs are active as the queue's concurrency over all workers allows (`isMaxed`).
  ///
  /// - Throws: `RedisError`.
  public func isMaxed() async throws -> Bool {
    let replies = try await redis.pipeline([
      ["HGET", .text(key[.meta]), .text(MetaField.concurrency.rawValue)], ["LLEN", .text(key[.active])],
    ])
    return replies[0].int.map { $0 <= replies[1].int ?? 0 } ?? false
  }
}
