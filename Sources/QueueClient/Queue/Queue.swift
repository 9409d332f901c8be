import Foundation
import Redis

/// A queue: adding single jobs, looking at what is in it, and running it.
///
/// ```swift
/// let queue = Queue("steps")
/// try await queue.add("paint", data: ["place": "ceiling"], opts: ["attempts": 3])
/// print(try await queue.getJobCounts())
/// ```
public struct Queue: Sendable {
  /// Where it is.
  public let key: QueueKey
  let redis: RedisClient
  /// The options of jobs added here, which a job's own override.
  public var defaultJobOptions: JobOptions

  /// A queue by its name.
  ///
  /// - Parameters:
  ///   - name: not empty, without a colon.
  ///   - connection: its Redis; without one, the local Redis.
  ///   - prefix: the queue's prefix.
  ///   - defaultJobOptions: the options of jobs added here, which a job's own override.
  public init(
    _ name: String, connection: RedisClient = RedisClient(), prefix: String = QueueKey.defaultPrefix,
    defaultJobOptions: JobOptions = [:]
  ) {
    self.init(
      QueueKey(prefix: prefix, name: name), connection: connection, defaultJobOptions: defaultJobOptions)
  }

  /// A queue by its place.
  public init(_ key: QueueKey, connection: RedisClient, defaultJobOptions: JobOptions = [:]) {
    self.key = key
    redis = connection
    self.defaultJobOptions = defaultJobOptions
  }

  /// The queue's name.
  public var name: String { key.name }

  /// Finds the queues of a prefix, some at a time, by their settings.
  ///
  /// - Returns: sorted by name.
  /// - Throws: `RedisError`.
  public static func list(connection: RedisClient, prefix: String = QueueKey.defaultPrefix) async throws -> [QueueKey] {
    try await connection.keys(matching: QueueKey.metaPattern(prefix: prefix))
      .compactMap { QueueKey(metaKey: $0, prefix: prefix) }.sorted()
  }

  // MARK: Adding

  /// A job that is to be added.
  public struct NewJob: Sendable, Hashable {
    /// Any text.
    public var name: String
    /// What the processor is given.
    public var data: JSON
    /// The job's options.
    public var opts: JobOptions

    /// A job from its parts.
    public init(_ name: String, data: JSON = .object([]), opts: JobOptions = [:]) {
      self.name = name
      self.data = data
      self.opts = opts
    }
  }

  /// Adds a job (`add`); without a custom id, it gets the queue's next number.
  ///
  /// - Returns: the job; one that was there already, where its id or its deduplication says so.
  /// - Throws: `FlowError`, `RedisError`.
  @discardableResult
  public func add(_ name: String, data: JSON = .object([]), opts: JobOptions = [:]) async throws -> Job {
    try await addBulk([NewJob(name, data: data, opts: opts)])[0]
  }

  /// Adds jobs (`addBulk`). All are checked before anything is sent; a thousand are added at once, or none of them.
  ///
  /// - Throws: `FlowError`, `RedisError`.
  @discardableResult
  public func addBulk(_ jobs: [NewJob]) async throws -> [Job] {
    guard !jobs.isEmpty else { return [] }
    let nodes = jobs.map { FlowNode(name: $0.name, queueName: name, data: $0.data, opts: $0.opts) }
    let producer = FlowProducer(connection: redis, prefix: key.prefix)
    let plan = try FlowPlan(
      nodes, prefix: key.prefix, queuesOptions: defaultJobOptions.members.isEmpty ? [:] : [name: defaultJobOptions],
      ids: .counter, noun: "job")
    var added: [Job] = []
    // Numbers are given by the call itself, so these are not staged: a portion a call.
    for portion in plan.portions(of: 1000) { added += try await producer.addAtOnce(portion) }
    return added
  }

  // MARK: Jobs

  /// A job by its id (`getJob`).
  ///
  /// - Throws: `RedisError`.
  public func getJob(_ id: String) async throws -> Job? { try await Job.read(JobKey(queue: key, id: id), from: redis) }

  /// Removes a job (`remove`), by the rules of `Job.remove(removeChildren:)`.
  ///
  /// - Returns: whether there was one.
  /// - Throws: `JobError.locked`, `.scheduled`; `RedisError`.
  @discardableResult
  public func remove(_ id: String, removeChildren: Bool = true) async throws -> Bool {
    do {
      try await reference(id).remove(removeChildren: removeChildren)
      return true
    } catch JobError.missing {
      return false
    }
  }

  /// A job of which nothing is known but its id.
  func reference(_ id: String) -> Job { Job(JobSnapshot(key: JobKey(queue: key, id: id)), redis: redis) }

  /// How many jobs are in each state (`getJobCounts`).
  ///
  /// - Throws: `RedisError`.
  public func getJobCounts() async throws -> [JobState: Int] {
    let places = Place.all
    let replies = try await redis.pipeline(places.map { [$0.isList ? "LLEN" : "ZCARD", .text(key[$0.suffix])] })
    return zip(places, replies).reduce(into: [:]) { counts, each in
      counts[each.0.state, default: 0] += each.1.int ?? 0
    }
  }

  /// A list or set that holds a queue's jobs of one state.
  struct Place {
    let state: JobState
    let suffix: QueueKey.Suffix
    let isList: Bool

    static let all = [
      Place(state: .waiting, suffix: .wait, isList: true), Place(state: .waiting, suffix: .paused, isList: true),
      Place(state: .active, suffix: .active, isList: true),
      Place(state: .prioritized, suffix: .prioritized, isList: false),
      Place(state: .delayed, suffix: .delayed, isList: false),
      Place(state: .waitingChildren, suffix: .waitingChildren, isList: false),
      Place(state: .completed, suffix: .completed, isList: false),
      Place(state: .failed, suffix: .failed, isList: false),
    ]
  }
}
