import QueueClient
import Redis

/// Changes as the queues' event streams tell them: what there is where keyspace notifications are not.
actor StreamSource {
  private let redis: RedisClient
  private let inbox: ChangeInbox
  private var positions: [QueueKey: String] = [:]
  private var connection: RedisConnection?
  /// A cluster reads one stream a command, and none of them may block the others.
  private var readsOneByOne = false
  private var isInterrupted = false
  /// Queues whose events key holds something else.
  private(set) var wrongTyped: Set<QueueKey> = []

  /// How long one read waits: the longer, the less an idle Redis has to do; but a dead link shows no earlier.
  private static let patience = Duration.seconds(2)
  /// Of more queues than this, the streams are not followed.
  private static let limit = 512

  init(redis: RedisClient, inbox: ChangeInbox) {
    self.redis = redis
    self.inbox = inbox
  }

  /// Follows these queues, each from its newest event on.
  func follow(_ queues: Set<QueueKey>) {
    let wanted = Set(queues.sorted().prefix(Self.limit)).subtracting(wrongTyped)
    let new = wanted.filter { positions[$0] == nil }
    for queue in new { positions[queue] = "" }
    for queue in positions.keys where !wanted.contains(queue) { positions[queue] = nil }
    // The read under way does not know of the new ones: it ends, and the next one does.
    guard !new.isEmpty, let connection else { return }
    isInterrupted = true
    connection.close()
  }

  /// Listens until the task is cancelled.
  func run(report: @escaping @Sendable (HealthState.Input) async -> Void) async {
    var failures = 0
    var isHeard = false
    wrongTyped = []
    for queue in positions.keys { positions[queue] = "" }
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: Backoff(limit: .seconds(3)).delay(after: failures, random: 0.5))
        try await takePositions()
        if !isHeard { await report(.heard(.streams)) }
        isHeard = true
        try await read()
        failures = 0
      } catch is CancellationError {
        break
      } catch let error as RedisError where error.isMissingRight {
        await report(.refused(.streams, reason: "\(error)"))
        failures += 1
      } catch let error as RedisError {
        if isInterrupted {
          isInterrupted = false
          continue
        }
        if await isExplained(error) { continue }
        isHeard = false
        failures += 1
        await report(.lost(.streams, reason: "\(error)"))
      } catch {
        failures += 1
      }
    }
    connection?.close()
    connection = nil
  }

  // MARK: Reading

  /// Finds the newest events of streams that were not followed before.
  private func takePositions() async throws {
    let new = positions.filter { $0.value.isEmpty }.keys.sorted()
    guard !new.isEmpty else { return }
    let replies = try await redis.rawReplies(to: new.map { ["XREVRANGE", .text($0[.events]), "+", "-", "COUNT", "1"] })
    for (queue, reply) in zip(new, replies) {
      if let line = reply.errorLine {
        guard line.hasPrefix("WRONGTYPE") else { throw RedisError.reply(command: "XREVRANGE", line: line) }
        leaveOut(queue)
      } else {
        positions[queue] = reply.array?.first?.array?.first?.string ?? "0-0"
      }
    }
    // What happened before these positions is in no stream to come.
    inbox.add { $0.everything = true }
  }

  private func read() async throws {
    let queues = positions.filter { !$0.value.isEmpty }.keys.sorted()
    guard !queues.isEmpty else { return try await Task.sleep(for: .milliseconds(200)) }
    if readsOneByOne {
      let replies = try await redis.rawReplies(
        to: queues.map { ["XREAD", "COUNT", "1000", "STREAMS", .text($0[.events]), .text(positions[$0] ?? "$")] })
      for (queue, reply) in zip(queues, replies) {
        if reply.errorLine?.hasPrefix("WRONGTYPE") == true { leaveOut(queue) }
        take(reply)
      }
      return try await Task.sleep(for: .milliseconds(500))
    }
    let block = String(Self.patience.milliseconds)
    let command = RedisCommand(
      "XREAD",
      ["COUNT", "1000", "BLOCK", block, "STREAMS"] + queues.map { $0[.events] } + queues.map { positions[$0] ?? "$" })
    take(try await standing().send(command, timeout: Self.patience + .seconds(3)))
  }

  private func take(_ reply: RESPValue) {
    var changes: [Change] = []
    for stream in reply.array ?? [] {
      guard let parts = stream.array, parts.count == 2,
        let queue = parts[0].string.flatMap({ QueueKey(eventsKey: $0) })
      else { continue }
      for entry in parts[1].array ?? [] {
        guard let fields = entry.array, fields.count == 2 else { continue }
        positions[queue] = fields[0].string
        changes += Self.changes(of: fields[1].pairs, in: queue)
      }
    }
    guard !changes.isEmpty else { return }
    inbox.add { pending in
      for change in changes { pending.add(change) }
      pending.unfinished = true
    }
  }

  /// What an event of a queue says has changed.
  static func changes(of event: [(name: String, value: RESPValue)], in queue: QueueKey) -> [Change] {
    let fields = Dictionary(event.map { ($0.name, $0.value.string ?? "") }) { _, last in last }
    var changes: [Change] = []
    switch fields[.event].flatMap(EventName.init) {
    case .paused, .resumed: changes.append(.settings(queue))
    case .waitingChildren, .completed, .failed, .removed, .drained, .cleaned: changes.append(.flows(queue))
    case _ where fields[.previous] == JobState.waitingChildren.rawValue: changes.append(.flows(queue))
    default: break
    }
    if let id = fields[.jobID] { changes.append(.job(JobKey(queue: queue, id: id), .itself)) }
    return changes
  }

  private func standing() async throws -> RedisConnection {
    if let connection, connection.isActive { return connection }
    let fresh = try await redis.dedicatedConnection()
    connection = fresh
    return fresh
  }

  // MARK: Errors

  /// Whether an error is one that we can go round.
  private func isExplained(_ error: RedisError) async -> Bool {
    guard case .reply(_, let line) = error else { return false }
    if line.hasPrefix("CROSSSLOT"), !readsOneByOne {
      readsOneByOne = true
      return true
    }
    guard line.hasPrefix("WRONGTYPE") else { return false }
    let queues = positions.keys.sorted()
    let types = try? await redis.rawReplies(to: queues.map { ["TYPE", .text($0[.events])] })
    let wrong = zip(queues, types ?? []).filter { !["stream", "none"].contains($1.string) }.map(\.0)
    for queue in wrong { leaveOut(queue) }
    return !wrong.isEmpty
  }

  private func leaveOut(_ queue: QueueKey) {
    wrongTyped.insert(queue)
    positions[queue] = nil
    inbox.add { $0.isShown = true }
  }
}

extension QueueKey {
  /// The queue whose events stand at a key.
  fileprivate init?(eventsKey: String) {
    self.init(qualifiedName: eventsKey.dropLast(Suffix.events.rawValue.count + 1))
  }
}
