import Redis

extension FlowProducer {
  /// Reads a flow as a tree (`getFlow`): level by level, each in one or two round trips however many jobs it has.
  ///
  /// - Parameters:
  ///   - queueName: the queue of the root.
  ///   - id: the root's id.
  ///   - prefix: the root's prefix; without one, the producer's.
  ///   - depth: how many levels, the root's included.
  ///   - maxChildren: how many children of each kind a job shows at most.
  /// - Returns: `nil` where there is no such job; a child that is gone is left out.
  /// - Throws: `RedisError`.
  public func getFlow(
    queueName: String, id: String, prefix: String? = nil, depth: Int = 10, maxChildren: Int = 20
  ) async throws -> JobNode? {
    let root = JobKey(queue: QueueKey(prefix: prefix ?? self.prefix, name: queueName), id: id)
    var jobs: [Job] = []
    var parents: [Int?] = []
    // A job met before, as hostile data may have it, is not gone into again.
    var seen: Set<JobKey> = [root]
    var level: [(key: JobKey, parent: Int?)] = [(root, nil)]
    var left = depth
    while !level.isEmpty, left > 0 {
      left -= 1
      let isLast = left == 0
      let keys = level.map(\.key)
      async let found = read(keys)
      async let withChildren = isLast ? [] : parentsAmong(keys)
      let (snapshots, isParent) = (try await found, Set(try await withChildren))
      var below: [Int] = []
      for (index, snapshot) in snapshots.enumerated() {
        guard let snapshot else { continue }
        if isParent.contains(index) { below.append(jobs.count) }
        jobs.append(Job(snapshot, redis: redis))
        parents.append(level[index].parent)
      }
      let families = try await childKeys(of: below.map { jobs[$0].key }, limit: maxChildren)
      level = zip(below, families).flatMap { parent, keys in
        keys.filter { seen.insert($0).inserted }.map { ($0, parent) }
      }
    }
    return JobNode.trees(of: jobs, parents: parents).first
  }

  private func read(_ keys: [JobKey]) async throws -> [JobSnapshot?] {
    try await inPortions(of: keys) { keys, _ in
      let replies = try await redis.pipeline(keys.map { ["HGETALL", .text($0.description)] })
      return zip(keys, replies).map { JobSnapshot(key: $0, reply: $1) }
    }
  }

  /// Which of the jobs have or had children.
  private func parentsAmong(_ keys: [JobKey]) async throws -> [Int] {
    try await inPortions(of: keys) { keys, first in
      let reply = try await redis.run(Scripts.parentsAmong, keys: keys.map(\.description))
      return (reply.array ?? []).compactMap(\.int).map { $0 + first }
    }
  }

  /// Asks for many jobs in portions at once: while one is still on its way, another is decoded already, and none holds
  /// Redis up for long.
  private func inPortions<Answer: Sendable>(
    of keys: [JobKey], _ ask: @escaping @Sendable (_ keys: ArraySlice<JobKey>, _ first: Int) async throws -> [Answer]
  ) async throws -> [Answer] {
    let portion = 500
    guard keys.count > portion else { return try await ask(keys[...], 0) }
    return try await withThrowingTaskGroup { group in
      for first in stride(from: 0, to: keys.count, by: portion) {
        group.addTask { (first, try await ask(keys[first..<min(first + portion, keys.count)], first)) }
      }
      var answers: [Int: [Answer]] = [:]
      for try await (first, some) in group { answers[first] = some }
      return stride(from: 0, to: keys.count, by: portion).flatMap { answers[$0] ?? [] }
    }
  }

  private func childKeys(of parents: [JobKey], limit: Int) async throws -> [[JobKey]] {
    let count = RedisCommand.Argument(max(1, limit))
    let replies = try await redis.pipeline(
      parents.flatMap { parent -> [RedisCommand] in
        [
          ["HSCAN", .text(parent[.processed]), "0", "COUNT", count],
          ["SSCAN", .text(parent[.dependencies]), "0", "COUNT", count],
          ["HSCAN", .text(parent[.failed]), "0", "COUNT", count],
          ["ZRANGE", .text(parent[.unsuccessful]), "0", .init(max(0, limit - 1))],
        ]
      })
    return parents.indices.map { index in
      let kinds = replies[index * 4..<index * 4 + 4].map { reply -> [String] in
        guard let page = reply.array, page.count == 2, page[1].array != nil else { return reply.strings }
        return page[1].strings
      }
      let names = [Self.everyOther(kinds[0]), kinds[1], Self.everyOther(kinds[2]), kinds[3]]
      return names.flatMap { $0.prefix(max(0, limit)) }.compactMap { JobKey($0) }
    }
  }

  /// The fields of a page of a hash.
  private static func everyOther(_ pairs: [String]) -> [String] {
    stride(from: 0, to: pairs.count, by: 2).map { pairs[$0] }
  }
}
