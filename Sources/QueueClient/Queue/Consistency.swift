import Redis

/// Something in Redis that cannot be: a job in two states, a parent that waits for nobody.
public struct Inconsistency: Sendable, Hashable, CustomStringConvertible {
  /// The job or queue that it is about.
  public var key: String
  /// What is wrong, in words.
  public var problem: String
  /// `key: problem`.
  public var description: String { "\(key): \(problem)" }
}

/// Checks that what queues hold fits together: each job in exactly one place, each family as its members say.
///
/// For a Redis at rest. While workers are at it, a job may be met in two places by being read at two times: what a
/// second look still finds is real.
public struct ConsistencyCheck: Sendable {
  let redis: RedisClient
  let prefixes: [String]

  /// A check of the queues of some prefixes; families may reach from one into another.
  public init(connection: RedisClient, prefixes: [String] = [QueueKey.defaultPrefix]) {
    redis = connection
    self.prefixes = prefixes
  }

  /// Looks at everything.
  ///
  /// - Returns: what does not fit together, in a steady order.
  /// - Throws: `RedisError`.
  public func run() async throws -> [Inconsistency] {
    var findings: [Inconsistency] = []
    var queues: [QueueKey] = []
    for prefix in prefixes { queues += try await Queue.list(connection: redis, prefix: prefix) }
    // A queue without settings may have jobs left.
    let hashes = try await jobKeys()
    queues += Set(hashes.map(\.queue)).subtracting(queues).sorted()
    var places: [JobKey: [QueueKey.Suffix]] = [:]
    for queue in queues {
      for place in Queue.Place.all {
        for id in try await ids(in: place, of: queue) {
          places[JobKey(queue: queue, id: id), default: []].append(place.suffix)
        }
      }
    }
    let keys = hashes.union(places.keys).sorted()
    for first in stride(from: 0, to: keys.count, by: 500) {
      let portion = Array(keys[first..<min(first + 500, keys.count)])
      findings += try await check(portion, places: places)
    }
    return findings
  }

  private func ids(in place: Queue.Place, of queue: QueueKey) async throws -> [String] {
    var ids: [String] = []
    let portion = 5000
    while true {
      let range: [RedisCommand.Argument] = [
        .text(queue[place.suffix]), .init(ids.count), .init(ids.count + portion - 1),
      ]
      let page = try await redis.send(RedisCommand(place.isList ? "LRANGE" : "ZRANGE", range)).strings
      ids += page
      if page.count < portion { return ids }
    }
  }

  /// The keys of all job hashes, also of those of queues that are gone: an id may hold colons, a queue's name none.
  ///
  /// What else is a hash, the fields tell apart.
  private func jobKeys() async throws -> Set<JobKey> {
    var found: Set<JobKey> = []
    for prefix in prefixes {
      // A longer prefix has queues of its own, which are not looked at.
      let foreign = try await redis.keys(matching: QueueKey.metaPattern(prefix: prefix))
        .filter { QueueKey(metaKey: $0, prefix: prefix) == nil }.map { $0.dropLast("meta".count) }
      for key in try await redis.keys(matching: RedisPattern.literal(prefix) + ":*", type: "hash") {
        let parts = key.dropFirst(prefix.count + 1).split(
          separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, !foreign.contains(where: key.hasPrefix) else {
          continue
        }
        found.insert(JobKey(queue: QueueKey(prefix: prefix, name: String(parts[0])), id: String(parts[1])))
      }
    }
    return found
  }

  private func check(_ keys: [JobKey], places: [JobKey: [QueueKey.Suffix]]) async throws -> [Inconsistency] {
    let questions = keys.flatMap { key -> [RedisCommand] in
      [
        ["HMGET", .text("\(key)"), "name", "timestamp", "opts", "finishedOn"], ["EXISTS", .text(key[.lock])],
        ["SMEMBERS", .text(key[.dependencies])], ["HKEYS", .text(key[.processed])],
        ["HKEYS", .text(key[.failed])], ["ZRANGE", .text(key[.unsuccessful]), "0", "-1"],
      ]
    }
    let answers = try await redis.rawReplies(to: questions)
    var findings: [Inconsistency] = []
    for (index, key) in keys.enumerated() {
      let answer = Array(answers[index * 6..<index * 6 + 6])
      let fields = answer[0].array ?? []
      // What has not all that jobs have, and is in no list, is no job: a scheduler, settings, values of children.
      let looksLikeJob = fields.count == 4 && fields.prefix(3).allSatisfy { $0.string != nil }
      if places[key] == nil, !looksLikeJob { continue }
      let job = Facts(
        key: key, places: places[key] ?? [], exists: fields.first?.string != nil,
        isFinished: fields.last?.string != nil, isLocked: answer[1].int == 1,
        pending: answer[2].strings, processed: answer[3].strings, ignored: answer[4].strings,
        failed: answer[5].strings)
      findings += job.problems(places: places).map { Inconsistency(key: key.description, problem: $0) }
    }
    return findings
  }

  /// What is known of a job, and what does not fit. Pure.
  struct Facts {
    var key: JobKey
    var places: [QueueKey.Suffix]
    var exists: Bool
    var isFinished: Bool
    var isLocked: Bool
    var pending: [String]
    var processed: [String]
    var ignored: [String]
    var failed: [String]

    func problems(places all: [JobKey: [QueueKey.Suffix]]) -> [String] {
      guard exists else { return ["is in \(names(places)), but there is no such job"] }
      var problems: [String] = []
      if places.isEmpty { problems.append("is in no list or set") }
      if places.count > 1 { problems.append("is in \(names(places))") }
      let isEnded = places == [.completed] || places == [.failed]
      if isEnded != isFinished, places.count == 1 {
        problems.append("is in \(names(places)), but \(isFinished ? "has" : "has not") ended")
      }
      if isLocked, places != [.active] { problems.append("has a lock, but is not active") }
      if places == [.waitingChildren], pending.isEmpty { problems.append("waits for children, but for none at all") }
      if places == [.completed], !pending.isEmpty { problems.append("has completed, with \(pending.count) pending") }
      for (kind, children) in [("processed", processed), ("ignored", ignored), ("failed", failed)] {
        let both = Set(children).intersection(pending)
        if let child = both.min() { problems.append("has child \(child) both as pending and as \(kind)") }
      }
      for child in pending.compactMap({ JobKey($0) }).sorted() {
        // Children of prefixes that are not looked at are not known.
        if all[child] == [.completed] { problems.append("waits for \(child), which has completed") }
      }
      return problems
    }

    private func names(_ places: [QueueKey.Suffix]) -> String {
      places.map(\.rawValue).joined(separator: " and ")
    }
  }
}
