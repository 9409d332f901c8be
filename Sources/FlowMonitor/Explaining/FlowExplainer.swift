import QueueClient
import Redis

/// Says why a flow is not done: every cause, with its evidence and what helps.
///
/// ```swift
/// let explanation = try await FlowExplainer(redis: redis).explain(JobKey(queue: QueueKey(name: "reports"), id: "42"))
/// for cause in explanation?.causes ?? [] { print(cause.code.rawValue, cause.chain) }
/// ```
public struct FlowExplainer: Sendable {
  private let redis: RedisClient
  private let reader: FactsReader

  /// A worker that is missing, or asleep, may be back after this.
  static let patience = Duration.milliseconds(1500)
  /// A flow in which everything moves is looked at so often.
  private static let most = 4

  /// An explainer of the flows of a Redis.
  public init(redis: RedisClient) {
    self.redis = redis
    reader = FactsReader(redis: redis)
  }

  /// Explains the flow that a job belongs to, from its root.
  ///
  /// What might only have been met in passing is told when a second look, a moment later, finds it too: where workers were
  /// there until just now, and where one sleeps beside a job.
  ///
  /// - Returns: `nil` where there is no such job, and nothing that stands for it.
  /// - Throws: `RedisError`.
  public func explain(_ job: JobKey) async throws -> Explanation? {
    guard let own = try await JobInspector(connection: redis).inspect([job]).jobs.first,
      own.exists || own.evidence.state.state != .unknown || own.counts.total > 0
    else { return nil }
    let root = try await RootLister(connection: redis).roots(of: [job]).first?.key ?? job
    var explanation = Explanation(job: job, state: own.evidence.state.state, root: root, isComplete: false, causes: [])
    for _ in 0..<Self.most {
      guard var facts = try await reader.facts(of: [root]) else { break }
      var causes = CauseFinder.causes(in: facts)[root] ?? []
      if try await reader.complete(&facts, for: causes) { causes = CauseFinder.causes(in: facts)[root] ?? [] }
      explanation.causes = try await lasting(causes, &facts)
      if !facts.wrongTyped.isEmpty, facts.jobs[job] == nil, var own = try await reader.facts(of: [job]) {
        // A key that cannot be read hides the way from the root to it: what keeps the job itself is told all the same.
        explanation.causes += try await lasting(CauseFinder.causes(in: own)[job] ?? [], &own)
        explanation.causes.sort { $0.rank < $1.rank }
      }
      explanation.isComplete = facts.jobs[root]?.state == .completed
      explanation.wrongTyped = facts.wrongTyped
      if explanation.isComplete || !explanation.causes.isEmpty || !facts.wrongTyped.isEmpty { break }
    }
    return explanation
  }

  /// Those causes that a second look finds, too, where the first may have met them in passing.
  private func lasting(_ causes: [Cause], _ facts: inout FlowFacts) async throws -> [Cause] {
    let first = LookedAt(causes: causes, facts: facts)
    guard !first.mayPass.isEmpty else { return causes }
    try await Task.sleep(for: Self.patience)
    if facts.isSettled, !causes.contains(where: { $0.code == .circle }) {
      try await reader.readSurroundings(&facts)
    } else if let again = try await reader.facts(of: facts.roots) {
      facts = again
    }
    let again = facts.roots.first.flatMap { CauseFinder.causes(in: facts)[$0] } ?? []
    return again.filter { cause in cause.code.isCertain || causes.contains { $0.isLike(cause) } }
  }

  // MARK: Many flows

  /// What one look at a flow shows.
  struct LookedAt: Sendable {
    /// What keeps it from finishing.
    var causes: [Cause]
    /// Those of them that may be over in a moment: they count when a second look finds them, too.
    var mayPass: [Cause]

    /// What is certain.
    init(causes: [Cause]) { (self.causes, mayPass) = (causes, []) }

    fileprivate init(causes: [Cause], facts: FlowFacts) {
      self.causes = causes
      mayPass = causes.filter {
        facts.isSettled && $0.code != .circle ? $0.isPassing(facts.queues[$0.job.queue]) : !$0.code.isCertain
      }
    }
  }

  /// Looks once at each of some flows.
  ///
  /// - Returns: what was found, by root.
  /// - Throws: `RedisError`.
  func look(at roots: [JobKey]) async throws -> [JobKey: LookedAt] {
    let limit = roots.count > 1 ? Self.mostAtOnce : .max
    guard var facts = try await reader.facts(of: roots, limit: limit) else {
      // One of them is large: that one is read by itself.
      let half = roots.count / 2
      let first = try await look(at: Array(roots[..<half]))
      return try await first.merging(look(at: Array(roots[half...]))) { first, _ in first }
    }
    var causes = CauseFinder.causes(in: facts)
    if try await reader.complete(&facts, for: causes.values.flatMap(\.self)) { causes = CauseFinder.causes(in: facts) }
    let all = facts
    return causes.mapValues { LookedAt(causes: $0, facts: all) }
  }

  /// Flows with more jobs than this are looked at one by one, so that as many of each are read as of a single one.
  private static let mostAtOnce = MetJobs.mostInAll
}

extension Cause {
  /// Whether it lies around the jobs, not with them, and may be over in a moment.
  func isPassing(_ queue: QueueFacts?) -> Bool {
    switch code {
    case .noWorker: queue?.hasTraceOfWorker ?? true
    case .stalled: evidence.lock != nil || queue?.hasTraceOfWorker ?? true
    case .lostMarker, .missingParent: true
    default: false
    }
  }

  /// Whether another look, at which other jobs may stand for many that are alike, found the same.
  func isLike(_ other: Cause) -> Bool {
    code == other.code
      && (job == other.job || evidence.parent != nil && evidence.parent == other.evidence.parent
        || job.queue == other.job.queue && (code == .noWorker || code == .lostMarker))
  }
}
