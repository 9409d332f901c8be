import Redis
import Synchronization

/// Whether something is to be looked at before jobs are taken.
private final class Caution: Sendable {
  let isNeeded = Atomic(true)
}

/// What a worker asks of Redis: to end jobs and be given others, to keep its locks, to find what others lost.
struct Exchange: Sendable {
  let queue: QueueKey
  let redis: RedisClient
  let tokens: LockTokens
  let configuration: WorkerConfiguration
  private let details: String
  private let carefulDetails: String
  private let caution = Caution()

  init(queue: QueueKey, redis: RedisClient, tokens: LockTokens, configuration: WorkerConfiguration) {
    self.queue = queue
    self.redis = redis
    self.tokens = tokens
    self.configuration = configuration
    details = configuration.details(looksFirst: false)
    carefulDetails = configuration.details(looksFirst: true)
  }

  /// Sees first, with the next exchange, that all the queue's keys are of their kinds: no job is to be run that cannot
  /// be ended. At the beginning, and after anything went wrong.
  func beCareful() { caution.isNeeded.store(true, ordering: .relaxed) }

  /// What Redis answered to one exchange.
  struct Reply {
    /// A code for each ended job; 0 is well.
    var codes: [Int]
    /// The jobs taken, ours until their locks run out.
    var jobs: [Job]
    /// When the next delayed job is due, in milliseconds since 1970; 0 for none.
    var nextDue: Int
    /// For how long the rate limit lets no more be taken.
    var pause: Duration
    /// A key of another kind than it should be, without which all went on.
    var oddKey: String?
  }

  /// Tells of ended jobs, and takes others: one round trip.
  ///
  /// - Parameter wanted: how many jobs to take at the most.
  func callAsFunction(_ ended: [EndedJob], wanted: Int) async throws -> Reply {
    let token = wanted > 0 ? tokens.next() : ""
    let looksFirst = wanted > 0 && caution.isNeeded.exchange(false, ordering: .relaxed)
    var arguments: [RedisCommand.Argument] = [
      .init(configuration.clock.now()), .text(token), .init(configuration.lockDuration.milliseconds), .init(wanted),
      .text(looksFirst ? carefulDetails : details),
    ]
    for each in ended { arguments += each.arguments(configuration) }
    let reply = try await redis.run(Scripts.exchange, keys: [queue.description], arguments: arguments)
    guard let parts = reply.array, parts.count == 5, let codes = parts[0].array, let taken = parts[1].array else {
      throw RedisError.unexpectedReply(command: Scripts.exchange.name)
    }
    let jobs = stride(from: 0, to: taken.count - 1, by: 2).compactMap { at -> Job? in
      let key = JobKey(queue: queue, id: taken[at].string ?? "")
      return JobSnapshot(key: key, reply: taken[at + 1]).map { Job($0, redis: redis, token: token) }
    }
    return Reply(
      codes: codes.compactMap(\.int), jobs: jobs, nextDue: parts[2].int ?? 0, pause: .milliseconds(parts[3].int ?? 0),
      oddKey: parts[4].string.flatMap { $0.isEmpty ? nil : $0 })
  }

  /// Renews locks.
  ///
  /// - Returns: those that are lost.
  func extend(_ locks: [JobLock]) async throws -> [JobLock] {
    guard !locks.isEmpty else { return [] }
    let reply = try await redis.run(
      Scripts.extendLocks, keys: [queue.description],
      arguments: [.init(configuration.lockDuration.milliseconds)] + Self.arguments(locks))
    return (reply.array ?? []).compactMap(\.int).filter(locks.indices.contains).map { locks[$0] }
  }

  /// Puts jobs in hand back to those that are ready.
  func handBack(_ locks: [JobLock]) async throws {
    guard !locks.isEmpty else { return }
    try await redis.run(
      Scripts.leaveActive, keys: [queue.description],
      arguments: [.init(configuration.clock.now()), "wait", ""] + Self.arguments(locks))
  }

  private static func arguments(_ locks: [JobLock]) -> [RedisCommand.Argument] {
    locks.flatMap { [.text($0.id), .text($0.token)] }
  }

  /// Puts back what Redis gave us without our knowing: the answer was lost with the connection.
  ///
  /// - Parameter known: the locks that we do know of.
  func reclaim(except known: Set<JobLock>) async throws {
    let active: [String]
    do {
      active = try await redis.send(["LRANGE", .text(queue[.active]), "0", "-1"]).strings
    } catch let error as RedisError where error.isWrongType {
      // What is no list holds no job of ours; whoever takes jobs is told.
      return
    }
    let tokens = try await redis.pipeline(
      active.map { ["GET", .text(JobKey(queue: queue, id: $0)[.lock])] })
    try await handBack(
      zip(active, tokens).compactMap { id, token -> JobLock? in
        guard let token = token.string, self.tokens.contains(token) else { return nil }
        let lock = JobLock(id: id, token: token)
        return known.contains(lock) ? nil : lock
      })
  }

  /// Wakes another worker, if there is anything to do: for one that was woken and takes no jobs now.
  func wakeAnother() async throws {
    try await redis.run(Scripts.wakeWorker, keys: [queue.description])
  }

  /// Puts back jobs whose worker is gone.
  ///
  /// - Parameter interval: how long no other worker looks again.
  /// - Returns: their ids.
  func recoverStalled(interval: Duration) async throws -> [String] {
    try await redis.run(
      Scripts.recoverStalled, keys: [queue.description],
      arguments: [
        .init(configuration.clock.now()), .init(configuration.maxStalledCount), .init(max(1, interval.milliseconds)),
      ]
    ).strings
  }

  /// What a code says of an ended job, in words.
  static func refusal(_ code: Int) -> String {
    switch code {
    case -1: "it does not exist any more"
    case -12: "a key of it or of its parent holds another kind of value; doctor --deep names it"
    case -15: "a value of it or of its parent is not what it should be; doctor --deep looks for what is wrong"
    case -2: "its lock has run out"
    case -3: "it is not active any more"
    case -4: "it has pending children"
    case -6: "another worker holds its lock"
    case -9: "it has failed children"
    default: "code \(code)"
    }
  }
}

extension WorkerConfiguration {
  /// What `exchange.lua` has to know of a worker beside the usual.
  fileprivate func details(looksFirst: Bool) -> String {
    var details: [JSON.Member] = []
    if let name { details.append(.init("name", .string(name))) }
    if let limiter {
      details += [.init("max", .int(limiter.max)), .init("duration", .int(limiter.duration.milliseconds))]
    }
    if looksFirst { details.append(.init("looksFirst", true)) }
    if metricsPoints > 0 { details.append(.init("points", .int(metricsPoints))) }
    return JSON.details(details)
  }
}

extension JSON {
  /// What a script has to know beside the usual: an object, or nothing at all.
  static func details(_ members: [Member]) -> String { members.isEmpty ? "" : JSON.object(members).text }
}
