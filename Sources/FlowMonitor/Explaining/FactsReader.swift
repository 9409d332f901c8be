import QueueClient
import Redis

/// Gathers what a diagnosis of flows needs, in few round trips: where all jobs are that it waits for, all of a few of
/// each kind, and how their queues stand.
struct FactsReader: Sendable {
  private let redis: RedisClient
  private let survey: JobSurvey
  private let children: ChildLister
  private let lists: ListReader
  private let examples: ExampleReader
  private let doubts: DoubtChecker
  private let queues: QueueFactsReader

  init(redis: RedisClient) {
    self.redis = redis
    survey = JobSurvey(connection: redis)
    children = ChildLister(connection: redis)
    lists = ListReader(redis: redis)
    examples = ExampleReader(redis: redis)
    doubts = DoubtChecker(redis: redis)
    queues = QueueFactsReader(redis: redis)
  }

  /// The facts of the flows below some roots.
  ///
  /// - Parameter limit: how many jobs may be looked at; of more, nothing is concluded.
  /// - Throws: `RedisError`.
  /// - Returns: `nil` where there are more.
  func facts(of roots: [JobKey], limit: Int = .max) async throws -> FlowFacts? {
    var facts = FlowFacts(roots: roots)
    try await see(roots, &facts)
    var level = roots
    while !level.isEmpty {
      guard facts.jobs.count <= limit else { return nil }
      let parents = level.filter { facts.jobs[$0]?.state == .waitingChildren }
      var below: [JobKey] = []
      for (parent, children) in zip(parents, try await children.pending(of: parents)) {
        facts.pending[parent] = children
        for child in children where facts.jobs[child] == nil {
          facts.jobs[child] = FlowFacts.Fact()
          below.append(child)
        }
      }
      try await see(below, &facts)
      level = below
    }
    try await lists.place(&facts)
    try await examples.read(&facts)
    try await doubts.settle(&facts)
    try await readSurroundings(&facts)
    return facts
  }

  /// Reads what lies around the jobs, again or for the first time: how their queues stand, and whether the roots'
  /// parents, where they name some, exist.
  ///
  /// - Throws: `RedisError`.
  func readSurroundings(_ facts: inout FlowFacts) async throws {
    (facts.queues, facts.now) = try await queues.read(Set(facts.jobs.keys.map(\.queue)))
    let children = facts.roots.compactMap { root in facts.jobs[root]?.parent.map { (root: root, parent: $0) } }
    for root in facts.roots { facts.jobs[root]?.missingParent = nil }
    guard !children.isEmpty else { return }
    let questions = children.flatMap { root, parent -> [RedisCommand] in
      [
        ["EXISTS", .text(parent.description)], ["ZSCORE", .text(parent.queue[.waitingChildren]), .text(parent.id)],
        ["SISMEMBER", .text(parent[.dependencies]), .text(root.description)],
      ]
    }
    let replies = try await redis.rawReplies(to: questions)
    for (index, child) in children.enumerated() {
      let (exists, score, member) = (replies[3 * index], replies[3 * index + 1], replies[3 * index + 2])
      // A parent that was removed as a whole is nobody's trouble: the job just goes on.
      if exists.int == 0, score.double != nil || member.int == 1 {
        facts.jobs[child.root]?.missingParent = child.parent
      }
    }
  }

  /// Finds where jobs are, as far as sorted sets tell.
  private func see(_ keys: [JobKey], _ facts: inout FlowFacts) async throws {
    for (key, sight) in try await survey.look(at: keys) {
      var fact = FlowFacts.Fact()
      fact.exists = sight.exists
      fact.state = sight.states.first ?? .unknown
      fact.places = max(1, sight.states.count)
      facts.jobs[key] = fact
    }
  }
}
