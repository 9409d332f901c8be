import QueueClient
import Redis

/// Reads all of a few jobs of each kind, for a diagnosis: the others are alike.
struct ExampleReader: Sendable {
  private let redis: RedisClient
  private let inspector: JobInspector

  /// So many of the jobs that are in one plight are read as a whole; of failed ones, whose reasons differ, more.
  private static let most = 50
  private static let mostFailed = 500

  init(redis: RedisClient) {
    self.redis = redis
    inspector = JobInspector(connection: redis)
  }

  /// Jobs of one parent that are in the same state.
  private struct Plight: Hashable {
    var state: JobState
    var queue: QueueKey
    var parent: JobKey
  }

  /// Reads the roots, some jobs of each kind, and those through which failed ones failed.
  ///
  /// - Throws: `RedisError`.
  func read(_ facts: inout FlowFacts) async throws {
    var seen: [Plight: Int] = [:]
    var chosen = facts.roots
    // Parents above are named with what lies below them: all of a narrow flow are read.
    for (parent, children) in facts.pending.sorted(by: { $0.key < $1.key }) {
      for child in children {
        guard let fact = facts.jobs[child], fact.exists else { continue }
        let plight = Plight(state: fact.state, queue: child.queue, parent: parent)
        let count = seen[plight, default: 0] + 1
        seen[plight] = count
        if count <= (fact.state == .failed ? Self.mostFailed : Self.most),
          chosen.count < Self.mostInAll + facts.roots.count
        {
          chosen.append(child)
        }
      }
    }
    try await read(chosen, &facts)
    try await followFailures(&facts)
    try await readIgnored(&facts)
  }

  /// Of many parents with few children each, no more than so many jobs are read.
  static let mostInAll = 2000

  private func read(_ keys: [JobKey], _ facts: inout FlowFacts) async throws {
    for job in try await inspector.inspect(keys).jobs {
      guard var fact = facts.jobs[job.key] else { continue }
      fact.take(job)
      facts.jobs[job.key] = fact
    }
  }

  /// Reads why one of the children failed whose failure is ignored, of each job that has such.
  private func readIgnored(_ facts: inout FlowFacts) async throws {
    let parents = facts.jobs.filter { $0.value.ignored > 0 }.keys.sorted().prefix(Self.most)
    let inspector = FamilyInspector(connection: redis)
    for parent in parents {
      let step = try await inspector.step(through: .ignored, of: parent, from: nil, count: 10)
      facts.jobs[parent]?.ignoredReason = step.children.lazy.compactMap(\.kept).first { !$0.isEmpty }
    }
  }

  /// From jobs that failed through a child down to where the failure began.
  private func followFailures(_ facts: inout FlowFacts) async throws {
    var level = facts.jobs.filter { $0.value.state == .failed && $0.value.isWhole }.keys.sorted()
    while !level.isEmpty {
      let replies = try await redis.rawReplies(
        to: level.map { ["ZRANGE", .text($0[.unsuccessful]), "0", "0"] })
      var below: [JobKey] = []
      for (parent, reply) in zip(level, replies) {
        guard let child = reply.strings.first.flatMap({ JobKey($0, namedBy: parent.queue) }) else { continue }
        facts.failedThrough[parent] = child
        if facts.jobs[child]?.isWhole != true { below.append(child) }
      }
      for key in below where facts.jobs[key] == nil { facts.jobs[key] = FlowFacts.Fact() }
      try await read(below, &facts)
      // What is gone tells nothing: the job above it is as far as the trail leads.
      let gone = Set(below.filter { facts.jobs[$0]?.exists != true })
      facts.failedThrough = facts.failedThrough.filter { !gone.contains($0.value) }
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
