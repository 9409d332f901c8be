import Redis

/// Looks once more at what was read one thing after the other: whether a parent still waits for a child, and where that
/// is, all at one time. Whoever then seems to wait in vain does.
public struct PendingCheck: Sendable {
  private let redis: RedisClient

  /// A check of the jobs of a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// What is asked of a job.
  public struct Question: Sendable, Hashable {
    /// Which job.
    public var job: JobKey
    /// The parent that waits for it; `nil` where none is in question.
    public var parent: JobKey?
    /// Whether the queue's lists are to be looked through.
    public var seeksLists: Bool

    /// A question from its parts.
    public init(job: JobKey, parent: JobKey?, seeksLists: Bool = false) {
      self.job = job
      self.parent = parent
      self.seeksLists = seeksLists
    }
  }

  /// What was found of a job.
  public struct Answer: Sendable, Hashable {
    /// Whether the parent does not wait for it any more; then nothing else was looked at.
    public var isOver = false
    /// Whether there is such a job.
    public var exists = false
    /// The lists and sets that it is in, in the order in which BullMQ asks for states.
    public var states: [JobState] = []
    /// Whether it may be in the middle of a list that is too long to be looked through.
    public var isUnsure = false
    /// Whether it waits for no child.
    public var hasNoPending = false
  }

  private static let batch = 200
  private static let callsAtOnce = 16
  /// So much of each end of a list is looked through.
  private static let listEnd = 2000

  /// Looks at jobs.
  ///
  /// - Returns: an answer for each, in order; `nil` where the server lets us run no scripts.
  /// - Throws: `RedisError`; a key of a wrong type is no error.
  public func ask(_ questions: [Question]) async throws -> [Answer]? {
    let portions = stride(from: 0, to: questions.count, by: Self.batch).map {
      questions[$0..<min($0 + Self.batch, questions.count)]
    }
    let calls = portions.map { portion in
      ScriptCall(
        keys: portion.map(\.job.description),
        arguments: [.init(Self.listEnd)] + portion.flatMap { Self.arguments(for: $0) })
    }
    do {
      let replies = try await redis.run(ReadScripts.checkPending, calls, atOnce: Self.callsAtOnce)
      return replies.flatMap { $0.array?.first?.array ?? [] }.map { Answer($0.string ?? "") }
    } catch let error as RedisError where error.isScriptRefused {
      return nil
    }
  }

  private static func arguments(for question: Question) -> [RedisCommand.Argument] {
    let parent = question.parent
    return [
      .text(question.job.queue.description), .text(question.job.id), .text(parent?.description ?? ""),
      .text(parent?.queue.description ?? ""), .text(parent?.id ?? ""), .text(question.seeksLists ? "lists" : ""),
    ]
  }
}

extension PendingCheck.Answer {
  private static let places: [(sign: Character, state: JobState)] = [
    ("c", .completed), ("f", .failed), ("d", .delayed), ("p", .prioritized), ("a", .active), ("q", .waiting),
    ("w", .waitingChildren),
  ]

  fileprivate init(_ signs: String) {
    isOver = signs.contains("x")
    exists = signs.contains("e")
    isUnsure = signs.contains("u")
    hasNoPending = signs.contains("n")
    states = Self.places.filter { signs.contains($0.sign) }.map(\.state)
  }
}
