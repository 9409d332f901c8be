import Redis

extension Job {
  /// All children, by what became of them (`getDependencies`).
  ///
  /// - Throws: `RedisError`.
  public func getDependencies() async throws -> Dependencies {
    let replies = try await redis.pipeline([
      ["HGETALL", .text(key[.processed])], ["SMEMBERS", .text(key[.dependencies])],
      ["HGETALL", .text(key[.failed])], ["ZRANGE", .text(key[.unsuccessful]), "0", "-1"],
    ])
    var result = Dependencies()
    result.processed = values(replies[0].pairs)
    result.unprocessed = replies[1].strings.compactMap { JobKey($0, namedBy: key.queue) }
    result.ignored = reasons(replies[2].pairs)
    result.failed = replies[3].strings.compactMap { JobKey($0, namedBy: key.queue) }
    return result
  }

  /// A page of the kinds of children asked for (`getDependencies` with options).
  ///
  /// ```swift
  /// var page = DependenciesPage.Request(unprocessed: .init(count: 100))
  /// repeat {
  ///   let answer = try await job.getDependencies(page)
  ///   print(answer.dependencies.unprocessed)
  ///   page.unprocessed?.cursor = answer.nextUnprocessedCursor ?? 0
  /// } while page.unprocessed?.cursor != 0
  /// ```
  ///
  /// The cursors of `processed`, `unprocessed` and `ignored` are Redis's own (`HSCAN`, `SSCAN`): a small family
  /// comes back whole whatever the count, and a child that ends between two pages may be met twice or never.
  /// `failed` goes by rank. A request for no kind is for all of all kinds.
  ///
  /// - Throws: `RedisError`.
  public func getDependencies(_ request: DependenciesPage.Request) async throws -> DependenciesPage {
    if request == .init() { return DependenciesPage(dependencies: try await getDependencies()) }
    func scan(_ name: String, _ suffix: JobKey.Suffix, _ page: DependenciesPage.Page?) -> RedisCommand? {
      page.map { RedisCommand(name, [key[suffix], "\($0.cursor)", "COUNT", "\(max(1, $0.count))"]) }
    }
    let failed = request.failed.map { page in
      let first = Int(clamping: page.cursor).clamped
      return RedisCommand("ZRANGE", [key[.unsuccessful], "\(first)", "\(first + max(1, page.count).clamped - 1)"])
    }
    let commands = [
      scan("HSCAN", .processed, request.processed), scan("SSCAN", .dependencies, request.unprocessed),
      scan("HSCAN", .failed, request.ignored), failed,
    ]
    var replies = try await redis.pipeline(commands.compactMap { $0 } + [["ZCARD", .text(key[.unsuccessful])]])[...]
    func next(_ command: RedisCommand?) -> RESPValue? { command.flatMap { _ in replies.popFirst() } }
    var page = DependenciesPage()
    if let (cursor, entries) = next(commands[0])?.scanStep {
      page.dependencies.processed = values(entries.pairs)
      page.nextProcessedCursor = cursor
    }
    if let (cursor, entries) = next(commands[1])?.scanStep {
      page.dependencies.unprocessed = entries.strings.compactMap { JobKey($0, namedBy: key.queue) }
      page.nextUnprocessedCursor = cursor
    }
    if let (cursor, entries) = next(commands[2])?.scanStep {
      page.dependencies.ignored = reasons(entries.pairs)
      page.nextIgnoredCursor = cursor
    }
    if let wanted = request.failed, let reply = next(commands[3]) {
      page.dependencies.failed = reply.strings.compactMap { JobKey($0, namedBy: key.queue) }
      let end = Int(clamping: wanted.cursor).clamped + reply.strings.count
      page.nextFailedCursor = end < replies.last?.int ?? 0 ? UInt64(end) : 0
    }
    return page
  }

  /// How many children there are of each kind (`getDependenciesCount`).
  ///
  /// - Throws: `RedisError`.
  public func getDependenciesCount() async throws -> DependenciesCount {
    let counts = try await redis.pipeline([
      ["HLEN", .text(key[.processed])], ["SCARD", .text(key[.dependencies])],
      ["HLEN", .text(key[.failed])], ["ZCARD", .text(key[.unsuccessful])],
    ]).map { $0.int ?? 0 }
    return DependenciesCount(processed: counts[0], unprocessed: counts[1], ignored: counts[2], failed: counts[3])
  }

  /// The values that the finished children returned (`getChildrenValues`).
  ///
  /// - Throws: `RedisError`.
  public func getChildrenValues() async throws -> [JobKey: JSON] {
    values(try await redis.send(["HGETALL", .text(key[.processed])]).pairs)
  }

  /// The values that the finished children returned, as a type of one's own.
  ///
  /// ```swift
  /// let total = try await job.getChildrenValues(as: Double.self).values.reduce(0, +)
  /// ```
  ///
  /// - Throws: `DecodingError` where a value is of another type; `RedisError`.
  public func getChildrenValues<Value: Decodable>(as type: Value.Type) async throws -> [JobKey: Value] {
    try await getChildrenValues().mapValues { try $0.decoded(as: type) }
  }

  /// Why the children failed whose failure is ignored (`getIgnoredChildrenFailures`).
  ///
  /// - Throws: `RedisError`.
  public func getIgnoredChildrenFailures() async throws -> [JobKey: String] {
    reasons(try await redis.send(["HGETALL", .text(key[.failed])]).pairs)
  }

  /// `getIgnoredChildrenFailures()` under its older name in BullMQ.
  ///
  /// - Throws: `RedisError`.
  public func getFailedChildrenValues() async throws -> [JobKey: String] { try await getIgnoredChildrenFailures() }

  private func values(_ pairs: [(name: String, value: RESPValue)]) -> [JobKey: JSON] {
    keyed(pairs) { JSON(tolerating: $0) }
  }

  private func reasons(_ pairs: [(name: String, value: RESPValue)]) -> [JobKey: String] { keyed(pairs) { $0 } }

  private func keyed<Value>(
    _ pairs: [(name: String, value: RESPValue)], _ value: (String) -> Value
  ) -> [JobKey: Value] {
    var result: [JobKey: Value] = [:]
    for (child, text) in pairs {
      if let child = JobKey(child, namedBy: key.queue) { result[child] = value(text.string ?? "") }
    }
    return result
  }
}

extension RESPValue {
  /// One step of `SCAN` and its kin: the next cursor, and what was met.
  fileprivate var scanStep: (cursor: UInt64, entries: RESPValue)? {
    guard let parts = array, parts.count == 2, let cursor = parts[0].string.flatMap({ UInt64($0) }) else { return nil }
    return (cursor, parts[1])
  }
}
