import Redis

/// The jobs of a flow and where they are, from a root down, in few round trips. Circles are gone through once.
struct FlowSurvey: Sendable {
  private let redis: RedisClient
  private let survey: JobSurvey
  private let children: ChildLister

  init(redis: RedisClient) {
    self.redis = redis
    survey = JobSurvey(connection: redis)
    children = ChildLister(connection: redis)
  }

  /// What was found.
  struct Result: Sendable {
    /// Where each job is.
    var sights: [JobKey: JobSurvey.Sight] = [:]
    /// The jobs in the order in which they were met: parents before their children.
    var order: [JobKey] = []
    /// By parent, the children that it waits for.
    var pending: [JobKey: [JobKey]] = [:]
    /// By parent, the children through which it failed, or will.
    var failed: [JobKey: [JobKey]] = [:]
  }

  /// Looks at a flow.
  ///
  /// - Parameter throughFailures: whether the children through which a parent failed belong to it, too.
  /// - Throws: `RedisError`.
  func look(from root: JobKey, throughFailures: Bool) async throws -> Result {
    var result = Result()
    result.sights = try await survey.look(at: [root])
    result.order = [root]
    var level = [root]
    while !level.isEmpty {
      var below: [JobKey] = []
      let pending = try await children.pending(of: level)
      let failed = throughFailures ? try await children.failed(of: level) : level.map { _ in [] }
      for (index, parent) in level.enumerated() {
        if !pending[index].isEmpty { result.pending[parent] = pending[index] }
        if !failed[index].isEmpty { result.failed[parent] = failed[index] }
        for child in pending[index] + failed[index] where result.sights[child] == nil {
          result.sights[child] = JobSurvey.Sight()
          below.append(child)
        }
      }
      result.sights.merge(try await survey.look(at: below)) { $1 }
      result.order += below
      level = below.filter { result.sights[$0]?.exists == true }
    }
    return result
  }
}
