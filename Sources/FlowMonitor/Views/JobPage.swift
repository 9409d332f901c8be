import QueueClient
import Redis

/// One page of the jobs of a queue that are in one state.
public struct JobPage: Sendable, Equatable {
  /// Which page.
  public var place: Place
  /// The jobs, in the order of the list; one that is listed and gone has its key alone.
  public var jobs: [FlowJob] = []
  /// Those of them whose hash does not exist.
  public var gone: Set<JobKey> = []
  /// How many jobs the queue has in each state.
  public var counts: [JobState: Int] = [:]
  /// Whether the queue is paused.
  public var isPaused = false

  /// An empty page.
  public init(place: Place) { self.place = place }

  /// Where a page is.
  public struct Place: Sendable, Hashable {
    /// The queue.
    public var queue: QueueKey
    /// The state.
    public var state: JobState
    /// The place of the first job of the page, from 0 on.
    public var first: Int
    /// How many jobs the page has room for.
    public var count: Int

    /// A place from its parts.
    public init(queue: QueueKey, state: JobState, first: Int, count: Int) {
      self.queue = queue
      self.state = state
      self.first = max(0, first)
      self.count = max(1, min(count, 200))
    }
  }
}

/// Reads a page of jobs, and never more: those that run next first, those that ended last first, others the oldest first.
struct JobPageReader: Sendable {
  let redis: RedisClient

  /// - Throws: `RedisError`.
  func read(_ place: JobPage.Place) async throws -> JobPage {
    var page = JobPage(place: place)
    let replies = try await redis.rawReplies(to: Self.questions(place))
    try replies.throwWhereRefused(command: "LRANGE")
    let status = try await QueueReader(redis: redis).read([place.queue]).first
    page.counts = status?.counts ?? [:]
    page.isPaused = status?.isPaused ?? false
    var ids = Self.order(replies[0].strings, place)
    if replies.count > 2, ids.count < place.count {
      // Behind the jobs that wait in the one list come those that BullMQ 5 and older moved into the other when they paused.
      let before = replies[2].int ?? 0
      let first = max(0, place.first - before)
      let rest = try await redis.rawReplies(
        to: [Self.range(place.queue[.paused], first: first, count: place.count - ids.count)])
      ids += rest[0].strings.reversed()
    }
    var seen: Set<String> = []
    let keys = ids.filter { !QueueKey.isMarker($0) && seen.insert($0).inserted }.map {
      JobKey(queue: place.queue, id: $0)
    }
    let read = try await JobReader(redis: redis).read(keys)
    page.jobs = keys.map { read.jobs[$0] ?? FlowJob(key: $0) }
    page.gone = read.gone
    return page
  }

  private static func questions(_ place: JobPage.Place) -> [RedisCommand] {
    let queue = place.queue
    func set(_ suffix: QueueKey.Suffix, newestFirst: Bool = false) -> [RedisCommand] {
      [
        [
          newestFirst ? "ZREVRANGE" : "ZRANGE", .text(queue[suffix]), .init(place.first),
          .init(place.first.addingClamped(place.count - 1)),
        ]
      ]
    }
    switch place.state {
    case .waiting:
      return [
        range(queue[.wait], first: place.first, count: place.count),
        ["LLEN", .text(queue[.paused])], ["LLEN", .text(queue[.wait])],
      ]
    case .active: return [range(queue[.active], first: place.first, count: place.count)]
    case .prioritized: return set(.prioritized)
    case .delayed: return set(.delayed)
    case .waitingChildren: return set(.waitingChildren)
    case .completed: return set(.completed, newestFirst: true)
    case .failed, .unknown: return set(.failed, newestFirst: true)
    }
  }

  private static func range(_ key: String, first: Int, count: Int) -> RedisCommand {
    // -1 is the last of a list, which is the next to run, and of those that run the one that began first.
    ["LRANGE", .text(key), .init(-first.addingClamped(count)), .init(-first.addingClamped(1))]
  }

  private static func order(_ ids: [String], _ place: JobPage.Place) -> [String] {
    place.state == .waiting || place.state == .active ? ids.reversed() : ids
  }
}
