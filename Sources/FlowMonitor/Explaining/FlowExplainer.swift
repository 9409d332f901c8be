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

  /// What the parts of a diagnosis, read one after the other, may seem to be in passing, is over after this.
  static let patience = Duration.milliseconds(1500)

  /// An explainer of the flows of a Redis.
  public init(redis: RedisClient) {
    self.redis = redis
    reader = FactsReader(redis: redis)
  }

  /// Explains the flow that a job belongs to, from its root.
  ///
  /// What might only have been met in passing is told when a second look, a moment later, finds it too.
  ///
  /// - Returns: `nil` where there is no such job.
  /// - Throws: `RedisError`.
  public func explain(_ job: JobKey) async throws -> Explanation? {
    guard let first = try await look(at: job) else { return nil }
    if first.causes.allSatisfy(\.code.isCertain) { return first }
    try await Task.sleep(for: Self.patience)
    guard var second = try await look(at: job) else { return nil }
    second.causes.removeAll { cause in !cause.code.isCertain && !first.causes.contains { $0.isLike(cause) } }
    return second
  }

  /// Explains by one look, which may tell of what is only met in passing.
  ///
  /// - Returns: `nil` where there is no such job.
  /// - Throws: `RedisError`.
  public func look(at job: JobKey) async throws -> Explanation? {
    guard let own = try await JobInspector(connection: redis).inspect([job]).jobs.first, own.exists else { return nil }
    let root = try await RootLister(connection: redis).roots(of: [job]).first?.key ?? job
    let causes = CauseFinder.causes(in: try await reader.facts(of: root))
    return Explanation(job: job, state: own.evidence.state.state, root: root, causes: causes)
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
