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
    var met = MetJobs(roots: roots)
    var level = roots
    while !level.isEmpty {
      guard met.count <= limit else { return nil }
      met.see(try await survey.look(at: level))
      let parents = met.parents(among: level)
      var below: [JobKey] = []
      let listing = try await children.pending(of: parents)
      met.wrongTyped.formUnion(listing.wrongTyped)
      for (parent, children) in zip(parents, listing.children) {
        below += met.meet(children, of: parent)
      }
      level = below
    }
    var (facts, chosen) = met.facts(try await lists.read(met.queues))
    try await examples.read(chosen, &facts)
    try await doubts.settle(&facts)
    try await readSurroundings(&facts)
    return facts
  }

  /// Reads the jobs that are told, where they were only seen.
  ///
  /// - Returns: whether there were such: then the facts conclude to more.
  /// - Throws: `RedisError`.
  func complete(_ facts: inout FlowFacts, for causes: [Cause]) async throws -> Bool {
    let found = facts
    let told = causes.prefix(Self.mostTold).flatMap { [$0.job] + ($0.evidence.parent.map { [$0] } ?? []) }
    let keys = Set(told).filter { key in found.jobs[key].map { $0.exists && !$0.isWhole } ?? false }.sorted()
    guard !keys.isEmpty else { return false }
    try await examples.complete(keys, &facts)
    return true
  }

  private static let mostTold = 200

  /// Reads what lies around the jobs, again or for the first time: how their queues stand, and whether the roots'
  /// parents, where they name some, exist.
  ///
  /// - Throws: `RedisError`.
  func readSurroundings(_ facts: inout FlowFacts) async throws {
    let found = try await queues.read(Set(facts.jobs.keys.map(\.queue)))
    (facts.queues, facts.now) = (found.facts, found.now)
    facts.wrongTyped.formUnion(found.wrongTyped)
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
}
