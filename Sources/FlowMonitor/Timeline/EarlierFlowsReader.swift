import QueueClient
import Redis

/// Finds how long steps took in earlier flows: of a bounded sample of those of the same root name
/// that were the last to complete before a flow began.
struct EarlierFlowsReader: Sendable {
  private let redis: RedisClient
  private let jobs: JobInspector
  private let families: FamilyInspector

  /// So many earlier flows are enough.
  static let mostFlows = 50
  /// So many of the newest completed jobs of the root's queue are looked through for them.
  static let mostLooked = 500
  /// So many jobs of them are looked at, in all.
  static let mostJobs = 1500
  /// So many finished children of one job.
  static let mostChildren = 40

  init(redis: RedisClient) {
    self.redis = redis
    jobs = JobInspector(connection: redis)
    families = FamilyInspector(connection: redis)
  }

  /// What is usual in flows like one, which had ended when it began.
  ///
  /// - Throws: `RedisError`.
  func flows(like root: FlowJob) async throws -> EarlierFlows {
    var earlier = EarlierFlows()
    let roots = try await earlierRoots(like: root)
    guard !roots.isEmpty else { return earlier }
    earlier.flows = roots.count
    earlier.total =
      EarlierFlows.Usual(roots.compactMap { job in duration(from: job.timestamp, to: job.finishedOn) })?
      .median
    var runs: [EarlierFlows.Step: [Int]] = [:]
    var seen = Set(roots.map(\.key))
    var level = roots
    while !level.isEmpty {
      for job in level {
        guard job.evidence.completed != nil, let run = duration(from: job.processedOn, to: job.finishedOn) else {
          continue
        }
        runs[.init(queue: job.key.queue, name: job.name), default: []].append(run)
      }
      var below: [JobKey] = []
      for parent in level where parent.counts.processed > 0 {
        guard seen.count < Self.mostJobs else { break }
        let step = try await families.step(through: .processed, of: parent.key, from: nil, count: Self.mostChildren)
        let room = min(Self.mostChildren, Self.mostJobs - seen.count)
        below += step.children.prefix(room).map(\.key).filter { seen.insert($0).inserted }
      }
      level = try await jobs.inspect(below).jobs.filter(\.exists)
    }
    earlier.steps = runs.compactMapValues { EarlierFlows.Usual($0) }
    return earlier
  }

  private func earlierRoots(like root: FlowJob) async throws -> [InspectedJob] {
    var roots: [InspectedJob] = []
    // They are kept by when they ended: what ended after this one began is no earlier flow.
    let began: RedisCommand.Argument = root.timestamp.map { .text("(\($0)") } ?? "+inf"
    let reply = try await redis.rawReplies(to: [
      [
        "ZREVRANGEBYSCORE", .text(root.key.queue[.completed]), began, "-inf", "LIMIT", "0", .init(Self.mostLooked),
      ]
    ])
    let ids = reply.first?.strings ?? []
    for first in stride(from: 0, to: ids.count, by: Self.mostFlows) where roots.count < Self.mostFlows {
      let keys = ids[first..<min(first + Self.mostFlows, ids.count)].map { JobKey(queue: root.key.queue, id: $0) }
      roots += try await jobs.inspect(keys.filter { $0 != root.key }).jobs.filter {
        $0.exists && $0.name == root.name && $0.parentKey == nil && ($0.counts.total > 0 || !root.isParent)
      }
    }
    return Array(roots.prefix(Self.mostFlows))
  }

  private func duration(from start: Int?, to end: Int?) -> Int? {
    guard let start, let end else { return nil }
    return max(0, end.subtractingClamped(start))
  }
}
