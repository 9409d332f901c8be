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

/// Checks that what queues hold fits together: each job in exactly one place, each family as its members say, each key
/// of the kind that it should be.
///
/// While workers are at it, a job may be met in two places by being read at two times: what is found is looked at once
/// more, by itself, and what a second run still finds is real. It holds the ids of the queues' lists and sets, and of jobs
/// a page at a time. Jobs in groups of BullMQ Pro are in no list that is known here, and are left out.
public struct ConsistencyCheck: Sendable {
  let redis: RedisClient
  let prefixes: [String]

  /// A check of the queues of some prefixes; families may reach from one into another.
  public init(connection: RedisClient, prefixes: [String] = [QueueKey.defaultPrefix]) {
    redis = connection
    self.prefixes = prefixes
  }

  /// What was found so far, and where the jobs are.
  struct Look {
    var findings: Set<Inconsistency> = []
    /// The jobs with which something does not fit.
    var doubted: Set<JobKey> = []
    var places: [JobKey: [QueueKey.Suffix]] = [:]
    var queues: Set<QueueKey> = []
    /// What the keys of longer prefixes begin with.
    var foreign: [String] = []

    /// Notes where a job was met; while a list moves, it may be met there twice.
    mutating func place(_ job: JobKey, in suffix: QueueKey.Suffix) {
      if places[job]?.contains(suffix) != true { places[job, default: []].append(suffix) }
    }

    mutating func report(_ key: String, _ problem: String) {
      findings.insert(Inconsistency(key: key, problem: problem))
    }
  }

  /// Looks at everything.
  ///
  /// - Returns: what does not fit together, in a steady order. A key of another kind than it should be is one of these,
  ///   and keeps nothing else from being looked at.
  /// - Throws: `RedisError`, where Redis cannot be reached or refuses us.
  public func run() async throws -> [Inconsistency] {
    var look = Look()
    for prefix in prefixes {
      look.queues.formUnion(try await Queue.list(connection: redis, prefix: prefix))
      // A longer prefix has queues of its own, which are not looked at.
      look.foreign += try await redis.keys(matching: QueueKey.metaPattern(prefix: prefix))
        .filter { QueueKey(metaKey: $0, prefix: prefix) == nil }.map { String($0.dropLast("meta".count)) }
    }
    // A queue without settings may have jobs left.
    for prefix in prefixes {
      try await forEachHash(of: prefix, but: look.foreign) { keys in look.queues.formUnion(keys.map(\.queue)) }
    }
    for queue in look.queues.sorted() { try await checkKinds(of: queue, &look) }
    for queue in look.queues.sorted() {
      for place in Queue.Place.all {
        for id in try await ids(in: place, of: queue) {
          look.place(JobKey(queue: queue, id: id), in: place.suffix)
        }
      }
    }
    let listed = Array(look.places.keys)
    for first in stride(from: 0, to: listed.count, by: 500) {
      try await check(Array(listed[first..<min(first + 500, listed.count)]), &look)
    }
    for prefix in prefixes { try await checkUnlisted(prefix: prefix, &look) }
    try await lookAgain(&look)
    return look.findings.sorted { ($0.key, $0.problem) < ($1.key, $1.problem) }
  }

  /// The queue's own keys that are of another kind.
  private func checkKinds(of queue: QueueKey, _ look: inout Look) async throws {
    let suffixes = QueueKey.Suffix.allCases.filter { $0.kind != nil }
    let kinds = try await redis.rawReplies(to: suffixes.map { ["TYPE", .text(queue[$0])] })
    for (suffix, reply) in zip(suffixes, kinds) {
      guard let kind = reply.string, kind != "none", let wanted = suffix.kind, kind != wanted.rawValue else { continue }
      look.report(queue[suffix], "is a \(kind), but should be a \(wanted.rawValue)")
    }
  }

  /// The ids in a place; none where it is of another kind, which `checkKinds` tells.
  private func ids(in place: Queue.Place, of queue: QueueKey) async throws -> [String] {
    var ids: [String] = []
    let portion = 5000
    while true {
      let range: [RedisCommand.Argument] = [
        .text(queue[place.suffix]), .init(ids.count), .init(ids.count + portion - 1),
      ]
      do {
        let page = try await redis.send(RedisCommand(place.isList ? "LRANGE" : "ZRANGE", range)).strings
        ids += page
        if page.count < portion { return ids }
      } catch let error as RedisError where error.isWrongType {
        return ids
      }
    }
  }

  /// The jobs that are in no list or set, found by their hashes.
  private func checkUnlisted(prefix: String, _ look: inout Look) async throws {
    let foreign = look.foreign
    try await forEachHash(of: prefix, but: foreign) { keys in
      try await check(keys.filter { look.places[$0] == nil }, &look)
    }
  }

  /// Goes through the hashes that may be jobs, some at a time.
  ///
  /// - Parameter foreign: what the keys begin with that belong to longer prefixes.
  private func forEachHash(
    of prefix: String, but foreign: [String], _ body: ([JobKey]) async throws -> Void
  ) async throws {
    var cursor: String? = "0"
    while let here = cursor {
      let step = try await redis.scan(RedisPattern.literal(prefix) + ":*", from: here, type: "hash")
      cursor = step.next
      try await body(
        step.keys.compactMap { key -> JobKey? in
          guard case .job(let job, nil)? = StoredKey(key, prefix: prefix) else { return nil }
          return foreign.contains { key.hasPrefix($0) } ? nil : job
        })
    }
  }

  /// Looks whether jobs, and their families, fit together with where they were met.
  func check(_ keys: [JobKey], _ look: inout Look) async throws {
    guard !keys.isEmpty else { return }
    let questions = keys.map { key -> [RedisCommand] in
      [
        RedisCommand("HMGET", ["\(key)"] + Self.fields.map(\.rawValue)), ["EXISTS", .text(key[.lock])],
        ["SMEMBERS", .text(key[.dependencies])], ["HKEYS", .text(key[.processed])],
        ["HKEYS", .text(key[.failed])], ["ZRANGE", .text(key[.unsuccessful]), "0", "-1"],
        ["TYPE", .text(key[.logs])], ["TYPE", .text(key[.lock])],
      ]
    }
    let answers = try await redis.rawReplies(to: questions.flatMap { $0 })
    for (index, key) in keys.enumerated() {
      let answer = Array(answers[index * 8..<index * 8 + 8])
      for (suffix, kind, reply) in [(JobKey.Suffix.logs, ValueKind.list, answer[6]), (.lock, .string, answer[7])] {
        if let found = reply.string, found != "none", found != kind.rawValue {
          look.report(key[suffix], "is a \(found), but should be a \(kind.rawValue)")
        }
      }
      for (question, reply) in zip(questions[index], answer) where reply.errorLine?.hasPrefix("WRONGTYPE") == true {
        look.report(question.key ?? key.description, "holds another kind of value than it should")
      }
      // Of a hash that is none, nothing else can be said.
      guard answer[0].errorLine == nil else { continue }
      let fields = answer[0].array ?? []
      // What has not all that jobs have, and is in no list, is no job: a scheduler, settings, values of children.
      let looksLikeJob = fields.count == Self.fields.count && fields.prefix(3).allSatisfy { $0.string != nil }
      if look.places[key] == nil, !looksLikeJob { continue }
      let job = Facts(
        key: key, places: look.places[key] ?? [], exists: fields.first?.string != nil,
        isFinished: looksLikeJob && fields[3].string != nil,
        isGrouped: looksLikeJob && Self.isGrouped(fields), isLocked: answer[1].int == 1,
        pending: answer[2].strings, processed: answer[3].strings, ignored: answer[4].strings,
        failed: answer[5].strings)
      for problem in job.problems(places: look.places) {
        look.report(key.description, problem)
        look.doubted.insert(key)
      }
    }
  }

  private static let fields: [JobField] = [.name, .timestamp, .opts, .finishedOn, .groupID]

  private static func isGrouped(_ fields: [RESPValue]) -> Bool {
    fields[4].string != nil || fields[2].string.flatMap { try? JSON(parsing: $0) }?["group"] != nil
  }

  /// What is known of a job, and what does not fit. Pure.
  struct Facts {
    var key: JobKey
    var places: [QueueKey.Suffix]
    var exists: Bool
    var isFinished: Bool
    /// Whether it belongs to a group of BullMQ Pro.
    var isGrouped: Bool
    var isLocked: Bool
    var pending: [String]
    var processed: [String]
    var ignored: [String]
    var failed: [String]

    func problems(places all: [JobKey: [QueueKey.Suffix]]) -> [String] {
      guard exists else { return ["is in \(names(places)), but there is no such job"] }
      var problems: [String] = []
      if places.isEmpty, !isGrouped { problems.append("is in no list or set") }
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
      for child in pending.compactMap({ JobKey($0, namedBy: key.queue) }).sorted() {
        // Children of prefixes that are not looked at are not known.
        if all[child] == [.completed] { problems.append("waits for \(child), which has completed") }
      }
      return problems
    }

    /// The places in the order of `Queue.Place.all`, however they were met.
    private func names(_ places: [QueueKey.Suffix]) -> String {
      Queue.Place.all.map(\.suffix).filter(places.contains).map(\.rawValue).joined(separator: " and ")
    }
  }
}
