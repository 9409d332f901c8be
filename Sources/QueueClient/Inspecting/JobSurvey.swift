import Redis

/// Looks where very many jobs are, without reading them: some hundred jobs for the price of a few commands.
public struct JobSurvey: Sendable {
  private let redis: RedisClient

  /// A survey of the jobs of a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// What was found of a job.
  public struct Sight: Sendable, Hashable {
    /// 1 for a job that exists, and a bit for each sorted set that it is in.
    fileprivate var signs: UInt8 = 0

    /// Nothing found.
    public init() {}

    /// Whether there is such a job.
    public var exists: Bool { signs & 1 != 0 }

    /// How many sorted sets it is in.
    public var places: Int { (signs & ~1).nonzeroBitCount }

    /// The first of these sets, in the order in which BullMQ asks for states; `nil` where it is in none.
    public var state: JobState? {
      places == 0 ? nil : JobSurvey.places.first { signs & $0.sign != 0 }?.state
    }
  }

  /// What a look gave.
  public struct Survey: Sendable {
    /// What was found of each job, in order.
    public var sights: [Sight] = []
    /// Keys that hold something else than they should.
    public var wrongTyped: Set<String> = []
  }

  private static let batch = 500
  /// So many scripts go out in one write: others wait for Redis some ten milliseconds at the most.
  private static let callsAtOnce = 16

  /// Looks at jobs.
  ///
  /// - Throws: `RedisError`; a key of a wrong type is no error.
  public func look(at keys: [JobKey]) async throws -> Survey {
    do {
      return try await byScript(keys)
    } catch let error as RedisError where error.isScriptRefused {
      return try await byPipeline(keys)
    }
  }

  /// Jobs of one queue, by their places among all that are asked about.
  private struct Portion {
    var queue: QueueKey
    var jobs: [Int] = []
  }

  /// Jobs by their queues, so many of all in one call. What is no job's key is not asked about.
  private static func calls(for keys: [JobKey]) -> [[Portion]] {
    var byQueue: [Portion] = []
    var numbers: [QueueKey: Int] = [:]
    var last = 0
    for (index, key) in keys.enumerated() where !key.isUnreadable {
      if byQueue.isEmpty || byQueue[last].queue != key.queue {
        last = numbers[key.queue] ?? byQueue.count
        if last == byQueue.count {
          numbers[key.queue] = last
          byQueue.append(Portion(queue: key.queue))
        }
      }
      byQueue[last].jobs.append(index)
    }
    var calls: [[Portion]] = []
    var room = 0
    for whole in byQueue {
      var rest = whole.jobs[...]
      while !rest.isEmpty {
        if room == 0 {
          calls.append([])
          room = batch
        }
        calls[calls.count - 1].append(Portion(queue: whole.queue, jobs: Array(rest.prefix(room))))
        let taken = min(room, rest.count)
        rest = rest.dropFirst(taken)
        room -= taken
      }
    }
    return calls
  }

  private func byScript(_ keys: [JobKey]) async throws -> Survey {
    let calls = Self.calls(for: keys)
    let replies = try await redis.run(
      ReadScripts.surveyJobs,
      calls.map { portions in
        ScriptCall(
          keys: portions.map(\.queue.description),
          arguments: portions.flatMap { portion in
            [.init(portion.jobs.count)] + portion.jobs.map { .text(keys[$0].id) }
          })
      }, atOnce: Self.callsAtOnce)
    var survey = Survey(sights: [Sight](repeating: Sight(), count: keys.count))
    var refused = RefusedKeys()
    for (portions, reply) in zip(calls, replies) {
      guard case .bulk(let signs)? = reply.array?.first else {
        throw RedisError.unexpectedReply(command: ReadScripts.surveyJobs.name)
      }
      for (job, sign) in zip(portions.lazy.flatMap(\.jobs), signs) { survey.sights[job].signs = sign & 63 }
      refused.add(reply.array?.last)
    }
    survey.wrongTyped = refused.wrongTyped
    return survey
  }

  fileprivate static let places: [(place: QueueKey.Suffix, state: JobState, sign: UInt8)] = [
    (.completed, .completed, 2), (.failed, .failed, 4), (.delayed, .delayed, 8), (.prioritized, .prioritized, 16),
    (.waitingChildren, .waitingChildren, 32),
  ]

  private func byPipeline(_ keys: [JobKey]) async throws -> Survey {
    var survey = Survey()
    var refused = RefusedKeys()
    for first in stride(from: 0, to: keys.count, by: Self.batch) {
      let portion = keys[first..<min(first + Self.batch, keys.count)]
      let replies = try await redis.rawReplies(
        to: portion.flatMap { key -> [RedisCommand] in
          [["EXISTS", .text(key.description)]]
            + Self.places.map { ["ZSCORE", .text(key.queue[$0.place]), .text(key.id)] }
        })
      let width = 1 + Self.places.count
      for (index, key) in portion.enumerated() {
        var sight = Sight()
        if !key.isUnreadable, replies[index * width].int == 1 { sight.signs = 1 }
        for (number, place) in Self.places.enumerated() {
          let reply = replies[index * width + 1 + number]
          if reply.double != nil { sight.signs |= place.sign }
          if let line = reply.errorLine { refused.add(key: key.queue[place.place], line: line) }
        }
        survey.sights.append(sight)
      }
    }
    survey.wrongTyped = refused.wrongTyped
    return survey
  }
}
