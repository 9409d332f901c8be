import Foundation
import QueueClient
import Redis

/// Finds the flows of a Redis once, without staying: for commands.
public struct FlowSearch: Sendable {
  private let redis: RedisClient
  private let discovery: QueueDiscovery

  /// A search.
  ///
  /// - Parameter configuration: the prefix, the queues, and where those found last time are remembered.
  public init(redis: RedisClient, configuration: MonitorConfiguration) {
    self.redis = redis
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

  /// The queues in which jobs wait and none begins: they are paused, or no worker is connected.
  ///
  /// - Returns: a cause for each, with the number of jobs, and one of them.
  /// - Throws: `RedisError`; what the server refuses to tell is no cause.
  public func heldUp(_ statuses: [QueueStatus]) async throws -> [Cause] {
    let waiting: [JobState] = [.waiting, .prioritized]
    let held = statuses.filter { status in waiting.contains { status.counts[$0] ?? 0 > 0 } }
    let facts = try await QueueFactsReader(redis: redis).read(Set(held.map(\.key))).facts
    let firsts = try await redis.rawReplies(
      to: held.flatMap { status -> [RedisCommand] in
        let key = status.key
        return [
          ["LINDEX", .text(key[.wait]), "-1"], ["ZRANGE", .text(key[.prioritized]), "0", "0"],
          ["LINDEX", .text(key[.paused]), "-1"],
        ]
      })
    return held.enumerated().flatMap { index, status -> [Cause] in
      let ids = firsts[3 * index..<3 * index + 3].compactMap { $0.string ?? $0.strings.first }
      guard let id = ids.first, let facts = facts[status.key] else { return [] }
      let job = JobKey(queue: status.key, id: id)
      func cause(_ code: CauseCode, _ fix: Cause.Fix) -> Cause {
        var cause = Cause(code, at: job, chain: [job], fixes: [fix])
        cause.evidence.count = waiting.reduce(0) { $0.addingClamped(status.counts[$1] ?? 0) }
        return cause
      }
      return (facts.isPaused ? [cause(.queuePaused, .resumeQueue(status.key))] : [])
        + (facts.workers == 0 ? [cause(.noWorker, .startWorker(status.key))] : [])
    }
  }

  /// Something wrong in a flow.
  public struct Problem: Sendable, Hashable {
    /// The root of the flow.
    public var root: JobKey
    /// What is wrong.
    public var diagnosis: Diagnosis
  }

  /// What the search for problems found.
  public struct Problems: Sendable {
    /// The problems, flow by flow.
    public var found: [Problem] = []
    /// How many flows were looked at.
    public var flowCount = 0
    /// Keys that hold something else than they should.
    public var wrongTyped: Set<String> = []
  }

  /// Looks for problems in all flows of some queues.
  ///
  /// An active job without a lock counts only when it still has none a while later: where there is one, this takes so
  /// much longer.
  ///
  /// - Parameter progress: is told how far it has come.
  /// - Throws: `RedisError`.
  public func problems(of queues: [QueueKey], progress: (Progress) -> Void = { _ in }) async throws -> Problems {
    let sweep = AttentionSweep(redis: redis)
    var findings: [JobKey: AttentionSweep.Finding] = [:]
    var result = Problems()
    for isSecond in [false, true] {
      // The second look is at the active jobs alone.
      if isSecond {
        guard await sweep.hasUnlocked else { break }
        try await Task.sleep(for: .seconds(2.5))
        await sweep.changed(Set(queues))
      }
      while true {
        let start = ContinuousClock.now
        let step = try await sweep.step(queues: queues)
        for root in step.cleared { findings[root] = nil }
        for finding in step.findings { findings[finding.root] = finding }
        result.flowCount = step.flowCount.value
        result.wrongTyped.formUnion(step.wrongTyped)
        progress(step.progress)
        if await sweep.isIdle { break }
        // Redis keeps four fifths of its time for others.
        try await Task.sleep(for: (ContinuousClock.now - start) * 4)
      }
    }
    result.found = findings.values.sorted { $0.root < $1.root }.map { Problem(root: $0.root, diagnosis: $0.diagnosis) }
    return result
  }
}
