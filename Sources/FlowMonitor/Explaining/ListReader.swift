import QueueClient
import Redis

/// Finds jobs in the lists of their queues, and how many are taken before them.
struct ListReader: Sendable {
  let redis: RedisClient

  /// Of longer lists, so many at each end are looked through: a job that is in neither is taken to wait in between.
  private static let end = 10_000

  /// A list as far as it was read.
  private struct Seen {
    var ids: [String: Int] = [:]
    var isWhole = true
  }

  /// Gives those jobs their state that are in no sorted set, and counts the lists that the others are in all the same.
  ///
  /// - Throws: `RedisError`; a key of a wrong type is an empty list.
  func place(_ facts: inout FlowFacts) async throws {
    let jobs = facts.jobs.filter { $0.value.exists }
    var seen: [QueueKey: [QueueKey.Suffix: Seen]] = [:]
    for queue in Set(jobs.keys.map(\.queue)).sorted() { seen[queue] = try await read(queue) }
    for (key, fact) in jobs {
      guard let lists = seen[key.queue] else { continue }
      if fact.state != .unknown {
        facts.jobs[key]?.places += lists.values.count { $0.ids[key.id] != nil }
      } else if lists[.active]?.ids[key.id] != nil {
        facts.jobs[key]?.state = .active
        if lists[.wait]?.ids[key.id] != nil || lists[.paused]?.ids[key.id] != nil { facts.jobs[key]?.places = 2 }
      } else if let ahead = lists[.wait]?.ids[key.id] ?? lists[.paused]?.ids[key.id] {
        facts.jobs[key]?.state = .waiting
        facts.jobs[key]?.ahead = ahead
      } else if lists.values.contains(where: { !$0.isWhole }) {
        facts.jobs[key]?.state = .waiting
      }
    }
  }

  /// The ids in the lists of a queue.
  ///
  /// - Throws: `RedisError`; a key of a wrong type is an empty list.
  /// - Returns: `nil` where they are too long to be looked through.
  func ids(of queue: QueueKey) async throws -> Set<String>? {
    let lists = try await read(queue)
    return lists.values.allSatisfy(\.isWhole) ? lists.values.reduce(into: []) { $0.formUnion($1.ids.keys) } : nil
  }

  private static let suffixes: [QueueKey.Suffix] = [.active, .wait, .paused]

  /// The lists of a queue; workers take from the right, so the last id has none before it.
  private func read(_ queue: QueueKey) async throws -> [QueueKey.Suffix: Seen] {
    let lengths = try await redis.rawReplies(to: Self.suffixes.map { ["LLEN", .text(queue[$0])] }).map { $0.int ?? 0 }
    let ranges = zip(Self.suffixes, lengths).flatMap { suffix, length -> [RedisCommand] in
      let key = RedisCommand.Argument.text(queue[suffix])
      return length <= 2 * Self.end
        ? [["LRANGE", key, "0", "-1"], ["LRANGE", key, "1", "0"]]
        : [["LRANGE", key, "0", .init(Self.end - 1)], ["LRANGE", key, .init(-Self.end), "-1"]]
    }
    let replies = try await redis.rawReplies(to: ranges)
    var seen: [QueueKey.Suffix: Seen] = [:]
    for (index, suffix) in Self.suffixes.enumerated() {
      let (head, tail) = (replies[2 * index].strings, replies[2 * index + 1].strings)
      var list = Seen(isWhole: lengths[index] <= 2 * Self.end)
      for (place, id) in head.enumerated() { list.ids[id] = max(0, lengths[index] - 1 - place) }
      for (place, id) in tail.enumerated() { list.ids[id] = tail.count - 1 - place }
      seen[suffix] = list
    }
    return seen
  }
}
