import QueueClient
import Redis

/// Reads all of a few jobs of each kind, for a diagnosis: the others are alike.
struct ExampleReader: Sendable {
  private let redis: RedisClient
  private let inspector: JobInspector

  /// The children whose failure is ignored are asked for with so many parents.
  private static let mostIgnoring = 50

  /// Of the children through which one job failed, so many are told.
  private static let mostCulprits = 20
  /// So many jobs are looked at on the way down to where failures began.
  private static let mostSought = 5000

  init(redis: RedisClient) {
    self.redis = redis
    inspector = JobInspector(connection: redis)
  }

  /// Reads jobs, and those through which failed ones failed.
  ///
  /// - Parameter chosen: the roots, and some jobs of each kind.
  /// - Throws: `RedisError`.
  func read(_ chosen: [JobKey], _ facts: inout FlowFacts) async throws {
    try await readAll(of: chosen, &facts)
    try await followFailures(&facts)
    try await readIgnored(&facts)
  }

  /// Reads jobs that are told and were only seen.
  ///
  /// - Throws: `RedisError`.
  func complete(_ keys: [JobKey], _ facts: inout FlowFacts) async throws {
    try await readAll(of: keys, &facts)
    try await followFailures(&facts)
  }

  private func readAll(of keys: [JobKey], _ facts: inout FlowFacts) async throws {
    let inspection = try await inspector.inspect(keys)
    facts.wrongTyped.formUnion(inspection.wrongTyped)
    for job in inspection.jobs {
      guard var fact = facts.jobs[job.key] else { continue }
      fact.take(job)
      facts.jobs[job.key] = fact
    }
  }

  /// Reads why one of the children failed whose failure is ignored, of each job that has such.
  private func readIgnored(_ facts: inout FlowFacts) async throws {
    let parents = facts.jobs.filter { $0.value.ignored > 0 }.keys.sorted().prefix(Self.mostIgnoring)
    let reasons = try await FamilyInspector(connection: redis).ignoredReasons(of: Array(parents))
    for (parent, reason) in zip(parents, reasons) { facts.jobs[parent]?.ignoredReason = reason }
  }

  /// From jobs that failed through a child down to where the failure began.
  private func followFailures(_ facts: inout FlowFacts) async throws {
    var level = facts.jobs.filter { $0.value.state == .failed && $0.value.isWhole }.keys.sorted()
    var met = Set(level)
    var sought = 0
    while !level.isEmpty {
      let replies = try await redis.rawReplies(
        to: level.map { ["ZRANGE", .text($0[.unsuccessful]), "0", .init(Self.mostCulprits - 1)] })
      var below: [JobKey] = []
      for (parent, reply) in zip(level, replies) {
        let children = reply.strings.compactMap { JobKey($0, namedBy: parent.queue) }
        guard !children.isEmpty else { continue }
        facts.failedThrough[parent] = children
        for child in children where facts.jobs[child]?.isWhole != true && sought < Self.mostSought {
          guard met.insert(child).inserted else { continue }
          sought += 1
          below.append(child)
        }
      }
      for key in below where facts.jobs[key] == nil { facts.jobs[key] = FlowFacts.Fact() }
      try await readAll(of: below, &facts)
      // What is gone tells nothing: the job above it is as far as the trail leads.
      let gone = Set(below.filter { facts.jobs[$0]?.exists != true })
      if !gone.isEmpty {
        facts.failedThrough = facts.failedThrough.mapValues { $0.filter { !gone.contains($0) } }.filter { !$1.isEmpty }
      }
      level = below.filter { !gone.contains($0) }
    }
  }
}

extension FlowFacts.Fact {
  /// A time of this age: what else stands there says nothing.
  private static func plausible(_ time: Int) -> Int? { (1..<4_102_444_800_000).contains(time) ? time : nil }

  /// Takes in what was read of the job as a whole.
  fileprivate mutating func take(_ job: InspectedJob) {
    exists = job.exists
    isWhole = true
    if job.exists, !job.evidence.state.isAssumed, job.evidence.state.state != .unknown {
      state = job.evidence.state.state
    }
    lock = job.lock
    name = job.name
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
    parent = job.parentKey
    policy = job.failurePolicy
    isGrouped = job.opts?["group"] != nil
  }
}
