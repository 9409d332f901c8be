import Redis

extension FlowProducer {
  /// Reads a flow as a tree (`getFlow`): level by level, each in two pipelines however many jobs it has.
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
    var jobs: [JobKey: Job] = [:]
    var children: [JobKey: [JobKey]] = [:]
    var order: [JobKey] = []
    var level = [root]
    var left = depth
    while !level.isEmpty, left > 0 {
      let found = try await read(level)
      for job in found { jobs[job.key] = job }
      order += found.map(\.key)
      left -= 1
      guard left > 0 else { break }
      let below = try await childKeys(of: found.map(\.key), limit: maxChildren)
      // A job met before, as hostile data may have it, is not gone into again.
      level = []
      for (job, keys) in zip(found, below) {
        children[job.key] = keys.filter { jobs[$0] == nil }
        level += children[job.key] ?? []
      }
    }
    return Self.tree(of: root, jobs: jobs, children: children, order: order)
  }

  private func read(_ keys: [JobKey]) async throws -> [Job] {
    let replies = try await redis.pipeline(keys.map { ["HGETALL", .text($0.description)] })
    return zip(keys, replies).compactMap { key, reply in
      JobSnapshot(key: key, reply: reply).map { Job($0, redis: redis) }
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
      var seen: Set<JobKey> = []
      return names.flatMap { $0.prefix(max(0, limit)) }.compactMap { JobKey($0) }.filter { seen.insert($0).inserted }
    }
  }

  /// The fields of a page of a hash.
  private static func everyOther(_ pairs: [String]) -> [String] {
    stride(from: 0, to: pairs.count, by: 2).map { pairs[$0] }
  }

  private static func tree(
    of root: JobKey, jobs: [JobKey: Job], children: [JobKey: [JobKey]], order: [JobKey]
  ) -> JobNode? {
    var nodes: [JobKey: JobNode] = [:]
    // Levels from the lowest up: each node finds its children made.
    for key in order.reversed() {
      guard let job = jobs[key] else { continue }
      nodes[key] = JobNode(job: job, children: (children[key] ?? []).compactMap { nodes.removeValue(forKey: $0) })
    }
    return nodes[root]
  }
}
