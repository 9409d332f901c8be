import QueueClient
import Redis

/// Gathers what a diagnosis of one flow needs, in few round trips: where all jobs are that it waits for, all of a few of
/// each kind, and how their queues stand.
struct FactsReader: Sendable {
  private let redis: RedisClient
  private let survey: JobSurvey
  private let inspector: JobInspector
  private let children: ChildLister
  private let lists: ListReader

  /// So many of the jobs that are in one plight are read as a whole; of failed ones, whose reasons differ, more.
  private static let examples = 50
  private static let failedExamples = 500

  init(redis: RedisClient) {
    self.redis = redis
    survey = JobSurvey(connection: redis)
    inspector = JobInspector(connection: redis)
    children = ChildLister(connection: redis)
    lists = ListReader(redis: redis)
  }

  /// The facts of the flow below a root.
  ///
  /// - Throws: `RedisError`.
  func facts(of root: JobKey) async throws -> FlowFacts {
    var facts = FlowFacts(root: root)
    try await see([root], &facts)
    var level = [root]
    var seen: Set = [root]
    while !level.isEmpty {
      let parents = level.filter { facts.jobs[$0]?.state == .waitingChildren }
      var below: [JobKey] = []
      for (parent, children) in zip(parents, try await children.pending(of: parents)) {
        facts.pending[parent] = children
        for child in children where seen.insert(child).inserted { below.append(child) }
      }
      try await see(below, &facts)
      level = below
    }
    try await lists.place(&facts)
    try await readExamples(&facts)
    try await followFailures(&facts)
    try await findMissingParent(&facts)
    facts.queues = try await QueueFactsReader(redis: redis).read(Set(facts.jobs.keys.map(\.queue)))
    facts.now =
      try await redis.send(["TIME"]).array.flatMap { parts in
        parts.first?.int.flatMap { Int(clamping: Double($0) * 1000) }
      } ?? 0
    return facts
  }

  // MARK: Where jobs are

  private func see(_ keys: [JobKey], _ facts: inout FlowFacts) async throws {
    facts.jobs.reserveCapacity(facts.jobs.count + keys.count)
    for (key, sight) in zip(keys, try await survey.look(at: keys)) {
      facts.jobs[key] = FlowFacts.Fact(
        exists: sight.exists, state: sight.states.first ?? .unknown, places: max(1, sight.states.count),
        isLocked: sight.isLocked)
    }
  }

  // MARK: All of a few

  private func readExamples(_ facts: inout FlowFacts) async throws {
    struct Plight: Hashable {
      var state: JobState
      var queue: QueueKey
      var parent: JobKey
    }
    var seen: [Plight: Int] = [:]
    var chosen = [facts.root]
    for (parent, children) in facts.pending.sorted(by: { $0.key < $1.key }) {
      for child in children {
        guard let fact = facts.jobs[child], fact.exists else { continue }
        let plight = Plight(state: fact.state, queue: child.queue, parent: parent)
        seen[plight, default: 0] += 1
        if seen[plight, default: 0] <= (fact.state == .failed ? Self.failedExamples : Self.examples) {
          chosen.append(child)
        }
      }
    }
    try await read(chosen, &facts)
  }

  private func read(_ keys: [JobKey], _ facts: inout FlowFacts) async throws {
    for job in try await inspector.inspect(keys).jobs {
      facts.jobs[job.key, default: FlowFacts.Fact()].exists = job.exists
      let (state, isAssumed) = job.evidence.state
      if job.exists, !isAssumed, state != .unknown { facts.jobs[job.key]?.state = state }
      if job.exists { facts.details[job.key] = FlowFacts.Detail(job) }
    }
  }

  // MARK: Failures that came from below

  private func followFailures(_ facts: inout FlowFacts) async throws {
    var level = facts.details.keys.filter { facts.jobs[$0]?.state == .failed }.sorted()
    while !level.isEmpty {
      let replies = try await redis.rawReplies(
        to: level.map { ["ZRANGE", .text($0[.unsuccessful]), "0", "0"] })
      var below: [JobKey] = []
      for (parent, reply) in zip(level, replies) {
        guard let child = reply.strings.first.flatMap({ JobKey($0, namedBy: parent.queue) }) else { continue }
        facts.failedThrough[parent] = child
        if facts.details[child] == nil { below.append(child) }
      }
      try await read(below, &facts)
      // What is gone tells nothing: the job above it is as far as the trail leads.
      for key in below where facts.jobs[key]?.exists != true {
        facts.failedThrough = facts.failedThrough.filter { $0.value != key }
      }
      level = below.filter { facts.jobs[$0]?.exists == true }
    }
  }

  /// The root of a flow is the last ancestor that exists: it may name one that does not.
  private func findMissingParent(_ facts: inout FlowFacts) async throws {
    guard let root = try await inspector.inspect([facts.root]).jobs.first, let parent = root.parentKey,
      try await redis.rawReplies(to: [["EXISTS", .text(parent.description)]]).first?.int == 0
    else { return }
    facts.missingParent = parent
  }
}

extension FlowFacts.Detail {
  /// A time of this age: what else stands there says nothing.
  private static func plausible(_ time: Int) -> Int? { (1..<4_102_444_800_000).contains(time) ? time : nil }

  /// What was read of a job.
  fileprivate init(_ job: InspectedJob) {
    name = job.name
    lock = job.lock
    failedReason = job.failedReason
    deferredFailure = job.deferredFailure
    attemptsMade = job.attemptsMade
    attempts = max(1, job.opts?["attempts"]?.int ?? 1)
    timestamp = job.timestamp.flatMap(Self.plausible)
    processedOn = job.processedOn.flatMap(Self.plausible)
    finishedOn = job.finishedOn.flatMap(Self.plausible)
    dueOn = job.evidence.delayed.flatMap { Int(exactly: ($0 / 4096).rounded(.down)) }
    worker = job.processedBy
    ignored = job.counts.ignored
  }
}
