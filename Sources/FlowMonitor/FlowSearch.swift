import Foundation
import QueueClient
import Redis

/// Finds the flows of a Redis once, without staying: for commands.
public struct FlowSearch: Sendable {
  private let redis: RedisClient
  private let prefix: String
  private let discovery: QueueDiscovery

  /// A search.
  ///
  /// - Parameter configuration: the prefix, the queues, and where those found last time are remembered.
  public init(redis: RedisClient, configuration: MonitorConfiguration) {
    self.redis = redis
    prefix = configuration.prefix
    discovery = QueueDiscovery(
      redis: redis, prefix: configuration.prefix, names: configuration.queueNames,
      cacheFolder: configuration.cacheFolder)
  }

  /// The queues, found by going through the whole keyspace.
  ///
  /// - Throws: `RedisError`.
  public func queues() async throws -> [QueueKey] {
    var found = Set(try await discovery.first())
    while true {
      let step = try await discovery.step(keys: QueueDiscovery.keysOfSoleReader)
      found.formUnion(step.found)
      if step.progress.isComplete { break }
    }
    let queues = found.sorted()
    await discovery.remember(queues)
    return queues
  }

  /// How queues stand.
  ///
  /// - Throws: `RedisError`.
  public func statuses(of queues: [QueueKey]) async throws -> [QueueStatus] {
    try await QueueReader(redis: redis).read(queues)
  }

  /// The roots of the flows of some queues, a page at a time.
  ///
  /// - Parameters:
  ///   - order: their order.
  ///   - body: is given each page; returns whether it wants more.
  /// - Throws: `RedisError`.
  public func flows(
    of queues: [QueueKey], order: FlowOrder = .attention, _ body: ([JobKey]) async throws -> Bool
  ) async throws {
    let index = FlowIndex(redis: redis)
    var anchor = FlowAnchor.first
    var given: Set<JobKey> = []
    while true {
      let page = try await index.page(
        order: order, filter: .all, anchor: anchor, before: 0, after: Self.page, queues: queues, problems: [])
      let new = page.roots.filter { given.insert($0).inserted }
      if !new.isEmpty, try await !body(new) { return }
      guard !page.isLast, let last = page.roots.last, anchor != .flow(last) else { return }
      anchor = .flow(last)
    }
  }

  private static let page = 100

  /// The queues in which jobs are held up whatever their turn: they are paused, no worker is connected, or the workers sleep.
  ///
  /// What may be over in a moment counts only when a second look finds it, too.
  ///
  /// - Returns: a cause for each, with the number of jobs, and one of them.
  /// - Throws: `RedisError`; what the server refuses to tell is no cause.
  public func heldUp(_ statuses: [QueueStatus]) async throws -> [Cause] {
    let states: [JobState] = [.waiting, .prioritized, .delayed, .active]
    let queues = Set(statuses.filter { status in states.contains { status.counts[$0] ?? 0 > 0 } }.map(\.key))
    let reader = QueueFactsReader(redis: redis)
    let first = try await reader.read(queues)
    let held = HeldQueues(facts: first.facts, now: first.now, firsts: try await firsts(in: queues)).causes
    guard held.contains(where: { $0.isPassing(first.facts[$0.job.queue]) }) else { return held }
    try await Task.sleep(for: FlowExplainer.patience)
    let again = try await reader.read(queues)
    return HeldQueues(facts: again.facts, now: again.now, firsts: try await firsts(in: queues)).causes.filter { cause in
      held.contains { $0.code == cause.code && $0.job.queue == cause.job.queue }
    }
  }

  /// The job of each queue that is taken next.
  private func firsts(in queues: Set<QueueKey>) async throws -> [QueueKey: JobKey] {
    let queues = queues.sorted()
    let replies = try await redis.rawReplies(
      to: queues.flatMap { key -> [RedisCommand] in
        [
          ["LINDEX", .text(key[.wait]), "-1"], ["ZRANGE", .text(key[.prioritized]), "0", "0"],
          ["LINDEX", .text(key[.paused]), "-1"], ["ZRANGE", .text(key[.delayed]), "0", "0"],
        ]
      })
    return Dictionary(
      queues.enumerated().compactMap { index, queue in
        let ids = replies[4 * index..<4 * index + 4].compactMap { $0.string ?? $0.strings.first }
        return ids.first.map { (queue, JobKey(queue: queue, id: $0)) }
      }
    ) { first, _ in first }
  }

  /// Why flows do not end, as far as that needs somebody, for each of some flows.
  ///
  /// What may be over in a moment is told when a second look finds it, too.
  ///
  /// - Returns: by root; a flow that needs nobody is left out.
  /// - Throws: `RedisError`.
  public func causes(of roots: [JobKey]) async throws -> [JobKey: [Cause]] {
    guard !roots.isEmpty else { return [:] }
    let explainer = FlowExplainer(redis: redis)
    var found = try await explainer.look(at: roots)
    let doubtful = found.filter { !$0.value.mayPass.isEmpty }
    if !doubtful.isEmpty {
      try await Task.sleep(for: FlowExplainer.patience)
      for (root, again) in try await explainer.look(at: doubtful.keys.sorted()) {
        let causes = again.causes.filter { cause in
          !again.mayPass.contains(cause) || doubtful[root]?.causes.contains { $0.isLike(cause) } == true
        }
        found[root] = FlowExplainer.LookedAt(causes: causes)
      }
    }
    return found.mapValues { $0.causes.filter(\.needsPerson) }.filter { !$0.value.isEmpty }
  }

  /// A flow that needs somebody.
  public struct Problem: Sendable, Hashable {
    /// The root of the flow.
    public var root: JobKey
    /// All causes that need somebody, the most important first.
    public var causes: [Cause]
  }

  /// What the search for problems found.
  public struct Problems: Sendable {
    /// The problems, flow by flow.
    public var found: [Problem] = []
    /// How many flows were looked at.
    public var flowCount = 0
    /// Whether the problems are all there are, or some had to be left out.
    public var isExact = true
    /// Keys that hold something else than they should.
    public var wrongTyped: Set<String> = []
  }

  /// Looks for problems in all flows of some queues.
  ///
  /// What may be over in a moment counts only when a second look finds it, too: where there is such a thing, this takes so
  /// much longer.
  ///
  /// - Parameter progress: is told how far it has come.
  /// - Throws: `RedisError`.
  public func problems(of queues: [QueueKey], progress: (Progress) -> Void = { _ in }) async throws -> Problems {
    let sweep = AttentionSweep(redis: redis, prefix: prefix)
    var findings: [JobKey: AttentionSweep.Finding] = [:]
    var result = Problems()
    var looks = 0
    while true {
      let start = ContinuousClock.now
      let step = try await sweep.step(queues: queues)
      for root in step.cleared { findings[root] = nil }
      for finding in step.findings { findings[finding.root] = finding }
      result.flowCount = step.flowCount.value
      result.isExact = step.isExact
      result.wrongTyped.formUnion(step.wrongTyped)
      progress(step.progress)
      guard await sweep.isIdle else {
        try await Self.rest(since: start)
        continue
      }
      guard looks < Self.mostSecondLooks, let pause = await sweep.secondLook else { break }
      looks += 1
      try await Task.sleep(for: pause)
    }
    result.found = findings.values.sorted { $0.root < $1.root }.map { Problem(root: $0.root, causes: $0.causes) }
    return result
  }

  /// Redis keeps four fifths of its time for others; what takes long is many small steps with pauses of their own.
  private static func rest(since start: ContinuousClock.Instant) async throws {
    try await Task.sleep(for: min((ContinuousClock.now - start) * 4, .milliseconds(200)))
  }

  /// Where workers come and go, something may always be new.
  private static let mostSecondLooks = 20
}
