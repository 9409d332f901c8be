import QueueClient
import Redis

/// The lists of a queue, as far as they were read: which jobs they hold, and how many are taken before each.
struct QueueLists: Sendable {
  fileprivate var active: [String: Int] = [:]
  fileprivate var wait: [String: Int] = [:]
  fileprivate var paused: [String: Int] = [:]
  /// Whether all of them was read.
  fileprivate(set) var areWhole = true
  /// Keys that hold something else than a list.
  fileprivate(set) var wrongTyped: Set<String> = []

  /// Whether a job is in the list of those that are active.
  func isActive(_ id: String) -> Bool { active[id] != nil }

  /// How many jobs are taken before one that waits; `nil` where it is in no such list.
  func ahead(of id: String) -> Int? { wait[id] ?? paused[id] }

  /// How many lists a job is in.
  func places(of id: String) -> Int { (isActive(id) ? 1 : 0) + (wait[id] != nil ? 1 : 0) + (paused[id] != nil ? 1 : 0) }

  /// All ids.
  fileprivate var ids: Set<String> { Set(active.keys).union(wait.keys).union(paused.keys) }
}

/// Reads the lists of queues.
struct ListReader: Sendable {
  let redis: RedisClient

  /// Of longer lists, so many at each end are looked through: a job that is in neither is taken to wait in between.
  private static let end = 10_000
  /// The lists of so many queues are read in one write.
  private static let queuesAtOnce = 20

  /// The ids in the lists of a queue.
  ///
  /// - Throws: `RedisError`; a key of a wrong type is an empty list.
  /// - Returns: `nil` where they are too long to be looked through.
  func ids(of queue: QueueKey) async throws -> Set<String>? {
    let lists = try await read([queue])[queue] ?? QueueLists()
    return lists.areWhole ? lists.ids : nil
  }

  private static let suffixes: [QueueKey.Suffix] = [.active, .wait, .paused]

  /// The lists of queues; workers take from the right, so the last id has none before it.
  ///
  /// - Throws: `RedisError`; a key of a wrong type is an empty list.
  func read(_ queues: Set<QueueKey>) async throws -> [QueueKey: QueueLists] {
    let queues = queues.sorted()
    var found: [QueueKey: QueueLists] = [:]
    for first in stride(from: 0, to: queues.count, by: Self.queuesAtOnce) {
      let portion = queues[first..<min(first + Self.queuesAtOnce, queues.count)]
      let keys = portion.flatMap { queue in Self.suffixes.map { RedisCommand.Argument.text(queue[$0]) } }
      let answers = try await redis.rawReplies(to: keys.map { ["LLEN", $0] })
      let lengths = answers.map { $0.int ?? 0 }
      let ranges = zip(keys, lengths).flatMap { key, length -> [RedisCommand] in
        length <= 2 * Self.end
          ? [["LRANGE", key, "0", "-1"], ["LRANGE", key, "1", "0"]]
          : [["LRANGE", key, "0", .init(Self.end - 1)], ["LRANGE", key, .init(-Self.end), "-1"]]
      }
      let replies = try await redis.rawReplies(to: ranges)
      for (index, queue) in portion.enumerated() {
        var lists = QueueLists()
        for (offset, list) in [\QueueLists.active, \.wait, \.paused].enumerated() {
          let place = Self.suffixes.count * index + offset
          let length = lengths[place]
          lists[keyPath: list] = Self.places(replies[2 * place], tail: replies[2 * place + 1], of: length)
          if length > 2 * Self.end { lists.areWhole = false }
          if answers[place].errorLine != nil { lists.wrongTyped.insert(queue[Self.suffixes[offset]]) }
        }
        found[queue] = lists
      }
    }
    return found
  }

  /// How many come before each id of a list.
  private static func places(_ head: RESPValue, tail: RESPValue, of length: Int) -> [String: Int] {
    let (head, tail) = (head.strings, tail.strings)
    var places = [String: Int](minimumCapacity: head.count + tail.count)
    for (place, id) in head.enumerated() { places[id] = max(0, length - 1 - place) }
    for (place, id) in tail.enumerated() { places[id] = tail.count - 1 - place }
    return places
  }
}
