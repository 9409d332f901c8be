import Foundation
import QueueClient
import Redis

/// Looks for jobs in a whole Redis, in steps: an id in all queues by one pipeline, any other filter by going through the
/// places where jobs can be that pass it. Whoever takes no more steps has it stop.
///
/// ```swift
/// let search = JobSearch(redis: redis, filter: try JobFilter("state:failed"), configuration: MonitorConfiguration())
/// for try await step in search { show(step.found, step.progress) }
/// ```
///
/// A step takes Redis a millisecond or two, and between two steps it rests: four fifths of the time are left to others, and
/// half of it while queues are looked for that may have an id. A job that moves to another place meanwhile may be missed.
public struct JobSearch: AsyncSequence, Sendable {
  let redis: RedisClient
  let filter: JobFilter
  let configuration: MonitorConfiguration
  let known: [QueueKey]?
  let most: Int

  /// A search.
  ///
  /// - Parameters:
  ///   - configuration: the prefix, the queues that may be looked at, and where those found last time are remembered.
  ///   - known: all queues that there are, where they are known; else they are looked for.
  ///   - most: how many of the jobs that pass are read; more are counted.
  public init(
    redis: RedisClient, filter: JobFilter, configuration: MonitorConfiguration, known: [QueueKey]? = nil,
    most: Int = .max
  ) {
    self.redis = redis
    self.filter = filter
    self.configuration = configuration
    self.known = known
    self.most = most
  }

  /// What a step gave.
  public struct Step: Sendable {
    /// Jobs that pass, as they are now.
    public var found: [FlowJob] = []
    /// How far the search has come.
    public var progress = SearchProgress()

    /// A step from its parts.
    public init(found: [FlowJob] = [], progress: SearchProgress = SearchProgress()) {
      self.found = found
      self.progress = progress
    }
  }

  /// Begins.
  public func makeAsyncIterator() -> Iterator { Iterator(self) }

  /// One pass of the search.
  public struct Iterator: AsyncIteratorProtocol {
    private let search: JobSearch
    private let discovery: QueueDiscovery
    private let reader: JobReader
    private let pager: JobPager
    private let fields: [JobField]
    private let now: Int
    private var plan: SearchPlan
    private var pace: SearchPace
    private var progress = SearchProgress()
    private var queues: Set<QueueKey> = []
    private var given: Set<JobKey> = []
    /// How much of the keyspace was looked through for queues; `nil` before the beginning.
    private var discovered: Progress?
    private var isDiscoveriesTurn = false

    fileprivate init(_ search: JobSearch) {
      self.search = search
      let names = search.filter.queueNames.map { $0.sorted() } ?? search.configuration.queueNames
      discovery = QueueDiscovery(
        redis: search.redis, prefix: search.configuration.prefix, names: names,
        cacheFolder: search.configuration.cacheFolder)
      reader = JobReader(redis: search.redis)
      pager = JobPager(connection: search.redis)
      fields = search.filter.neededFields
      // Whoever wants to know of one job waits for the queues alone, as the dashboard does when it opens.
      pace = SearchPace(rests: search.filter.soleID == nil ? 4 : 1)
      now = Int(clamping: Date().timeIntervalSince1970 * 1000)
      plan = SearchPlan(filter: search.filter, now: now)
    }

    /// The next step; `nil` at the end.
    ///
    /// - Throws: `RedisError`; `CancellationError`.
    public mutating func next() async throws -> Step? {
      if progress.isComplete { return nil }
      try await pace.wait()
      let start = ContinuousClock.now
      var found: [FlowJob] = []
      if discovered == nil {
        found = try await begin()
      } else if isDiscovering, isDiscoveriesTurn || plan.isEmpty {
        found = try await discover()
        isDiscoveriesTurn = false
      } else if let walk = plan.next() {
        found = try await go(walk)
        isDiscoveriesTurn = true
      }
      pace.took(ContinuousClock.now - start)
      note()
      return Step(found: found, progress: progress)
    }

    private var isDiscovering: Bool { discovered?.isComplete == false }

    private mutating func note() {
      (progress.looked, progress.total, progress.queues) = (plan.looked, plan.total, queues.count)
      let walked = plan.total > 0 ? Double(plan.looked) / Double(plan.total) : plan.isEmpty ? 1 : 0
      let isOver = !isDiscovering && plan.isEmpty
      // Where a queue may still be found, nobody knows how much there is in it.
      let fraction = Swift.min(walked, discovered?.fraction ?? 0)
      progress.progress = isOver ? .complete : Progress(Swift.min(0.99, fraction))
    }

    // MARK: Queues

    private mutating func begin() async throws -> [FlowJob] {
      try await pace.measure(search.redis)
      if let known = search.known {
        discovered = .complete
        return try await take(known)
      }
      let first = try await discovery.first()
      let isAll = search.filter.queueNames != nil || !search.configuration.queueNames.isEmpty
      discovered = isAll ? .complete : Progress.none
      return try await take(first)
    }

    private mutating func discover() async throws -> [FlowJob] {
      let step = try await discovery.step(keys: 2000)
      discovered = step.progress
      let found = try await take(step.found)
      if step.progress.isComplete { await discovery.remember(queues.sorted()) }
      return found
    }

    /// So many queues are asked about in one write.
    private static let queuesAtOnce = 50

    /// Takes queues in: looks for the id in them at once, or plans what to go through.
    private mutating func take(_ found: [QueueKey]) async throws -> [FlowJob] {
      let new = Set(found).subtracting(queues).sorted()
      queues.formUnion(new)
      let names = search.configuration.queueNames
      let allowed = new.filter { search.filter.allows($0) && (names.isEmpty || names.contains($0.name)) }
      if let id = search.filter.soleID {
        return try await jobs(of: id, in: allowed)
      }
      for first in stride(from: 0, to: allowed.count, by: Self.queuesAtOnce) {
        let portion = allowed[first..<Swift.min(first + Self.queuesAtOnce, allowed.count)]
        let questions = portion.map(plan.questions)
        var replies = try await search.redis.rawReplies(to: Array(questions.joined()))[...]
        for (queue, its) in zip(portion, questions) {
          plan.add(queue, replies.prefix(its.count))
          replies = replies.dropFirst(its.count)
        }
      }
      return []
    }

    private mutating func jobs(of id: String, in queues: [QueueKey]) async throws -> [FlowJob] {
      let keys = queues.map { JobKey(queue: $0, id: id) }.filter { key in
        // An id may be spelt like one of the queue's own keys.
        if case .job(_, nil)? = StoredKey(key.description, prefix: key.queue.prefix) { true } else { false }
      }
      let replies = try await search.redis.rawReplies(to: keys.map { ["EXISTS", .text($0.description)] })
      let present = zip(keys, replies).filter { $1.int == 1 }.map(\.0)
      progress.matches = progress.matches.addingClamped(present.count)
      return try await read(present) { _ in nil }
    }

    // MARK: Jobs

    /// How many jobs a page has: the more of each is read, the fewer.
    private var pageSize: Int { Swift.max(50, 500 / (1 + fields.count)) }

    private mutating func go(_ walk: SearchPlan.Walk) async throws -> [FlowJob] {
      let page = try await pager.page(
        of: walk.place, in: walk.queue, from: walk.position, count: pageSize, fields: fields)
      var isBelow = false
      var keys: [JobKey] = []
      for row in page.rows {
        if let least = walk.leastScore, let score = row.score, score < least {
          isBelow = true
          break
        }
        // BullMQ 3 and 4 put markers into lists.
        if row.score == nil, QueueKey.isMarker(row.id) { continue }
        let key = JobKey(queue: walk.queue, id: row.id)
        let job = JobFilter.Candidate(
          key: key, state: walk.state, endedOn: walk.state.isFinished ? row.score.map { Int(clamping: $0) } : nil,
          names: fields,
          values: row.values)
        switch search.filter.matches(job, now: now) {
        case true?: if !given.contains(key) { keys.append(key) }
        case nil: progress.unread = progress.unread.addingClamped(1)
        case false?: break
        }
      }
      plan.went(walk, looked: page.looked, next: isBelow ? nil : page.next)
      progress.matches = progress.matches.addingClamped(keys.count)
      return try await read(keys) { job in job.isStateAssumed ? walk.state : nil }
    }

    /// Reads jobs that pass, as far as they are wanted; those that no longer do so are left out.
    ///
    /// - Parameter state: the state of a job whose own is not known for certain, where the walk knows it.
    private mutating func read(_ keys: [JobKey], state: (FlowJob) -> JobState?) async throws -> [FlowJob] {
      let wanted = keys.prefix(Swift.max(0, search.most - given.count))
      guard !wanted.isEmpty else { return [] }
      given.formUnion(wanted)
      let read = try await reader.read(wanted)
      let states = search.filter.states
      let found = wanted.compactMap { key -> FlowJob? in
        guard var job = read.jobs[key], !read.wrongTyped.contains(key.description) else { return nil }
        job.state = state(job) ?? job.state
        return states.contains(job.state) || search.filter.soleID != nil ? job : nil
      }
      progress.matches -= wanted.count - found.count
      return found
    }
  }
}
