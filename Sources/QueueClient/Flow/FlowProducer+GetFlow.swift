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
      var below: [Int] = []
      for (entry, found) in zip(level, try await read(level.map(\.key), withFamilies: left > 0)) {
        guard let snapshot = found.snapshot else { continue }
        if found.hasFamily { below.append(jobs.count) }
        jobs.append(Job(snapshot, redis: redis))
        parents.append(entry.parent)
      }
      let families = try await childKeys(of: below.map { jobs[$0].key }, limit: maxChildren)
      level = zip(below, families).flatMap { parent, keys in
        keys.filter { seen.insert($0).inserted }.map { ($0, parent) }
      }
    }
    return JobNode.trees(of: jobs, parents: parents).first
  }

  /// A job as it was read, and whether it has or had children.
  private typealias Found = (snapshot: JobSnapshot?, hasFamily: Bool)

  /// Reads jobs in portions at once: while one is still on its way, another is decoded already, and none holds Redis
  /// up for long.
  private func read(_ keys: [JobKey], withFamilies: Bool) async throws -> [Found] {
    let portion = 500
    guard keys.count > portion else { return try await readPortion(keys[...], withFamilies: withFamilies) }
    return try await withThrowingTaskGroup { group in
      for first in stride(from: 0, to: keys.count, by: portion) {
        group.addTask {
          let some = keys[first..<min(first + portion, keys.count)]
          return (first, try await readPortion(some, withFamilies: withFamilies))
        }
      }
      var found: [Int: [Found]] = [:]
      for try await (first, some) in group { found[first] = some }
      return stride(from: 0, to: keys.count, by: portion).flatMap { found[$0] ?? [] }
    }
  }

  private func readPortion(_ keys: ArraySlice<JobKey>, withFamilies: Bool) async throws -> [Found] {
    let names = keys.map(\.description)
    var commands: [RedisCommand] = names.map { ["HGETALL", .text($0)] }
    // Behind them: Redis looks for families while we take the hashes in.
    if withFamilies { commands.append(try await redis.command(running: Scripts.parentsAmong, keys: names)) }
    let replies = try await redis.rawReplies(to: commands)
    var parents: Set<Int> = []
    if withFamilies, var answer = replies.last {
      if answer.errorLine != nil { answer = try await redis.run(Scripts.parentsAmong, keys: names) }
      parents = Set((answer.array ?? []).compactMap(\.int))
    }
    return zip(keys, replies).enumerated().map { index, pair in
      (JobSnapshot(key: pair.0, reply: pair.1), parents.contains(index))
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
      let names = [Self.everyOther(kinds[0]), kinds[1], kinds[3], Self.everyOther(kinds[2])]
      return names.flatMap { $0.prefix(max(0, limit)) }.compactMap { JobKey($0, namedBy: parents[index].queue) }
    }
  }

  /// The fields of a page of a hash.
  private static func everyOther(_ pairs: [String]) -> [String] {
    stride(from: 0, to: pairs.count, by: 2).map { pairs[$0] }
  }
}
