import Redis

/// Lists the flows of queues: jobs that have, or had, children and no living parent.
public struct RootLister: Sendable {
  let redis: RedisClient

  /// A lister of the flows of a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// Has the server learn at once the scripts by which flows are listed and read; where it lets nobody run scripts, that
  /// shows when they are run.
  public func prepare() async { try? await redis.load(ReadScripts.ofFirstPicture) }

  /// Which way a sorted set is gone through.
  public enum Direction: String, Sendable, Hashable {
    /// From low scores to high ones.
    case up
    /// From high scores to low ones.
    case down
  }

  /// Where a listing goes on, exclusively.
  public struct Point: Sendable, Hashable {
    /// The score.
    public var score: Double
    /// Where it is among members of this score.
    public var place: Place

    /// A place among members of one score.
    public enum Place: Sendable, Hashable {
      /// Below all of them.
      case low
      /// Above all of them.
      case high
      /// At an id.
      case at(String)
    }

    /// A point from its parts.
    public init(score: Double, place: Place) {
      self.score = score
      self.place = place
    }
  }

  /// What is to be listed.
  public struct Call: Sendable {
    /// The queue.
    public var queue: QueueKey
    /// One of its sorted sets.
    public var place: QueueKey.Suffix
    /// Which way.
    public var direction: Direction
    /// Where to begin; `nil` at the beginning of that way.
    public var from: Point?
    /// How many flows are wanted.
    public var wanted: Int
    /// How much may be looked at: a job is 1, a parent 4; Redis takes about 1.5 ms for a thousand.
    public var budget: Int

    /// A call from its parts.
    public init(
      queue: QueueKey, place: QueueKey.Suffix, direction: Direction, from: Point?, wanted: Int, budget: Int
    ) {
      (self.queue, self.place, self.direction, self.from) = (queue, place, direction, from)
      (self.wanted, self.budget) = (wanted, budget)
    }
  }

  /// A member of a sorted set.
  public struct Member: Sendable, Hashable {
    /// Its id.
    public var id: String
    /// Its score.
    public var score: Double

    /// A member from its parts.
    public init(id: String, score: Double) {
      self.id = id
      self.score = score
    }
  }

  /// What a call gave.
  public struct Listing: Sendable {
    /// The flows, in order.
    public var flows: [Member] = []
    /// The first member looked at; `nil` where there was none.
    public var first: Member?
    /// The last one.
    public var last: Member?
    /// How many members were looked at.
    public var looked = 0
    /// How many members there are.
    public var size = 0
    /// Whether nothing is left.
    public var isEnd = true
  }

  /// Lists flows, each call for itself.
  ///
  /// - Throws: `RedisError`.
  public func list(_ calls: [Call]) async throws -> [Listing] {
    do {
      return try await redis.run(ReadScripts.listRoots, calls.map(\.scriptCall)).map(Listing.init)
    } catch let error as RedisError where error.isScriptRefused {
      return try await RootPipeline(redis: redis).list(calls)
    }
  }

  /// A flow that stands in no order of time.
  public struct Loose: Sendable, Hashable {
    /// Which job.
    public var key: JobKey
    /// Its state, by the place where it was met.
    public var state: JobState
    /// When it was added, in milliseconds since 1970; 0 where nobody knows.
    public var timestamp: Double
  }

  /// How much of a place was looked at.
  public struct Look: Sendable, Hashable {
    /// So many of its jobs.
    public var looked: Int
    /// Of so many.
    public var size: Int
  }

  /// Flows among the jobs that are active, waiting, delayed or have a priority.
  public struct LooseListing: Sendable {
    /// The flows.
    public var flows: [Loose] = []
    /// Each place's look, in the order of `loosePlaces`.
    public var looks: [Look] = []
  }

  /// The places of such jobs.
  public static let loosePlaces: [(place: QueueKey.Suffix, state: JobState)] = [
    (.active, .active), (.wait, .waiting), (.paused, .waiting), (.delayed, .delayed), (.prioritized, .prioritized),
  ]

  /// Lists flows among the jobs that are active, waiting, delayed or have a priority; of long lists, at both ends.
  ///
  /// - Parameter counts: for each queue, how many jobs at each end of each of `loosePlaces`.
  /// - Throws: `RedisError`.
  public func loose(_ queues: [(queue: QueueKey, counts: [Int])]) async throws -> [LooseListing] {
    let calls = queues.map { each in
      ScriptCall(keys: [each.queue.description], arguments: each.counts.map { .init($0) })
    }
    do {
      let replies = try await redis.run(ReadScripts.looseRoots, calls)
      return zip(queues, replies).map { LooseListing($1, queue: $0.queue) }
    } catch let error as RedisError where error.isScriptRefused {
      return try await RootPipeline(redis: redis).loose(queues)
    }
  }

  /// How thickly flows lie in a sorted set.
  public struct Sample: Sendable, Hashable {
    /// How many members there are.
    public var size: Int
    /// How many were looked at.
    public var looked: Int
    /// How many of these are flows.
    public var flows: Int
  }

  /// Samples sorted sets.
  ///
  /// - Parameters:
  ///   - count: how many members of each kind: from the lower end, from the upper end, and at random.
  ///   - least: smaller sets than this are not looked into.
  /// - Throws: `RedisError`.
  public func sample(_ places: [(queue: QueueKey, place: QueueKey.Suffix)], count: Int, least: Int) async throws
    -> [Sample]
  {
    let calls = places.map { each in
      ScriptCall(
        keys: [each.queue[each.place]], arguments: [.text(each.queue.description), .init(count), .init(least)])
    }
    do {
      return try await redis.run(ReadScripts.sampleRoots, calls).map { reply in
        let numbers = (reply.array ?? []).map { $0.int ?? 0 }
        return numbers.count == 3
          ? Sample(size: numbers[0], looked: numbers[1], flows: numbers[2]) : Sample(size: 0, looked: 0, flows: 0)
      }
    } catch let error as RedisError where error.isScriptRefused {
      return try await RootPipeline(redis: redis).sample(places, count: count, least: least)
    }
  }

  /// Some of the jobs of a queue that are ready, delayed or active: of each list, at both ends; those that are delayed by
  /// when they are due.
  ///
  /// - Throws: `RedisError`.
  public func unfinished(in queue: QueueKey, most: Int) async throws -> [JobKey] {
    let (first, last) = (RedisCommand.Argument(most / 2 - 1), RedisCommand.Argument(-most / 2))
    let lists: [QueueKey.Suffix] = [.wait, .paused, .active]
    let replies = try await redis.rawReplies(
      to: lists.flatMap { list -> [RedisCommand] in
        [["LRANGE", .text(queue[list]), "0", first], ["LRANGE", .text(queue[list]), last, "-1"]]
      } + [["ZRANGE", .text(queue[.prioritized]), "0", first], ["ZRANGE", .text(queue[.delayed]), "0", first]])
    return Set(replies.flatMap(\.strings)).filter { !QueueKey.isMarker($0) }.sorted()
      .map { JobKey(queue: queue, id: $0) }
  }

  /// When the newest event of queues was, in milliseconds since 1970; `nil` where there is none, or the server lets us run
  /// no scripts.
  ///
  /// - Throws: `RedisError`.
  public func lastEvents(of queues: [QueueKey]) async throws -> [Int?] {
    do {
      let calls = queues.map { ScriptCall(keys: [$0[.events]], arguments: []) }
      return try await redis.run(ReadScripts.lastEvent, calls).map(\.int)
    } catch let error as RedisError where error.isScriptRefused {
      return queues.map { _ in nil }
    }
  }

  /// Those of some jobs that are not in a sorted set of their queue any more.
  ///
  /// - Throws: `RedisError`.
  public func absent(_ jobs: [JobKey], from place: QueueKey.Suffix) async throws -> [JobKey] {
    let scores = try await redis.rawReplies(to: jobs.map { ["ZSCORE", .text($0.queue[place]), .text($0.id)] })
    return zip(jobs, scores).filter { $1.isNull }.map(\.0)
  }

  /// The root of a flow.
  public struct Root: Sendable, Hashable {
    /// Which job.
    public var key: JobKey
    /// Whether it has, or had, children.
    public var isParent: Bool
  }

  /// Climbs from jobs to the roots of their flows; a job above which nothing exists is its own.
  ///
  /// - Throws: `RedisError`.
  public func roots(of jobs: [JobKey]) async throws -> [Root] {
    let portions = stride(from: 0, to: jobs.count, by: 50).map { jobs[$0..<min($0 + 50, jobs.count)] }
    do {
      let calls = portions.map { ScriptCall(keys: $0.map(\.description), arguments: []) }
      let rows = try await redis.run(ReadScripts.climb, calls).flatMap { $0.array ?? [] }
      return zip(jobs, rows).map { job, row in
        let parts = row.array ?? []
        let (queue, id) = (parts.first?.string ?? "", parts.dropFirst().first?.string ?? "")
        let key = QueueKey(qualifiedName: queue).map { JobKey(queue: $0, id: id) }
        return Root(key: key ?? job, isParent: parts.last?.int == 1)
      }
    } catch let error as RedisError where error.isScriptRefused {
      return try await RootPipeline(redis: redis).roots(of: jobs)
    }
  }
}

extension RootLister.Call {
  var scriptCall: ScriptCall {
    var (score, where_, id) = ("", "", "")
    if let from {
      score = "\(from.score)"
      switch from.place {
      case .low: where_ = "low"
      case .high: where_ = "high"
      case .at(let its): (where_, id) = ("at", its)
      }
    }
    return ScriptCall(
      keys: [queue[place]],
      arguments: [
        .text(queue.description), .text(direction.rawValue), .text(score), .text(where_), .text(id), .init(wanted),
        .init(budget), .text(place == .waitingChildren ? "parents" : ""),
      ])
  }
}

extension RootLister.Listing {
  init(_ reply: RESPValue) {
    let parts = reply.array ?? []
    guard parts.count == 9 else { return }
    flows = parts[0].pairs.map { RootLister.Member(id: $0.name, score: $0.value.double ?? 0) }
    first = Self.member(score: parts[1], id: parts[2])
    last = Self.member(score: parts[3], id: parts[4])
    looked = parts[5].int ?? 0
    size = parts[6].int ?? 0
    isEnd = parts[7].int == 1
  }

  private static func member(score: RESPValue, id: RESPValue) -> RootLister.Member? {
    guard let score = score.double, let id = id.string else { return nil }
    return RootLister.Member(id: id, score: score)
  }
}

extension RootLister.LooseListing {
  init(_ reply: RESPValue, queue: QueueKey) {
    let parts = reply.array ?? []
    guard parts.count == 3 else { return }
    flows = (parts[0].array ?? []).compactMap { row in
      guard let row = row.array, row.count == 3, let place = row[0].string, let id = row[1].string,
        let state = RootLister.loosePlaces.first(where: { $0.place.rawValue == place })?.state
      else { return nil }
      return RootLister.Loose(key: JobKey(queue: queue, id: id), state: state, timestamp: row[2].double ?? 0)
    }
    let numbers = (parts[1].array ?? []).map { $0.int ?? 0 }
    looks = stride(from: 0, to: numbers.count - 1, by: 2).map {
      RootLister.Look(looked: numbers[$0], size: numbers[$0 + 1])
    }
  }
}
