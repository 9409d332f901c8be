import Redis

/// Reads the jobs of one of a queue's lists or sorted sets, page by page, and of each no more than is wanted: one small
/// read-only script a page, or a few pipelines where the server lets us run none.
public struct JobPager: Sendable {
  let redis: RedisClient

  /// A pager of a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// Longer texts are not read.
  public static let textLimit = 64 * 1024
  /// A page ends when so many bytes of texts were read.
  static let byteBudget = 1 << 20

  /// Where a reading goes on.
  public struct Position: Sendable, Hashable {
    /// How many jobs were passed.
    public var passed: Int
    /// Members of a sorted set that were passed last, the very last one first: jobs may come and go before it.
    var last: [Member] = []

    /// A place so far from the beginning: of a list from its head, of a sorted set from its highest score.
    public init(passed: Int = 0) { self.passed = passed }
  }

  /// A member of a sorted set, its score as Redis wrote it.
  struct Member: Sendable, Hashable {
    var id: String
    var score: String
  }

  /// A job of a page.
  public struct Row: Sendable {
    /// Its id.
    public var id: String
    /// Its score; `nil` in a list.
    public var score: Double?
    /// The fields, in the order asked for: a text, null, or a number, which is the size of a text too long to be read.
    public var values: [RESPValue]
  }

  /// Some jobs.
  public struct Page: Sendable {
    /// Those that exist.
    public var rows: [Row] = []
    /// How many ids were looked at.
    public var looked = 0
    /// Where the next page begins; `nil` behind the last.
    public var next: Position?
    /// Keys that hold something else than they should.
    public var wrongTyped: Set<String> = []
  }

  /// Reads a page.
  ///
  /// - Parameter count: how many jobs; it may be fewer where they are large.
  /// - Throws: `RedisError`; a key of a wrong type is no error.
  public func page(
    of place: QueueKey.Suffix, in queue: QueueKey, from position: Position, count: Int, fields: [JobField]
  ) async throws -> Page {
    do {
      return try await byScript(place, queue, position, count, fields)
    } catch let error as RedisError where error.isScriptRefused {
      return try await byPipeline(place, queue, position, count, fields)
    }
  }

  private func byScript(
    _ place: QueueKey.Suffix, _ queue: QueueKey, _ position: Position, _ count: Int, _ fields: [JobField]
  ) async throws -> Page {
    var arguments: [RedisCommand.Argument] = [
      .text(queue.description), .text(place.rawValue), .init(position.passed), .init(count), .init(Self.textLimit),
      .init(Self.byteBudget), .init(position.last.count),
    ]
    for member in position.last { arguments += [.text(member.id), .text(member.score)] }
    arguments += fields.map { .text($0.rawValue) }
    let reply = try await redis.run(ReadScripts.pageJobs, keys: [queue[place]], arguments: arguments)
    guard let parts = reply.array, parts.count == 6 else { throw RedisError.unexpectedReply(command: "pageJobs") }
    var page = Page()
    page.rows = (parts[3].array ?? []).compactMap(Self.row)
    page.looked = parts[1].int ?? 0
    var next = Position(passed: parts[0].int ?? 0)
    next.last = parts[4].pairs.map { Member(id: $0.name, score: $0.value.string ?? "") }
    page.next = page.looked > 0 && next.passed < parts[2].int ?? 0 ? next : nil
    var refused = RefusedKeys()
    refused.add(parts[5])
    page.wrongTyped = refused.wrongTyped
    return page
  }

  private static func row(_ reply: RESPValue) -> Row? {
    guard let parts = reply.array, let id = parts.first?.string, parts.count > 1 else { return nil }
    return Row(id: id, score: parts[1].double, values: Array(parts.dropFirst(2)))
  }

  /// The same by commands; jobs that come and go before the position move it.
  private func byPipeline(
    _ place: QueueKey.Suffix, _ queue: QueueKey, _ position: Position, _ count: Int, _ fields: [JobField]
  ) async throws -> Page {
    let key = RedisCommand.Argument.text(queue[place])
    let (from, to) = (position.passed, position.passed.addingClamped(min(count, 100) - 1))
    let isList = place.kind == .list
    let replies = try await redis.rawReplies(to: [
      isList ? ["LRANGE", key, .init(from), .init(to)] : ["ZREVRANGE", key, .init(from), .init(to), "WITHSCORES"],
      [isList ? "LLEN" : "ZCARD", key],
    ])
    var page = Page()
    if let line = replies[0].errorLine {
      var refused = RefusedKeys()
      refused.add(key: queue[place], line: line)
      if let other = refused.otherLine { throw RedisError.reply(command: "paging jobs", line: other) }
      page.wrongTyped = refused.wrongTyped
    }
    let members: [(id: String, score: Double?)] =
      isList ? replies[0].strings.map { ($0, nil) } : replies[0].pairs.map { ($0.name, $0.value.double) }
    let keys = members.map { JobKey(queue: queue, id: $0.id).description }
    let values = try await texts(of: keys, fields)
    for (member, its) in zip(members, values) {
      if let its { page.rows.append(Row(id: member.id, score: member.score, values: its)) }
    }
    page.looked = members.count
    let passed = position.passed.addingClamped(members.count)
    page.next = page.looked > 0 && passed < replies[1].int ?? 0 ? Position(passed: passed) : nil
    return page
  }

  /// The fields of jobs; `nil` of those that do not exist.
  private func texts(of keys: [String], _ fields: [JobField]) async throws -> [[RESPValue]?] {
    let width = fields.count + 1
    let sizes = try await redis.rawReplies(
      to: keys.flatMap { key -> [RedisCommand] in
        [["EXISTS", .text(key)]] + fields.map { ["HSTRLEN", .text(key), .text($0.rawValue)] }
      })
    let wanted = keys.indices.map { index in
      fields.indices.filter { (1...Self.textLimit).contains(sizes[index * width + 1 + $0].int ?? 0) }
    }
    let asked = keys.indices.filter { !wanted[$0].isEmpty }
    let replies = try await redis.rawReplies(
      to: asked.map { index in RedisCommand("HMGET", [keys[index]] + wanted[index].map { fields[$0].rawValue }) })
    var found: [Int: [RESPValue]] = [:]
    for (index, reply) in zip(asked, replies) { found[index] = reply.array }
    return keys.indices.map { index -> [RESPValue]? in
      guard sizes[index * width].int == 1 else { return nil }
      let texts = Dictionary(zip(wanted[index], found[index] ?? [])) { first, _ in first }
      return fields.indices.map { field in
        let size = sizes[index * width + 1 + field].int ?? 0
        return size > Self.textLimit ? .integer(size) : texts[field] ?? .null
      }
    }
  }
}
