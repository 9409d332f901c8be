import Foundation
import QueueClient
import Redis

/// All queues as a list shows them.
public struct QueueOverview: Sendable, Equatable {
  /// The queues that are known, in order.
  public var known: [QueueKey] = []
  /// How they stand, as far as they were looked at; those on the screen as of now, others as of some time ago.
  public var lines: [QueueKey: Line] = [:]
  /// Why nobody can say how many workers there are; `nil` where the server says it.
  public var workersRefusal: String?

  /// Nothing is known yet.
  public init() {}

  /// How one queue stands.
  public struct Line: Sendable, Equatable {
    /// Its counts and settings.
    public var status: QueueStatus
    /// What changes from moment to moment.
    public var inspected: InspectedQueue
    /// How many jobs ended between two looks, the newest last, where no worker counts them. A job without a number that
    /// is not kept is not noticed.
    public var sampled: [Sample] = []
    /// The jobs that ended within the last minute and are kept.
    public var lately: Sample?
    /// How many workers are connected to it; `nil` where the server does not say.
    public var workers: Int?

    /// A line from its parts.
    public init(status: QueueStatus, inspected: InspectedQueue, workers: Int? = nil) {
      self.status = status
      self.inspected = inspected
      self.workers = workers
    }
  }

  /// What ended between two looks.
  public struct Sample: Sendable, Equatable {
    /// So many jobs completed.
    public var completed: Int
    /// So many jobs failed.
    public var failed: Int
    /// In so many milliseconds.
    public var milliseconds: Int

    /// A sample from its parts.
    public init(completed: Int, failed: Int, milliseconds: Int) {
      self.completed = completed
      self.failed = failed
      self.milliseconds = milliseconds
    }
  }
}

/// Reads the list of queues: those on the screen each time, some of the others in turn.
actor QueueOverviewReader {
  private let redis: RedisClient
  private var lines: [QueueKey: QueueOverview.Line] = [:]
  private var seen: [QueueKey: Seen] = [:]
  private var next = 0
  private var clients: (at: ContinuousClock.Instant, result: Result<[ClientConnection], RedisError>)?

  /// The counts at the last look.
  private struct Seen {
    var completed: Int
    var failed: Int
    /// How many of the jobs with a number had ended by then, kept or not.
    var ended: Int?
    var at: ContinuousClock.Instant
  }

  /// So many queues that are not on the screen are looked at each time.
  static let inTurn = 48
  /// So many samples are kept.
  static let samples = 8
  /// The connections are listed no more often.
  static let clientsAge = Duration.seconds(2)
  /// Samples further apart than this say nothing of a rate.
  static let longestGap = Duration.seconds(5)

  init(redis: RedisClient) { self.redis = redis }

  /// - Throws: `RedisError`; a server that forbids `CLIENT LIST` is none.
  func read(_ known: [QueueKey], onScreen: [QueueKey]) async throws -> QueueOverview {
    let keys = turn(known, onScreen: onScreen)
    let statuses = try await QueueReader(redis: redis).read(keys)
    let now = Int(clamping: Date().timeIntervalSince1970 * 1000)
    let inspected = try await QueueInspector(connection: redis).inspect(keys, now: now)
    let lately = try await lately(keys, now: now)
    let clients = try await connections()
    var overview = QueueOverview()
    overview.known = known
    for ((status, inspected), lately) in zip(zip(statuses, inspected), lately) {
      var line = QueueOverview.Line(status: status, inspected: inspected)
      line.sampled = samples(status, added: inspected.added)
      line.lately = lately
      lines[status.key] = line
    }
    let gone = Set(lines.keys).subtracting(known)
    for key in gone { (lines[key], seen[key]) = (nil, nil) }
    switch clients {
    case .success(let connections):
      let workers = WorkerConnections(connections, of: lines.keys).workers
      let counts = workers.reduce(into: [QueueKey: Int]()) { $0[$1.queue, default: 0] += 1 }
      for key in lines.keys { lines[key]?.workers = counts[key] ?? 0 }
    case .failure(let error): overview.workersRefusal = "\(error)"
    }
    overview.lines = lines
    return overview
  }

  /// How many of the kept jobs of queues ended within the last minute; a key of another type has none.
  private func lately(_ queues: [QueueKey], now: Int) async throws -> [QueueOverview.Sample] {
    let minute = 60_000
    let since = RedisCommand.Argument.text("(\(now.subtractingClamped(minute))")
    let counts = try await redis.rawReplies(
      to: queues.flatMap { queue in
        [QueueKey.Suffix.completed, .failed].map { ["ZCOUNT", .text(queue[$0]), since, "+inf"] }
      })
    return queues.indices.map { index in
      QueueOverview.Sample(
        completed: counts[2 * index].int ?? 0, failed: counts[2 * index + 1].int ?? 0, milliseconds: minute)
    }
  }

  private func turn(_ known: [QueueKey], onScreen: [QueueKey]) -> [QueueKey] {
    var chosen = Set(onScreen.prefix(200))
    let wanted = chosen.count + Self.inTurn
    for _ in known.indices where chosen.count < wanted {
      next = next < known.count - 1 ? next + 1 : 0
      chosen.insert(known[next])
    }
    return chosen.sorted()
  }

  private func samples(_ status: QueueStatus, added: Int?) -> [QueueOverview.Sample] {
    let now = ContinuousClock.now
    let (completed, failed) = (status.counts[.completed] ?? 0, status.counts[.failed] ?? 0)
    let unfinished = status.counts.reduce(0) { sum, entry in
      [.completed, .failed, .unknown].contains(entry.key) ? sum : sum.addingClamped(entry.value)
    }
    let ended = added.map { $0.addingClamped(-unfinished) }
    defer { seen[status.key] = Seen(completed: completed, failed: failed, ended: ended, at: now) }
    guard let before = seen[status.key], now - before.at <= Self.longestGap else { return [] }
    let newlyFailed = max(0, failed - before.failed)
    // What was added and is in no unfinished state any more has ended, whether or not it was kept.
    let newlyEnded = zip([ended].compactMap { $0 }, [before.ended].compactMap { $0 }).map { $0 - $1 }.first ?? 0
    let sample = QueueOverview.Sample(
      completed: max(0, completed - before.completed, newlyEnded - newlyFailed), failed: newlyFailed,
      milliseconds: max(1, (now - before.at).milliseconds))
    return Array(((lines[status.key]?.sampled ?? []) + [sample]).suffix(Self.samples))
  }

  /// The connections that may be workers'.
  private func connections() async throws -> Result<[ClientConnection], RedisError> {
    if let clients, .now - clients.at < Self.clientsAge { return clients.result }
    let result: Result<[ClientConnection], RedisError>
    do {
      let list = try await redis.send(["CLIENT", "LIST"]).string ?? ""
      result = .success(ClientConnection.all(in: list).filter { $0.name.contains(":") })
    } catch let error as RedisError where !error.isConnectionFailure {
      result = .failure(error)
    }
    clients = (.now, result)
    return result
  }
}
