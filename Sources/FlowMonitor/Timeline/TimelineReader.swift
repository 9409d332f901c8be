import QueueClient
import Redis

/// Reads what a flow's timeline needs: level by level, no more jobs than somebody may want to look through.
public struct TimelineReader: Sendable {
  private let redis: RedisClient
  private let jobs: JobInspector
  private let families: FamilyInspector

  /// So many jobs of a flow are looked at.
  public static let mostJobs = 2000
  /// So many children of a wide family are looked at.
  public static let mostChildren = 500

  /// A reader of the flows of a Redis.
  public init(redis: RedisClient) {
    self.redis = redis
    jobs = JobInspector(connection: redis)
    families = FamilyInspector(connection: redis)
  }

  /// Reads the flow that a job belongs to, from its root.
  ///
  /// - Parameters:
  ///   - job: any job of the flow.
  ///   - below: reads from that job down, not from the root.
  ///   - wide: families of more children than this are shown as groups.
  ///   - earlier: what was found of earlier flows already; `nil` to look for them.
  /// - Returns: `nil` where there is no such job.
  /// - Throws: `RedisError`; a key of a wrong type is no error.
  public func facts(
    of job: JobKey, below: Bool = false, wide: Int = Family.wide, earlier: EarlierFlows? = nil
  ) async throws -> TimelineFacts? {
    let root = below ? job : try await RootLister(connection: redis).roots(of: [job]).first?.key ?? job
    var facts = TimelineFacts(root: root, job: job, now: try await now())
    try await read([root], into: &facts)
    guard let top = facts.jobs[root] else { return nil }
    var level = [root]
    while !level.isEmpty {
      let parents = level.filter { facts.jobs[$0]?.job.isParent == true && facts.families[$0] == nil }
      let found = try await readFamilies(of: parents, wide: wide, into: &facts)
      try await read(found, into: &facts)
      level = nextLevel(below: parents, in: facts)
    }
    try await readQueues(into: &facts)
    facts.history = try await HistoryReader(redis: redis).history(for: facts)
    facts.earlier =
      if let earlier { earlier } else { try await EarlierFlowsReader(redis: redis).flows(like: top.job) }
    return facts
  }

  /// The jobs that are gone into: all of small families; of a wide one, the one that decides when its parent goes on.
  private func nextLevel(below parents: [JobKey], in facts: TimelineFacts) -> [JobKey] {
    let hasWide = parents.contains { facts.families[$0]?.isWide == true }
    let rule = hasWide ? ReleaseRule(facts) : nil
    var next: [JobKey] = []
    for parent in parents {
      guard let family = facts.families[parent] else { continue }
      next += family.isWide ? [rule?.decider(of: parent)?.key].compactMap(\.self) : family.children.map(\.key)
    }
    var seen: Set<JobKey> = []
    return next.filter { facts.families[$0] == nil && seen.insert($0).inserted }
  }

  private func now() async throws -> Int {
    let time = try await redis.send(["TIME"]).strings.map { Int($0) ?? 0 }
    let seconds = time.first ?? 0
    return Int(clamping: Double(seconds) * 1000).addingClamped((time.dropFirst().first ?? 0) / 1000)
  }

  // MARK: Jobs

  private static let extras: [JobField] = [.attemptsStarted, .stalledCounter, .delay]

  private func read(_ keys: [JobKey], into facts: inout TimelineFacts) async throws {
    for first in stride(from: 0, to: keys.count, by: Self.portion) {
      let portion = Array(keys[first..<min(first + Self.portion, keys.count)])
      let found = try await jobs.inspect(portion).jobs
      let extras = try await redis.rawReplies(
        to: portion.map { RedisCommand("HMGET", [$0.description] + Self.extras.map(\.rawValue)) })
      for (job, reply) in zip(found, extras) {
        if job.exists {
          facts.jobs[job.key] = TimedJob(job, extras: (reply.array ?? []).map { $0.int ?? 0 })
        } else {
          facts.gone.insert(job.key)
        }
      }
    }
  }

  /// So many jobs are asked about in one write.
  private static let portion = 200

  // MARK: Families

  /// So many families are asked about at a time: over a slow link each would cost a round trip of its own.
  private static let familiesAtOnce = 50

  /// - Returns: the children that are not read yet.
  private func readFamilies(
    of parents: [JobKey], wide: Int, into facts: inout TimelineFacts
  ) async throws -> [JobKey] {
    var found: [JobKey] = []
    for first in stride(from: 0, to: parents.count, by: Self.familiesAtOnce) {
      let portion = parents[first..<min(first + Self.familiesAtOnce, parents.count)]
      func room() -> Int { max(0, Self.mostJobs.subtractingClamped(facts.jobs.count).subtractingClamped(found.count)) }
      let most = room()
      let families = try await withThrowingTaskGroup { group in
        for parent in portion {
          group.addTask { (parent, try await family(of: parent, wide: wide, room: most)) }
        }
        return try await group.reduce(into: [JobKey: TimedFamily]()) { $0[$1.0] = $1.1 }
      }
      for parent in portion {
        guard var family = families[parent] else { continue }
        family.children = Array(family.children.prefix(room()))
        facts.families[parent] = family
        if family.unread > 0 { facts.isCut = true }
        found += family.children.map(\.key).filter { facts.jobs[$0] == nil && !facts.gone.contains($0) }
      }
    }
    return found
  }

  private func family(of parent: JobKey, wide: Int, room: Int) async throws -> TimedFamily {
    var family = TimedFamily()
    let few = try await families.few(of: parent, limit: wide)
    family.counts = few.counts
    if few.counts.total <= wide {
      family.children = Array(Family(few).children.prefix(max(0, room)))
      return family
    }
    family.isWide = true
    let limit = min(Self.mostChildren, max(0, room))
    var seen: Set<JobKey> = []
    for kind in FamilyPass.order {
      var cursor: String?
      repeat {
        guard family.children.count < limit else { return family }
        let step = try await families.step(through: kind.inspected, of: parent, from: cursor)
        for child in step.children where family.children.count < limit && seen.insert(child.key).inserted {
          family.children.append(Family.Child(key: child.key, kind: kind))
        }
        cursor = step.next
      } while cursor != nil
    }
    return family
  }

  // MARK: Queues

  private func readQueues(into facts: inout TimelineFacts) async throws {
    let queues = Set(facts.jobs.values.filter { !$0.job.isFinished }.map(\.job.key.queue)).sorted()
    let replies = try await redis.rawReplies(
      to: queues.flatMap { queue -> [RedisCommand] in
        [["HEXISTS", .text(queue[.meta]), .text(MetaField.paused.rawValue)], ["LLEN", .text(queue[.paused])]]
      })
    for (index, queue) in queues.enumerated()
    where replies[2 * index].int == 1 || (replies[2 * index + 1].int ?? 0) > 0 {
      facts.pausedQueues.insert(queue)
    }
  }
}

extension TimedJob {
  /// A job as it was found, and the numbers beside that: attempts started, times stalled, delay.
  fileprivate init(_ found: InspectedJob, extras: [Int]) {
    self.init(FlowJob(found))
    func extra(_ index: Int) -> Int { extras.indices.contains(index) ? max(0, extras[index]) : 0 }
    (attemptsStarted, stalledCounter, delay) = (extra(0), extra(1), extra(2))
    initialDelay = max(0, found.opts?["delay"]?.int ?? 0)
    waitingSince = found.evidence.waitingChildren.flatMap { Int(exactly: $0.rounded(.down)) }
  }
}
