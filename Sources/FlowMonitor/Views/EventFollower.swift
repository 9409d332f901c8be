import QueueClient
import Redis

/// Follows the event streams of all known queues on a connection of its own, and tells the newest events.
actor EventFollower {
  private let redis: RedisClient
  private let queues: @Sendable () async -> [QueueKey]
  private let tell: @Sendable (ViewAnswer) -> Void
  private var positions: [QueueKey: String] = [:]
  private var wrongTyped: Set<QueueKey> = []
  private var log = EventLog()
  private var connection: RedisConnection?

  /// Of so many queues the streams are followed.
  static let mostQueues = EventLog.mostQueues
  /// So many events that are there already are shown at first, of all queues together.
  static let first = 100
  /// So many of a stream are read at a time.
  static let batch = 200
  /// How long a read waits for something to happen; then new queues are looked for.
  static let patience = Duration.seconds(1)
  /// Events are told no more often than this.
  static let pace = Duration.milliseconds(100)
  /// A read of many streams costs Redis something for each: it is made more seldom.
  static let pacePerQueue = Duration.microseconds(500)

  init(
    redis: RedisClient, queues: @escaping @Sendable () async -> [QueueKey],
    tell: @escaping @Sendable (ViewAnswer) -> Void
  ) {
    self.redis = redis
    self.queues = queues
    self.tell = tell
  }

  /// Follows until the task is cancelled.
  func run() async {
    var failures = 0
    while !Task.isCancelled {
      do {
        try await join()
        tell(.events(log))
        while true {
          let isBehind = try await read()
          failures = 0
          if !isBehind { try await Task.sleep(for: max(Self.pace, Self.pacePerQueue * positions.count)) }
          try await join()
        }
      } catch is CancellationError {
        break
      } catch {
        if Task.isCancelled { break }
        connection?.close()
        connection = nil
        failures += 1
        let error = error as? RedisError
        tell(.failed(error.map { "\($0)" } ?? "the events cannot be read", isAway: error?.isConnectionFailure ?? true))
        // A key may have become something else: whoever is followed is looked at again.
        if error?.isWrongType == true { wrongTyped.formUnion(await streamsOfOtherTypes()) }
        try? await Task.sleep(for: Backoff(limit: .seconds(3)).delay(after: failures, random: 0.5))
      }
    }
    connection?.close()
  }

  /// Begins to follow the queues that are new: behind the newest events of theirs, which are shown.
  private func join() async throws {
    let known = await queues().prefix(Self.mostQueues)
    for queue in positions.keys where wrongTyped.contains(queue) { positions[queue] = nil }
    let new = known.filter { positions[$0] == nil && !wrongTyped.contains($0) }
    guard !new.isEmpty else { return }
    let each = positions.isEmpty ? max(1, Self.first / max(1, new.count)) : Self.first
    let replies = try await redis.rawReplies(
      to: new.map { ["XREVRANGE", .text($0[.events]), "+", "-", "COUNT", .init(each)] })
    try replies.throwWhereRefused(command: "XREVRANGE")
    var found: [(id: String, event: LoggedEvent)] = []
    for (queue, reply) in zip(new, replies) {
      if reply.errorLine != nil {
        wrongTyped.insert(queue)
        continue
      }
      let entries = Self.entries(reply, queue)
      positions[queue] = entries.first?.id ?? "0-0"
      found += entries.reversed()
    }
    guard !found.isEmpty else { return }
    log.add(found.map(\.event).sorted { $0.time < $1.time })
    tell(.events(log))
  }

  /// - Returns: whether there is more to read at once.
  private func read() async throws -> Bool {
    let queues = positions.keys.sorted()
    guard !queues.isEmpty else {
      try await Task.sleep(for: Self.patience)
      return false
    }
    let command = RedisCommand(
      "XREAD",
      ["COUNT", "\(Self.batch)", "BLOCK", "\(Self.patience.milliseconds)", "STREAMS"] + queues.map { $0[.events] }
        + queues.map { positions[$0] ?? "$" })
    let reply = try await standing().send(command, timeout: Self.patience + .seconds(3))
    let byKey = Dictionary(queues.map { ($0[.events], $0) }) { first, _ in first }
    var (isBehind, new) = (false, [LoggedEvent]())
    for stream in reply.array ?? [] {
      guard let parts = stream.array, parts.count == 2, let queue = parts[0].string.flatMap({ byKey[$0] }) else {
        continue
      }
      let entries = Self.entries(parts[1], queue)
      if let last = entries.last { positions[queue] = last.id }
      isBehind = isBehind || entries.count >= Self.batch
      new += entries.map(\.event)
    }
    guard !new.isEmpty else { return false }
    log.add(new.sorted { $0.time < $1.time })
    tell(.events(log))
    return isBehind
  }

  private static func entries(_ reply: RESPValue, _ queue: QueueKey) -> [(id: String, event: LoggedEvent)] {
    (reply.array ?? []).compactMap { entry in
      guard let parts = entry.array, parts.count == 2, let id = parts[0].string else { return nil }
      let values = Dictionary(parts[1].pairs.map { ($0.name, $0.value.string ?? "") }) { _, last in last }
      return (id, LoggedEvent(queue: queue, id: id, values: values))
    }
  }

  private func streamsOfOtherTypes() async -> [QueueKey] {
    let queues = positions.keys.sorted()
    let types = try? await redis.rawReplies(to: queues.map { ["TYPE", .text($0[.events])] })
    return zip(queues, types ?? []).filter { !["stream", "none"].contains($1.string) }.map(\.0)
  }

  private func standing() async throws -> RedisConnection {
    if let connection, connection.isActive { return connection }
    let fresh = try await redis.dedicatedConnection()
    connection = fresh
    return fresh
  }
}
