import QueueClient

/// The workers that are connected, and the jobs that somebody holds, or should.
public struct WorkerList: Sendable, Equatable {
  /// The lines, those without life first.
  public var lines: [Line] = []
  /// Why nobody can say which workers are connected; `nil` where the server says it.
  public var refusal: String?
  /// How many active jobs were left out, beyond those that are read.
  public var jobsLeftOut = 0

  /// Nothing is known yet.
  public init() {}

  /// A worker with one job of its own, a worker without, or a job whose worker is not known.
  public struct Line: Sendable, Equatable {
    /// The queue.
    public var queue: QueueKey
    /// What the worker is called; empty where it has no name.
    public var name: String
    /// Where it is connected from; `nil` where no connection of it is there.
    public var address: String?
    /// For how many seconds its connections have asked nothing.
    public var idle: Int?
    /// The job that it holds.
    public var job: Job?

    /// A line from its parts.
    public init(queue: QueueKey, name: String, address: String? = nil, idle: Int? = nil, job: Job? = nil) {
      self.queue = queue
      self.name = name
      self.address = address
      self.idle = idle
      self.job = job
    }

    /// Whether nobody holds its job any more.
    public var isDead: Bool { job.map { $0.lock == nil } ?? false }
  }

  /// An active job.
  public struct Job: Sendable, Equatable {
    /// Which.
    public var key: JobKey
    /// Its name.
    public var name: String
    /// Since when it runs, in milliseconds since 1970.
    public var since: Int?
    /// How long its lock lasts, in milliseconds; `nil` where nobody holds it.
    public var lock: Int?

    /// A job from its parts.
    public init(key: JobKey, name: String, since: Int? = nil, lock: Int? = nil) {
      self.key = key
      self.name = name
      self.since = since
      self.lock = lock
    }
  }
}

extension WorkerList {
  /// Brings connections and active jobs together: a job tells the name of its worker, where that has one. Pure.
  ///
  /// - Parameters:
  ///   - queues: those that are known: other connections are none of theirs.
  ///   - connections: `nil` where the server does not tell them.
  init(queues: [QueueKey], connections: [ClientConnection]?, jobs: [InspectedJob]) {
    var workers: [QueueKey: [Line]] = [:]
    for worker in WorkerConnections(connections ?? [], of: queues).workers {
      workers[worker.queue, default: []].append(
        Line(queue: worker.queue, name: worker.name, address: worker.address, idle: worker.idle))
    }
    var busy: [QueueKey: Set<Int>] = [:]
    for job in jobs where job.exists {
      let queue = job.key.queue
      let held = Job(key: job.key, name: job.name, since: job.processedOn, lock: job.lock)
      let own = workers[queue] ?? []
      // Who holds it is told only by jobs of workers with a name; where there is but one worker, it is that one.
      let isOnly = job.processedBy == nil && job.lock != nil && own.count == 1
      let place = isOnly ? 0 : job.processedBy.flatMap { name in own.firstIndex { $0.name == name } }
      let worker = place.map { own[$0] }
      if let place { busy[queue, default: []].insert(place) }
      lines.append(
        Line(
          queue: queue, name: job.processedBy ?? worker?.name ?? "", address: worker?.address, idle: worker?.idle,
          job: held))
    }
    for (queue, own) in workers {
      lines += own.indices.filter { busy[queue]?.contains($0) != true }.map { own[$0] }
    }
    lines.sort { $0.order < $1.order }
  }
}

extension WorkerList.Line {
  /// Those whose job nobody holds first, then those that work, then the others.
  fileprivate var order: (Int, QueueKey, String, String, String) {
    (isDead ? 0 : job != nil ? 1 : 2, queue, name, address ?? "", job?.key.id ?? "")
  }
}
