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
  /// What might only have been met in passing is told when a second look, a moment later, finds it too.
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
      var facts = try await reader.facts(of: root)
      explanation.causes = try await lasting(CauseFinder.causes(in: facts), &facts)
      explanation.isComplete = facts.jobs[root]?.state == .completed
      if explanation.isComplete || !explanation.causes.isEmpty { break }
    }
    return explanation
  }

  /// Those causes that a second look finds, too, where the first may have met them in passing.
  private func lasting(_ causes: [Cause], _ facts: inout FlowFacts) async throws -> [Cause] {
    let isWhole = facts.isSettled && !causes.contains { $0.code == .circle }
    guard causes.contains(where: { isWhole ? $0.code.isOfSurroundings : !$0.code.isCertain }) else { return causes }
    try await Task.sleep(for: Self.patience)
    if isWhole {
      try await reader.readSurroundings(&facts)
    } else {
      facts = try await reader.facts(of: facts.root)
    }
    return CauseFinder.causes(in: facts).filter { cause in
      cause.code.isCertain || causes.contains { $0.isLike(cause) }
    }
  }
}

extension CauseCode {
  /// Whether it is concluded from what lies around the jobs, not from them.
  fileprivate var isOfSurroundings: Bool {
    switch self {
    case .stalled, .noWorker, .lostMarker, .missingParent: true
    default: false
    }
  }
}

extension Cause {
  /// Whether another look, at which other jobs may stand for many that are alike, found the same.
  fileprivate func isLike(_ other: Cause) -> Bool {
    code == other.code
      && (job == other.job || evidence.parent != nil && evidence.parent == other.evidence.parent
        || job.queue == other.job.queue && (code == .noWorker || code == .lostMarker))
  }
}
