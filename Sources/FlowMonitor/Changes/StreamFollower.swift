import QueueClient
import Redis

/// Follows the event streams of queues: what there is where keyspace notifications are not.
actor StreamFollower {
  private let redis: RedisClient
  private var positions: [QueueKey: String] = [:]
  private var connection: RedisConnection?

  /// How long one read waits: the longer, the less an idle Redis has to do.
  private static let patience = Duration.seconds(30)

  init(redis: RedisClient) {
    self.redis = redis
  }

  /// Follows a queue from its newest event on.
  func follow(_ queues: [QueueKey]) async throws {
    let new = queues.filter { positions[$0] == nil }
    guard !new.isEmpty else { return }
    let newest = try await redis.pipeline(new.map { ["XREVRANGE", .text($0[.events]), "+", "-", "COUNT", "1"] })
    for (queue, reply) in zip(new, newest) {
      positions[queue] = reply.array?.first?.array?.first?.string ?? "0-0"
    }
    // The read under way does not know of them: it ends, and the next one does.
    connection?.close()
    connection = nil
  }

  /// Waits for events.
  ///
  /// - Returns: what they say has changed; empty when the wait ended without any.
  func next() async throws -> [Change] {
    guard !positions.isEmpty else {
      try await Task.sleep(for: .milliseconds(200))
      return []
    }
    let queues = positions.keys.sorted()
    let command = RedisCommand(
      "XREAD",
      ["COUNT", "1000", "BLOCK", String(Self.patience.milliseconds), "STREAMS"]
        + queues.map { $0[.events] } + queues.map { positions[$0] ?? "$" }
    )
    let reply = try await standing().send(command, timeout: Self.patience + .seconds(10))
    var changes: [Change] = []
    for stream in reply.array ?? [] {
      guard let parts = stream.array, parts.count == 2,
        let queue = parts[0].string.flatMap({
          QueueKey(qualifiedName: $0.dropLast(":\(QueueKey.Suffix.events.rawValue)".count))
        })
      else { continue }
      for entry in parts[1].array ?? [] {
        guard let fields = entry.array, fields.count == 2 else { continue }
        positions[queue] = fields[0].string
        changes += Self.changes(of: fields[1].pairs, in: queue)
      }
    }
    return changes
  }

  private func standing() async throws -> RedisConnection {
    if let connection, connection.isActive { return connection }
    let fresh = try await redis.dedicatedConnection()
    connection = fresh
    return fresh
  }

  func close() {
    connection?.close()
  }

  /// What an event of a queue says has changed.
  static func changes(of event: [(name: String, value: RESPValue)], in queue: QueueKey) -> [Change] {
    var changes: [Change] = [.queue(queue)]
    let fields = Dictionary(event.map { ($0.name, $0.value.string ?? "") }) { _, last in last }
    if fields["event"] == "waiting-children" || fields["prev"] == "waiting-children" {
      changes.append(.waitingChildren(queue))
    }
    if let id = fields["jobId"] { changes.append(.job(JobKey(queue: queue, id: id))) }
    return changes
  }
}
