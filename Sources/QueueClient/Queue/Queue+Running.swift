import Foundation
import Redis

/// Why something cannot be done with a queue; nothing was changed.
public enum QueueError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Workers have jobs of it in hand.
  case hasActiveJobs(QueueKey, count: Int)
  /// Jobs in that state cannot be treated so.
  case wrongState(QueueKey, JobState)

  /// One line: which queue, why, and what to do.
  public var description: String {
    switch self {
    case .hasActiveJobs(let key, let count):
      "queue \(key) has \(count) active \(count == 1 ? "job" : "jobs"); wait for them, or force it"
    case .wrongState(let key, let state): "queue \(key): this cannot be done with jobs that are \(state.rawValue)"
    }
  }
}

extension Queue {
  // MARK: Pausing

  /// Lets no worker take jobs from the queue (`pause`); those in hand go on.
  ///
  /// - Throws: `RedisError`.
  public func pause() async throws {
    try await redis.run(Scripts.pauseQueue, keys: [key.description], arguments: ["1"])
  }

  /// Lets workers take jobs again (`resume`).
  ///
  /// - Throws: `RedisError`.
  public func resume() async throws {
    try await redis.run(Scripts.pauseQueue, keys: [key.description], arguments: ["0"])
  }

  /// Whether the queue is paused.
  ///
  /// - Throws: `RedisError`.
  public func isPaused() async throws -> Bool {
    try await redis.send(["HEXISTS", .text(key[.meta]), .text(MetaField.paused.rawValue)]).int == 1
  }

  // MARK: Emptying

  /// Removes all jobs that are ready to run (`drain`), and the delayed ones where asked; parents that waited for them
  /// wait no longer.
  ///
  /// - Returns: how many jobs were removed.
  /// - Throws: `RedisError`.
  @discardableResult
  public func drain(delayed: Bool = false) async throws -> Int {
    var places: [QueueKey.Suffix] = [.wait, .paused, .prioritized]
    if delayed { places.append(.delayed) }
    var count = 0
    for place in places { count += try await removeJobs(in: place).count }
    return count
  }

  /// Removes jobs of a state that are older than a time (`clean`).
  ///
  /// - Parameters:
  ///   - grace: jobs younger than that stay: since they ended, or else since they were added.
  ///   - limit: how many at the most; 0 is all.
  ///   - state: `.completed`, `.failed`, `.waiting`, `.prioritized`, `.delayed`, `.active` (without a lock) or
  ///     `.waitingChildren` (with all jobs below, as `Job.remove` does; not where a worker has one of them).
  ///   - isDry: only looks which jobs those are, and changes nothing.
  /// - Returns: the ids that were removed, or would be.
  /// - Throws: `QueueError.wrongState`, `RedisError`.
  @discardableResult
  public func clean(
    grace: Duration, limit: Int = 0, state: JobState = .completed, isDry: Bool = false
  ) async throws -> [String] {
    let places = Place.all.filter { $0.state == state }
    guard !places.isEmpty else { throw QueueError.wrongState(key, state) }
    let latest = milliseconds(of: Date()) - grace.milliseconds
    var ids: [String] = []
    for place in places where limit == 0 || ids.count < limit {
      ids +=
        state == .waitingChildren
        ? try await removeWaitingParents(latest: latest, limit: limit, isDry: isDry)
        : try await removeJobs(
          in: place.suffix, limit: limit == 0 ? 0 : limit - ids.count, latest: latest, isDry: isDry)
    }
    if isDry { return ids }
    let eventLimit =
      try await redis.send(["HGET", .text(key[.meta]), .text(MetaField.maxLenEvents.rawValue)]).string ?? "10000"
    try await redis.send([
      "XADD", .text(key[.events]), "MAXLEN", "~", .text(eventLimit), "*", "event", "cleaned", "count",
      .init(ids.count),
    ])
    return ids
  }

  /// Removes the queue and everything in it (`obliterate`), its job schedulers included. It is paused first, and stays
  /// so where workers have jobs in hand.
  ///
  /// Parents that wait for children in other queues stay: they run when those have finished.
  ///
  /// - Parameter force: even while workers have jobs in hand.
  /// - Throws: `QueueError`, `RedisError`.
  public func obliterate(force: Bool = false) async throws {
    try await pause()
    let active = try await redis.send(["LLEN", .text(key[.active])]).int ?? 0
    guard active == 0 || force else { throw QueueError.hasActiveJobs(key, count: active) }
    for place in Place.all where place.state != .waitingChildren { try await removeJobs(in: place.suffix, all: true) }
    let schedulers = try await redis.send(["ZRANGE", .text(key[.schedulers]), "0", "-1"]).strings.map {
      key[.schedulers, name: $0]
    }
    let metrics = ["completed", "failed"].map { key[.metrics, name: $0] }.flatMap { [$0, QueueKey.points(of: $0)] }
    // The limit of a rate ends by itself.
    let kept: Set<QueueKey.Suffix> = [.waitingChildren, .limiter]
    let own = QueueKey.Suffix.allCases.filter { !kept.contains($0) }.map { key[$0] }
    try await redis.send(RedisCommand("UNLINK", own + metrics + schedulers))
  }

  /// Removes jobs of a place in steps, none of which holds Redis up for long.
  @discardableResult
  private func removeJobs(
    in place: QueueKey.Suffix, limit: Int = 0, latest: Int? = nil, all: Bool = false, isDry: Bool = false
  ) async throws -> [String] {
    var ids: [String] = []
    var from = 0
    while from >= 0, limit == 0 || ids.count < limit {
      let reply = try await redis.run(
        Scripts.removeJobs, keys: [key.description],
        arguments: [
          .text(place.rawValue), .init(limit == 0 ? 0 : limit - ids.count), .text(latest.map { String($0) } ?? ""),
          all ? "1" : "0", "500", .init(from), isDry ? "1" : "0",
        ])
      guard let parts = reply.array, parts.count == 2, let next = parts[1].int else {
        throw RedisError.unexpectedReply(command: Scripts.removeJobs.name)
      }
      ids += parts[0].strings
      from = next
    }
    return ids
  }

  // MARK: Moving

  /// Puts all failed (or completed) jobs back to where workers find them (`retryJobs`).
  ///
  /// - Parameters:
  ///   - state: `.failed` or `.completed`.
  ///   - count: how many one step moves.
  ///   - date: only those that ended before.
  /// - Throws: `QueueError.wrongState`, `RedisError`.
  public func retryJobs(_ state: JobState = .failed, count: Int = 1000, before date: Date = Date()) async throws {
    guard state.isFinished else { throw QueueError.wrongState(key, state) }
    try await moveJobs(in: state.rawValue, count: count, limit: .init(milliseconds(of: date)))
  }

  /// Lets all delayed jobs run now (`promoteJobs`).
  ///
  /// - Parameter count: how many one step moves.
  /// - Throws: `RedisError`.
  public func promoteJobs(count: Int = 1000) async throws {
    try await moveJobs(in: "delayed", count: count, limit: "")
  }

  private func moveJobs(in place: String, count: Int, limit: RedisCommand.Argument) async throws {
    var left = 1
    while left > 0 {
      left =
        try await redis.run(
          Scripts.moveJobs, keys: [key.description], arguments: [.text(place), .init(max(1, count)), limit]
        ).int ?? 0
    }
  }

  // MARK: Limits

  /// Lets so many jobs of the queue be active at once, over all workers (`setGlobalConcurrency`); `nil` is no limit.
  ///
  /// - Throws: `RedisError`.
  public func setGlobalConcurrency(_ concurrency: Int?) async throws {
    try await setMeta([("concurrency", concurrency)])
  }

  /// The queue's concurrency over all workers; `nil` where there is no limit.
  ///
  /// - Throws: `RedisError`.
  public func getGlobalConcurrency() async throws -> Int? {
    try await redis.send(["HGET", .text(key[.meta]), .text(MetaField.concurrency.rawValue)]).int
  }

  /// Lets so many jobs be taken in a span of time, by all workers without a limit of their own
  /// (`setGlobalRateLimit`); `nil` is no limit.
  ///
  /// - Throws: `RedisError`.
  public func setGlobalRateLimit(_ limit: RateLimit?) async throws {
    try await setMeta([("max", limit?.max), ("duration", limit?.duration.milliseconds)])
  }

  /// Lets workers that have a rate limit take nothing for a while (`rateLimit`).
  ///
  /// - Throws: `RedisError`.
  public func rateLimit(_ duration: Duration) async throws {
    // More than any limit: the number that BullMQ writes, too.
    try await redis.send(["SET", .text(key[.limiter]), "9007199254740991", "PX", .init(max(1, duration.milliseconds))])
  }

  /// Sets fields of the queue's settings, or takes them all away where one has no value.
  private func setMeta(_ fields: [(String, Int?)]) async throws {
    let values = fields.compactMap { name, value in value.map { [name, String($0)] } }
    let meta = key[.meta]
    try await redis.send(
      values.count == fields.count
        ? RedisCommand("HSET", [meta] + values.flatMap { $0 }) : RedisCommand("HDEL", [meta] + fields.map(\.0)))
    // Workers that sleep may take jobs now.
    try await redis.run(Scripts.wakeWorker, keys: [key.description])
  }
}
