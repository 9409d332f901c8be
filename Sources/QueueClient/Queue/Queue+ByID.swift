import Redis

/// What can be asked of a job, and done with it, by its id alone.
extension Queue {
  /// Where a job is in its life (`getJobState`); `.unknown` for one that is not there.
  ///
  /// - Throws: `RedisError`.
  public func getJobState(_ id: String) async throws -> JobState { try await reference(id).getState() }

  /// Rows of a job's log (`getJobLogs`).
  ///
  /// - Parameters:
  ///   - start: the first row; negative numbers count from the end.
  ///   - end: the last row, included.
  ///   - ascending: the oldest first, and counted from there; else the newest.
  /// - Returns: the rows, and how many there are in all.
  /// - Throws: `RedisError`.
  public func getJobLogs(
    _ id: String, start: Int = 0, end: Int = -1, ascending: Bool = true
  ) async throws -> (logs: [String], count: Int) {
    try await reference(id).getLogs(start: start, end: end, ascending: ascending)
  }

  /// Adds a row to a job's log (`addJobLog`).
  ///
  /// - Parameter keep: how many rows stay, the newest; `nil` is all.
  /// - Returns: how many rows there are now.
  /// - Throws: `JobError.missing`; `RedisError`.
  @discardableResult
  public func addJobLog(_ id: String, _ row: String, keeping keep: Int? = nil) async throws -> Int {
    try await reference(id).log(row, keep: keep)
  }

  /// Tells how far a job is (`updateJobProgress`).
  ///
  /// - Parameter progress: a number, or an object of one's own.
  /// - Throws: `JobError.missing`; `EncodingError`; `RedisError`.
  public func updateJobProgress(_ id: String, _ progress: some Encodable) async throws {
    try await reference(id).updateProgress(progress)
  }

  /// A page of a job's children, with the children themselves (`getDependencies`).
  ///
  /// The order is Redis's own: a child that ends between two pages may be met twice or never.
  ///
  /// - Parameters:
  ///   - id: the parent's id.
  ///   - kind: the finished ones, with their values, or those that are still pending.
  ///   - start: the first, from 0.
  ///   - end: the last, included; -1 is the end.
  /// - Throws: `RedisError`.
  public func getDependencies(
    of id: String, _ kind: ChildrenPage.Kind, start: Int = 0, end: Int = -1
  ) async throws -> ChildrenPage {
    let parent = JobKey(queue: key, id: id)
    let place = parent[kind == .processed ? .processed : .dependencies]
    let total = try await redis.send([kind == .processed ? "HLEN" : "SCARD", .text(place)]).int ?? 0
    let last = end < 0 ? Int.max : end
    var page = ChildrenPage(items: [], jobs: [], total: total)
    guard start >= 0, start <= last, start < total else { return page }
    let children = try await children(of: parent, at: place, kind, upTo: last)
    page.items = Array(children[min(start, children.count)..<min(last, children.count - 1) + 1])
    let hashes = try await redis.pipeline(page.items.map { ["HGETALL", .text($0.key.description)] })
    page.jobs = zip(page.items, hashes).compactMap { child, hash in
      JobSnapshot(key: child.key, reply: hash).map { Job($0, redis: redis) }
    }
    return page
  }

  /// Children in Redis's order, at least up to a place in it.
  private func children(
    of parent: JobKey, at place: String, _ kind: ChildrenPage.Kind, upTo last: Int
  ) async throws -> [ChildrenPage.Item] {
    var found: [ChildrenPage.Item] = []
    var seen: Set<JobKey> = []
    var cursor: String? = "0"
    while let here = cursor, found.count <= last {
      let scan: RedisCommand.Argument = kind == .processed ? "HSCAN" : "SSCAN"
      let reply = try await redis.send([scan, .text(place), .text(here), "COUNT", "1000"])
      guard let parts = reply.array, parts.count == 2, let next = parts[0].string else {
        throw RedisError.unexpectedReply(command: kind == .processed ? "HSCAN" : "SSCAN")
      }
      let items =
        kind == .processed
        ? parts[1].pairs.map { ($0.name, $0.value.string.map { JSON(tolerating: $0) }) }
        : parts[1].strings.map { ($0, nil) }
      for (child, value) in items {
        guard let child = JobKey(child, namedBy: parent.queue), seen.insert(child).inserted else { continue }
        found.append(ChildrenPage.Item(key: child, value: value))
      }
      cursor = next == "0" ? nil : next
    }
    return found
  }
}

/// Some of a job's children.
public struct ChildrenPage: Sendable {
  /// Which children.
  public enum Kind: Sendable {
    /// Finished, with their values.
    case processed
    /// Not finished yet.
    case pending
  }

  /// A child as its parent knows it.
  public struct Item: Sendable, Hashable {
    /// Where it is.
    public var key: JobKey
    /// What it returned; `nil` of one that is pending.
    public var value: JSON?
  }

  /// The children of this page.
  public var items: [Item]
  /// The jobs among them that are still there, in the same order.
  public var jobs: [Job]
  /// How many children of that kind there are in all.
  public var total: Int
}
