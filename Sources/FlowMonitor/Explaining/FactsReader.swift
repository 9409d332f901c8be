import QueueClient
import Redis

/// Gathers what a diagnosis of one flow needs, in few round trips: where all jobs are that it waits for, all of a few of
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

  /// The facts of the flow below a root.
  ///
  /// - Throws: `RedisError`.
  func facts(of root: JobKey) async throws -> FlowFacts {
    var facts = FlowFacts(root: root)
    try await see([root], &facts)
    var level = [root]
    while !level.isEmpty {
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

  /// Reads what lies around the jobs, again or for the first time: how their queues stand, and whether the root's parent,
  /// where it names one, exists.
  ///
  /// - Throws: `RedisError`.
  func readSurroundings(_ facts: inout FlowFacts) async throws {
    (facts.queues, facts.now) = try await queues.read(Set(facts.jobs.keys.map(\.queue)))
    facts.jobs[facts.root]?.missingParent = nil
    guard let parent = facts.jobs[facts.root]?.parent else { return }
    let replies = try await redis.rawReplies(to: [
      ["EXISTS", .text(parent.description)], ["ZSCORE", .text(parent.queue[.waitingChildren]), .text(parent.id)],
      ["SISMEMBER", .text(parent[.dependencies]), .text(facts.root.description)],
    ])
    // A parent that was removed as a whole is nobody's trouble: the job just goes on.
    guard replies[0].int == 0, replies[1].double != nil || replies[2].int == 1 else { return }
    facts.jobs[facts.root]?.missingParent = parent
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
