import Redis

/// Looks at the children of a job: at all of a few, or step by step at many.
public struct FamilyInspector: Sendable {
  private let redis: RedisClient
  private let jobs: JobInspector

  /// Children of one kind, by what their parent keeps.
  public enum Kind: String, Sendable, CaseIterable {
    /// Failed, and their parent with them.
    case failed
    /// Failed, and ignored.
    case ignored
    /// Not finished yet.
    case unprocessed
    /// Finished.
    case processed
  }

  /// A family of few.
  public struct Few: Sendable {
    /// How many children there are of each kind; the rest is empty where these are many.
    public var counts: DependenciesCount
    /// The children of each kind.
    public var children: [Kind: [JobKey]]
    /// What the finished ones returned, as JSON text; without those whose value is long.
    public var values: [JobKey: String]
  }

  /// A step through many.
  public struct Step: Sendable {
    /// The children met.
    public var children: [Child]
    /// Where the next step begins; `nil` at the end.
    public var next: String?
  }

  /// A child that was met.
  public struct Child: Sendable {
    /// Which job.
    public var key: JobKey
    /// What a finished one returned, or why an ignored one failed, where that is short.
    public var kept: String?
    /// Its name; `nil` where it is gone.
    public var name: String?
    /// Its state; finished ones and ignored ones are not asked.
    public var state: JobState
  }

  /// The longest value that is read.
  static let valueLimit = 4096
  /// About how many children a step looks at.
  public static let stepSize = 100

  /// An inspector of the families of a Redis.
  public init(connection redis: RedisClient) {
    self.redis = redis
    jobs = JobInspector(connection: redis)
  }

  /// Reads a family.
  ///
  /// - Parameter limit: how many children are few.
  /// - Throws: `RedisError`.
  public func few(of parent: JobKey, limit: Int) async throws -> Few {
    do {
      let reply = try await redis.run(
        ReadScripts.readFamily, keys: [parent.description], arguments: [.init(limit), .init(Self.valueLimit)])
      return Self.few(reply, of: parent)
    } catch let error as RedisError where error.isScriptRefused {
      return try await fewByPipeline(of: parent, limit: limit)
    }
  }

  private static let order: [Kind] = [.processed, .unprocessed, .ignored, .failed]

  private static func few(_ reply: RESPValue, of parent: JobKey) -> Few {
    let parts = reply.array ?? []
    let counts = (parts.first?.array ?? []).map { $0.int ?? 0 }
    guard parts.count == 4, counts.count == 4 else { return Few(counts: .init(), children: [:], values: [:]) }
    let lists = (parts[1].array ?? []).map(\.strings)
    let values = zip(lists.first ?? [], parts[2].strings).compactMap { child, value in
      value.isEmpty ? nil : JobKey(child, namedBy: parent.queue).map { ($0, value) }
    }
    return Few(
      counts: DependenciesCount(
        processed: counts[0], unprocessed: counts[1], ignored: counts[2], failed: counts[3]),
      children: Dictionary(zip(order, lists.map { $0.compactMap { JobKey($0, namedBy: parent.queue) } })) { first, _ in
        first
      },
      values: Dictionary(values) { first, _ in first })
  }

  private func fewByPipeline(of parent: JobKey, limit: Int) async throws -> Few {
    let processed = RedisCommand.Argument.text(parent[.processed])
    let counts = try await redis.rawReplies(to: [
      ["HLEN", processed], ["SCARD", .text(parent[.dependencies])], ["HLEN", .text(parent[.failed])],
      ["ZCARD", .text(parent[.unsuccessful])],
    ]).map { $0.int ?? 0 }
    let number = RESPValue.array(counts.map { .integer($0) })
    guard counts.reduce(0, { $0.addingClamped($1) }) <= limit else {
      return Self.few(.array([number, .array([]), .array([]), .array([])]), of: parent)
    }
    let lists = try await redis.rawReplies(to: [
      ["HKEYS", processed], ["SMEMBERS", .text(parent[.dependencies])], ["HKEYS", .text(parent[.failed])],
      ["ZRANGE", .text(parent[.unsuccessful]), "0", "-1"],
    ])
    let children = lists[0].strings
    let sizes = try await redis.rawReplies(to: children.map { ["HSTRLEN", processed, .text($0)] })
    let short = zip(children, sizes).filter { ($1.int ?? 0) <= Self.valueLimit }.map(\.0)
    let values = try await redis.rawReplies(to: short.map { ["HGET", processed, .text($0)] })
    let known = Dictionary(zip(short, values)) { first, _ in first }
    let all = children.map { known[$0] ?? .bulk([]) }
    return Self.few(.array([number, .array(lists), .array(all), .array([])]), of: parent)
  }

  /// One step through one kind of many children.
  ///
  /// - Parameters:
  ///   - cursor: where it begins; `nil` at the beginning.
  ///   - count: about how many children.
  /// - Throws: `RedisError`.
  public func step(
    through kind: Kind, of parent: JobKey, from cursor: String?, count: Int = stepSize
  ) async throws -> Step {
    let cursor = cursor ?? "0"
    var step: Step
    do {
      let reply = try await redis.run(
        ReadScripts.listChildren, keys: [parent.description],
        arguments: [.text(kind.rawValue), .text(cursor), .init(count)])
      step = Self.step(reply, kind: kind, of: parent)
    } catch let error as RedisError where error.isScriptRefused {
      step = try await stepByPipeline(through: kind, of: parent, from: cursor, count: count)
    }
    if kind != .processed { try await look(at: &step, kind) }
    return step
  }

  /// Why one of the children failed whose failure is ignored, for each of some parents.
  ///
  /// - Throws: `RedisError`.
  public func ignoredReasons(of parents: [JobKey]) async throws -> [String?] {
    func first(_ step: Step) -> String? { step.children.lazy.compactMap(\.kept).first { !$0.isEmpty } }
    let kind = Kind.ignored
    do {
      let calls = parents.map { parent in
        ScriptCall(keys: [parent.description], arguments: [.text(kind.rawValue), "0", .init(Self.reasonsAsked)])
      }
      let replies = try await redis.run(ReadScripts.listChildren, calls, atOnce: Self.callsAtOnce)
      return zip(parents, replies).map { first(Self.step($1, kind: kind, of: $0)) }
    } catch let error as RedisError where error.isScriptRefused {
      var reasons: [String?] = []
      for parent in parents {
        reasons.append(
          first(try await stepByPipeline(through: kind, of: parent, from: "0", count: Self.reasonsAsked)))
      }
      return reasons
    }
  }

  private static let callsAtOnce = 50
  /// Among about so many children a reason is looked for.
  private static let reasonsAsked = 10

  /// Finds the names and states that the parent does not know.
  private func look(at step: inout Step, _ kind: Kind) async throws {
    let found = try await jobs.inspect(step.children.map(\.key), depth: .brief).jobs
    for (index, job) in zip(step.children.indices, found) {
      step.children[index].name = job.exists ? job.name : nil
      if kind == .unprocessed { step.children[index].state = job.exists ? job.evidence.state.state : .unknown }
      if kind == .failed || kind == .unprocessed { step.children[index].kept = job.failedReason }
    }
  }

  private static func step(_ reply: RESPValue, kind: Kind, of parent: JobKey) -> Step {
    let parts = reply.array ?? []
    guard parts.count == 5, let next = parts[0].string else { return Step(children: [], next: nil) }
    let (keys, kept, names) = (parts[1].strings, parts[2].strings, parts[3].strings)
    let children = keys.indices.compactMap { index -> Child? in
      guard let key = JobKey(keys[index], namedBy: parent.queue) else { return nil }
      let name = names.indices.contains(index) && !names[index].isEmpty ? names[index] : nil
      return Child(
        key: key, kept: kept.indices.contains(index) ? kept[index] : nil, name: name, state: Self.state(of: kind))
    }
    return Step(children: children, next: next == "0" ? nil : next)
  }

  private static func state(of kind: Kind) -> JobState {
    switch kind {
    case .processed: .completed
    case .ignored, .failed: .failed
    case .unprocessed: .unknown
    }
  }

  private func stepByPipeline(
    through kind: Kind, of parent: JobKey, from cursor: String, count: Int
  ) async throws -> Step {
    let reply: RESPValue
    switch kind {
    case .unprocessed:
      reply = try await redis.send(["SSCAN", .text(parent[.dependencies]), .text(cursor), "COUNT", .init(count)])
    case .processed:
      reply = try await redis.send(["HSCAN", .text(parent[.processed]), .text(cursor), "COUNT", .init(count)])
    case .ignored:
      reply = try await redis.send(["HSCAN", .text(parent[.failed]), .text(cursor), "COUNT", .init(count)])
    case .failed:
      let first = Int(cursor) ?? 0
      let keys = try await redis.send(["ZRANGE", .text(parent[.unsuccessful]), .init(first), .init(first + count - 1)])
      let next = keys.strings.count < count ? "0" : String(first + count)
      reply = .array([.bulk(Array(next.utf8)), keys])
    }
    let parts = reply.array ?? []
    guard parts.count == 2, let next = parts[0].string else { return Step(children: [], next: nil) }
    let isHash = kind == .processed || kind == .ignored
    let pairs = isHash ? parts[1].pairs.map { ($0.name, $0.value.string) } : parts[1].strings.map { ($0, nil) }
    var step = Step(
      children: pairs.compactMap { text, kept in
        JobKey(text, namedBy: parent.queue).map { Child(key: $0, kept: kept, name: nil, state: Self.state(of: kind)) }
      }, next: next == "0" ? nil : next)
    if kind == .processed { try await look(at: &step, kind) }
    return step
  }
}

extension Int {
  /// The sum, kept within what an `Int` can hold.
  public func addingClamped(_ other: Int) -> Int {
    let (sum, isOver) = addingReportingOverflow(other)
    return isOver ? (other > 0 ? .max : .min) : sum
  }
}
