import Redis

/// Lists the children of many parents at once, a bounded step at a time.
public struct ChildLister: Sendable {
  private let redis: RedisClient

  /// A lister of the children of jobs of a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// About so many children a step gives.
  private static let step = 5000
  /// So many parents are asked in one write.
  private static let parentsAtOnce = 200

  /// The children that parents wait for, sorted; what is no job's key is among them.
  ///
  /// - Returns: those of each parent; a key of a wrong type has none.
  /// - Throws: `RedisError`.
  public func pending(of parents: [JobKey]) async throws -> [[JobKey]] {
    try await list(parents, from: "0") { parent, cursor in
      ["SSCAN", .text(parent[.dependencies]), .text(cursor), "COUNT", .init(Self.step)]
    }
  }

  /// The children through which parents failed, or will, sorted.
  ///
  /// - Throws: `RedisError`.
  public func failed(of parents: [JobKey]) async throws -> [[JobKey]] {
    try await list(parents, from: "0") { parent, cursor in
      ["ZSCAN", .text(parent[.unsuccessful]), .text(cursor), "COUNT", .init(Self.step)]
    }
  }

  private func list(
    _ parents: [JobKey], from start: String, _ command: (JobKey, String) -> RedisCommand
  ) async throws -> [[JobKey]] {
    var children = [Set<JobKey>](repeating: [], count: parents.count)
    for first in stride(from: 0, to: parents.count, by: Self.parentsAtOnce) {
      var open = (first..<min(first + Self.parentsAtOnce, parents.count)).map { (index: $0, cursor: start) }
      while !open.isEmpty {
        let commands = open.map { command(parents[$0.index], $0.cursor) }
        // A sorted set's members come with their scores.
        let stride = commands.first?.name == "ZSCAN" ? 2 : 1
        var next: [(index: Int, cursor: String)] = []
        for (each, reply) in zip(open, try await redis.rawReplies(to: commands)) {
          guard let parts = reply.array, parts.count == 2, let cursor = parts[0].string else { continue }
          let members = parts[1].strings
          for place in Swift.stride(from: 0, to: members.count, by: stride) {
            let child = JobKey(members[place], namedBy: parents[each.index].queue)
            children[each.index].insert(child ?? JobKey(unreadable: members[place]))
          }
          if cursor != start { next.append((each.index, cursor)) }
        }
        open = next
      }
    }
    return children.map { $0.sorted() }
  }
}
