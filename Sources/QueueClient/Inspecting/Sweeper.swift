import Redis

/// Looks for trouble in the places where it shows, a small read-only step at a time.
public struct Sweeper: Sendable {
  let redis: RedisClient

  /// A sweeper of a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// Something that is wrong with a job.
  public struct Trouble: Sendable, Hashable {
    /// The job that it was found at.
    public var at: JobKey
    /// What it is.
    public var code: Code
    /// The job that is the cause; a child, or the job itself.
    public var cause: JobKey
    /// The cause's name; empty where nobody knows.
    public var name: String
    /// Why the cause failed; empty where it did not.
    public var reason: String
  }

  /// What is wrong.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// A child failed for good, and nothing says what that means for its parent.
    case failedChild = "failed-child"
    /// A child is gone, and its parent waits for it.
    case missingChild = "missing-child"
    /// A child has completed, and its parent still waits for it.
    case completedStillPending = "completed-still-pending"
    /// A parent waits for children, and there is none to wait for.
    case waitsForNothing = "waits-for-nothing"
    /// The root of a flow failed.
    case failed
    /// A job is active, and no worker holds its lock.
    case stalled
    /// A parent that waits for children does not exist; met there, or at a child that names it.
    case missingParent = "missing-parent"
    /// Something is unusual: a look at the whole flow says whether that is trouble.
    case doubtful
  }

  /// What a step gave.
  public struct Step: Sendable {
    /// What is wrong.
    public var troubles: [Trouble] = []
    /// How many jobs were looked at.
    public var looked = 0
    /// How many of them are roots of flows.
    public var roots = 0
    /// The jobs that belong to flows, where they were asked for.
    public var members: [JobKey] = []
    /// Parents with too many children for a look.
    public var wide: [JobKey] = []
    /// Queues of children that parents wait for, other than the parents' own.
    public var elsewhere: [Elsewhere] = []
    /// Children that are in no sorted set, of queues whose lists are too long for a look.
    public var unlisted: [Unlisted] = []
    /// Keys that hold something else than they should.
    public var wrongTyped: Set<String> = []
  }

  /// A parent that waits for children of another queue.
  public struct Elsewhere: Sendable, Hashable {
    /// The parent.
    public var parent: JobKey
    /// The queue of a child.
    public var queue: QueueKey
  }

  /// A child that has to be looked for in lists.
  public struct Unlisted: Sendable, Hashable {
    /// The parent.
    public var parent: JobKey
    /// The child.
    public var child: JobKey
  }

  /// Children of all parents of a call that are looked at.
  static let childBudget = 400
  /// Parents with more children than this are looked at by themselves.
  static let mostChildren = 64

  /// Looks at parents that wait, by rank.
  ///
  /// - Throws: `RedisError`.
  public func parents(of queue: QueueKey, from rank: Int, count: Int) async throws -> Step {
    try await parents(of: queue, ["rank", .init(rank), .init(count)])
  }

  /// Looks at some parents again; those that wait no longer are left out.
  ///
  /// - Throws: `RedisError`.
  public func parents(of queue: QueueKey, ids: [String]) async throws -> Step {
    try await parents(of: queue, ["ids"] + ids.map { .text($0) })
  }

  private func parents(of queue: QueueKey, _ which: [RedisCommand.Argument]) async throws -> Step {
    let reply = try await redis.run(
      ReadScripts.sweepParents, keys: [queue.description],
      arguments: [.init(Self.childBudget), .init(Self.mostChildren)] + which)
    let parts = reply.array ?? []
    guard parts.count == 7 else { throw RedisError.unexpectedReply(command: "sweepParents") }
    var step = Step()
    step.troubles = (parts[0].array ?? []).compactMap { Self.trouble($0, in: queue) }
    step.looked = parts[1].int ?? 0
    step.roots = parts[2].int ?? 0
    step.wide = parts[3].strings.map { JobKey(queue: queue, id: $0) }
    step.elsewhere = parts[4].pairs.compactMap { id, name in
      name.string.flatMap { QueueKey(qualifiedName: $0) }.map {
        Elsewhere(parent: JobKey(queue: queue, id: id), queue: $0)
      }
    }
    step.unlisted = Self.unlisted(parts[5], of: queue)
    step.wrongTyped = Self.wrongTyped(parts[6])
    return step
  }

  private static func unlisted(_ rows: RESPValue, of queue: QueueKey) -> [Unlisted] {
    (rows.array ?? []).compactMap { row in
      let parts = row.strings
      guard parts.count == 3, let childQueue = QueueKey(qualifiedName: parts[1]) else { return nil }
      return Unlisted(parent: JobKey(queue: queue, id: parts[0]), child: JobKey(queue: childQueue, id: parts[2]))
    }
  }

  /// One step through the pending children of a parent that has many.
  ///
  /// - Parameter cursor: where it begins; `nil` at the beginning.
  /// - Returns: the first trouble found; where the next step begins, `nil` at the end; and what sweeping parents tells of
  ///   their children besides.
  /// - Throws: `RedisError`.
  public func children(
    of parent: JobKey, from cursor: String?, count: Int = 300
  ) async throws -> (trouble: Trouble?, next: String?, step: Step) {
    let reply = try await redis.run(
      ReadScripts.sweepChildren, keys: [parent.description],
      arguments: [.text(cursor ?? "0"), .init(count), .text(parent.queue.description)])
    guard let parts = reply.array, parts.count == 4, let next = parts[0].string else {
      throw RedisError.unexpectedReply(command: "sweepChildren")
    }
    var trouble = Self.trouble(parts[1], in: parent.queue)
    trouble?.at = parent
    var step = Step()
    step.elsewhere = parts[2].strings.compactMap { QueueKey(qualifiedName: $0) }.map {
      Elsewhere(parent: parent, queue: $0)
    }
    step.unlisted = Self.unlisted(parts[3], of: parent.queue).map { Unlisted(parent: parent, child: $0.child) }
    return (trouble, next == "0" ? nil : next, step)
  }

  /// Goes through one of a queue's lists or sorted sets.
  ///
  /// - Parameters:
  ///   - rank: where to begin; a negative one counts from the newest, to the end.
  ///   - members: whether the jobs are wanted that belong to flows.
  /// - Throws: `RedisError`.
  public func place(
    _ place: QueueKey.Suffix, of queue: QueueKey, from rank: Int, count: Int, members: Bool = false
  ) async throws -> Step {
    let reply = try await redis.run(
      ReadScripts.sweepPlace, keys: [queue[place]],
      arguments: [.text(queue.description), .text(place.rawValue), .init(rank), .init(count), members ? "1" : "0"])
    let parts = reply.array ?? []
    guard parts.count == 5 else { throw RedisError.unexpectedReply(command: "sweepPlace") }
    var step = Step()
    step.looked = parts[0].int ?? 0
    step.roots = parts[1].int ?? 0
    step.troubles = (parts[2].array ?? []).compactMap { Self.trouble($0, in: queue) }
    step.members = parts[3].strings.map { JobKey(queue: queue, id: $0) }
    step.wrongTyped = Self.wrongTyped(parts[4])
    return step
  }

  private static func wrongTyped(_ notes: RESPValue) -> Set<String> {
    var refused = RefusedKeys()
    refused.add(notes)
    return refused.wrongTyped
  }

  /// The job of a row, what it is, the cause's key, its name and the reason.
  private static func trouble(_ row: RESPValue, in queue: QueueKey) -> Trouble? {
    let parts = (row.array ?? []).map { $0.string ?? "" }
    guard parts.count == 5, let code = Code(rawValue: parts[1]) else { return nil }
    let at = JobKey(queue: queue, id: parts[0])
    let cause = parts[2].isEmpty || parts[2] == at.description ? at : JobKey(parts[2], namedBy: queue) ?? at
    return Trouble(at: at, code: code, cause: cause, name: parts[3], reason: parts[4])
  }
}
