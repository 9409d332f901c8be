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
  /// Where a scan begins, and what it answers at its end.
  private static let start = "0"

  /// What was listed.
  public struct Listing: Sendable {
    /// The children of each parent.
    public var children: [[JobKey]] = []
    /// Keys that hold something else than they should: whose they are has none here.
    public var wrongTyped: Set<String> = []
  }

  /// The children that parents wait for, in the order of their keys; what is no job's key is among them.
  ///
  /// - Throws: `RedisError`; a key of a wrong type is no error.
  public func pending(of parents: [JobKey]) async throws -> Listing {
    var listing = Listing()
    var children = [[String]](repeating: [], count: parents.count)
    for first in stride(from: 0, to: parents.count, by: Self.parentsAtOnce) {
      var open = (first..<min(first + Self.parentsAtOnce, parents.count)).map { (index: $0, cursor: Self.start) }
      while !open.isEmpty {
        let commands = open.map { index, cursor -> RedisCommand in
          ["SSCAN", .text(parents[index][.dependencies]), .text(cursor), "COUNT", .init(Self.step)]
        }
        var next: [(index: Int, cursor: String)] = []
        for (each, reply) in zip(open, try await redis.rawReplies(to: commands)) {
          guard let parts = reply.array, parts.count == 2, let cursor = parts[0].string else {
            if reply.errorLine != nil { listing.wrongTyped.insert(parents[each.index][.dependencies]) }
            continue
          }
          children[each.index] += parts[1].strings
          if cursor != Self.start { next.append((each.index, cursor)) }
        }
        open = next
      }
    }
    listing.children = zip(parents, children).map { Self.keys($1, near: $0.queue) }
    return listing
  }

  /// The jobs that texts name, by the texts' order; a cursor may come by the same one twice.
  private static func keys(_ texts: [String], near queue: QueueKey) -> [JobKey] {
    var reader = JobKeyReader(near: queue)
    var keys: [JobKey] = []
    keys.reserveCapacity(texts.count)
    var last: String?
    for text in texts.sorted() where text != last {
      keys.append(reader.key(text))
      last = text
    }
    return keys
  }
}
