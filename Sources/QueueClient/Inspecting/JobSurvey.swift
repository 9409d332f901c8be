import Redis

/// Looks where very many jobs are, without reading them: some hundred jobs for the price of a few commands.
public struct JobSurvey: Sendable {
  private let redis: RedisClient

  /// A survey of the jobs of a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// What was found of a job.
  public struct Sight: Sendable, Hashable {
    /// Whether there is such a job.
    public var exists = false
    /// The sorted sets that it is in, in the order in which BullMQ asks for states.
    public var states: [JobState] = []
    /// Whether a worker holds it; looked at only where it is in no sorted set.
    public var isLocked = false
  }

  private static let batch = 300
  /// So many scripts go out in one write: others wait for Redis some ten milliseconds at the most.
  private static let callsAtOnce = 16

  /// Looks at jobs.
  ///
  /// - Returns: what was found of each.
  /// - Throws: `RedisError`; a key of a wrong type is no error.
  public func look(at keys: [JobKey]) async throws -> [JobKey: Sight] {
    do {
      return try await byScript(keys)
    } catch let error as RedisError where error.isScriptRefused {
      return try await byPipeline(keys)
    }
  }

  private func byScript(_ keys: [JobKey]) async throws -> [JobKey: Sight] {
    let portions = stride(from: 0, to: keys.count, by: Self.batch).map { keys[$0..<min($0 + Self.batch, keys.count)] }
    let calls = portions.map { portion in
      ScriptCall(
        keys: portion.map(\.description), arguments: portion.flatMap { [.text($0.queue.description), .text($0.id)] })
    }
    let replies = try await redis.run(ReadScripts.surveyJobs, calls, atOnce: Self.callsAtOnce)
    var sights: [JobKey: Sight] = [:]
    for (portion, reply) in zip(portions, replies) {
      for (key, signs) in zip(portion, reply.array?.first?.array ?? []) { sights[key] = Sight(signs.string ?? "") }
    }
    return sights
  }

  fileprivate static let places: [(place: QueueKey.Suffix, state: JobState, sign: UInt8)] = [
    (.completed, .completed, UInt8(ascii: "c")), (.failed, .failed, UInt8(ascii: "f")),
    (.delayed, .delayed, UInt8(ascii: "d")),
    (.prioritized, .prioritized, UInt8(ascii: "p")), (.waitingChildren, .waitingChildren, UInt8(ascii: "w")),
  ]

  private func byPipeline(_ keys: [JobKey]) async throws -> [JobKey: Sight] {
    var sights: [JobKey: Sight] = [:]
    for first in stride(from: 0, to: keys.count, by: Self.batch) {
      let portion = keys[first..<min(first + Self.batch, keys.count)]
      let replies = try await redis.rawReplies(
        to: portion.flatMap { key -> [RedisCommand] in
          [["EXISTS", .text(key.description)], ["EXISTS", .text(key[.lock])]]
            + Self.places.map { ["ZSCORE", .text(key.queue[$0.place]), .text(key.id)] }
        })
      let width = 2 + Self.places.count
      for (index, key) in portion.enumerated() {
        let answers = replies[index * width..<(index + 1) * width].map(\.self)
        let states = zip(Self.places, answers[2...]).filter { $1.double != nil }.map(\.0.state)
        sights[key] = Sight(
          exists: answers[0].int == 1, states: states, isLocked: states.isEmpty && answers[1].int == 1)
      }
    }
    return sights
  }
}

extension JobSurvey.Sight {
  fileprivate init(_ signs: String) {
    let signs = signs.utf8
    exists = signs.contains(UInt8(ascii: "e"))
    isLocked = signs.contains(UInt8(ascii: "l"))
    // Hardly any job is in more than one.
    for sign in signs {
      if let place = JobSurvey.places.first(where: { $0.sign == sign }) { states.append(place.state) }
    }
  }
}
