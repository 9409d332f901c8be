import Redis

extension Queue {
  /// Removes what is stored of jobs that stand in no list or set (`removeOrphanedJobs`): nobody will ever run them.
  ///
  /// Looks through all keys of the queue, some at a time.
  ///
  /// - Parameter limit: stops when at least so many are removed; 0 is all.
  /// - Returns: how many jobs were removed.
  /// - Throws: `RedisError`.
  @discardableResult
  public func removeOrphanedJobs(limit: Int = 0) async throws -> Int {
    let pattern = RedisPattern.literal(key.description) + ":*"
    var removed = 0
    var suspects: Set<String> = []
    var cursor: String? = "0"
    while let here = cursor, limit <= 0 || removed < limit {
      let step = try await redis.scan(pattern, from: here)
      cursor = step.next
      let candidates = Set(step.keys.compactMap { orphanCandidate($0) })
      suspects.formUnion(try await inNoSet(candidates.sorted()))
      // The lists are long: they are gone through for many at once.
      if cursor == nil || suspects.count > 50_000 || (limit > 0 && suspects.count > limit) {
        removed += try await remove(try await inNoList(suspects))
        suspects = []
      }
    }
    return removed
  }

  /// Removes those of some jobs that are still lost.
  private func remove(_ ids: [String]) async throws -> Int {
    var removed = 0
    for first in stride(from: 0, to: ids.count, by: 100) {
      let some = ids[first..<min(first + 100, ids.count)]
      removed +=
        try await redis.run(
          Scripts.removeOrphans, keys: [key.description], arguments: some.map { .text($0) }
        ).int ?? 0
    }
    return removed
  }

  /// The id of the job that a key may belong to; `nil` for the queue's own keys.
  private func orphanCandidate(_ name: String) -> String? {
    let parts = name.dropFirst(key.description.utf8.count + 1).split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let id = parts.first.map(String.init), !id.isEmpty, QueueKey.Suffix(rawValue: id) == nil,
      !["repeat", "de", "dn", "metrics", "priority"].contains(id)
    else { return nil }
    if parts.count == 2, JobKey.Suffix(rawValue: String(parts[1])) == nil { return nil }
    return id
  }

  private func inNoSet(_ ids: [String]) async throws -> [String] {
    let sets = Place.all.filter { !$0.isList }
    let scores = try await redis.pipeline(
      ids.flatMap { id in sets.map { ["ZSCORE", .text(key[$0.suffix]), .text(id)] } })
    return ids.enumerated().filter { index, _ in
      scores[index * sets.count..<(index + 1) * sets.count].allSatisfy { $0.isNull }
    }.map(\.element)
  }

  private func inNoList(_ ids: Set<String>) async throws -> [String] {
    var left = ids
    for place in Place.all where place.isList {
      var first = 0
      while !left.isEmpty {
        let page = try await redis.send(["LRANGE", .text(key[place.suffix]), .init(first), .init(first + 4999)]).strings
        left.subtract(page)
        if page.count < 5000 { break }
        first += page.count
      }
    }
    return left.sorted()
  }
}
