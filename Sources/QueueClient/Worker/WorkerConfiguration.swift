/// How a worker works.
public struct WorkerConfiguration: Sendable {
  /// How many jobs at once.
  public var concurrency: Int
  /// Shown in the jobs' `pb`, and among the queue's workers.
  public var name: String?
  /// How long a job is ours without a word; renewed at half of it.
  public var lockDuration: Duration
  /// How long to block for work before looking again by oneself.
  public var drainDelay: Duration
  /// How often to look for jobs whose worker is gone; `nil` leaves that to other workers.
  public var stalledInterval: Duration?
  /// How often a job may lose its worker before it fails.
  public var maxStalledCount: Int
  /// How many jobs may be taken in a span of time, by all workers of the queue that have this limit.
  public var limiter: RateLimit?
  /// How many minutes of the queue's metrics are kept; 0 counts none.
  public var metricsPoints: Int
  /// What is kept of completed jobs whose own options say nothing; `nil` is all.
  public var removeOnComplete: KeepJobs?
  /// What is kept of failed jobs whose own options say nothing; `nil` is all.
  public var removeOnFail: KeepJobs?
  /// The wait before another attempt, for backoffs of a type that BullMQ does not know.
  public var backoffStrategy: BackoffStrategy?
  /// How long jobs in hand may take to end once the worker is to shut down; what is left then is handed back.
  public var shutdownLimit: Duration
  /// Where processors run; without one, in Swift's own pool of threads.
  ///
  /// Processors that only wait and never compute for long may run on the connection's event loop: each job then
  /// changes its thread twice less, which is a tenth of its cost where jobs are small and come one after the other.
  ///
  /// ```swift
  /// WorkerConfiguration(executor: redis.executor)
  /// ```
  public var executor: (any TaskExecutor)?
  /// What time it is, and how it passes: of interest to tests.
  public var clock: WorkerClock

  /// Decides the wait before another attempt, in milliseconds; a negative one fails the job for good.
  public typealias BackoffStrategy =
    @Sendable (_ attemptsMade: Int, _ type: String, _ error: any Error, _ job: Job) async -> Int

  /// A configuration with BullMQ's defaults.
  public init(
    concurrency: Int = 1, name: String? = nil, lockDuration: Duration = .seconds(30),
    drainDelay: Duration = .seconds(5), stalledInterval: Duration? = .seconds(30), maxStalledCount: Int = 1,
    limiter: RateLimit? = nil, metricsPoints: Int = 0, removeOnComplete: KeepJobs? = nil,
    removeOnFail: KeepJobs? = nil, shutdownLimit: Duration = .seconds(30), executor: (any TaskExecutor)? = nil,
    clock: WorkerClock = .system, backoffStrategy: BackoffStrategy? = nil
  ) {
    self.concurrency = max(1, concurrency)
    self.name = name
    self.lockDuration = lockDuration
    self.drainDelay = drainDelay
    self.stalledInterval = stalledInterval
    self.maxStalledCount = maxStalledCount
    self.limiter = limiter
    self.metricsPoints = metricsPoints
    self.removeOnComplete = removeOnComplete
    self.removeOnFail = removeOnFail
    self.shutdownLimit = shutdownLimit
    self.executor = executor
    self.clock = clock
    self.backoffStrategy = backoffStrategy
  }
}

extension WorkerConfiguration {
  /// How long to wait for something without looking whether it is still so.
  var patience: Duration { max(drainDelay, .milliseconds(100)) }
}

/// How many jobs may be taken in a span of time.
public struct RateLimit: Sendable, Hashable {
  /// How many jobs.
  public var max: Int
  /// In how long a time.
  public var duration: Duration

  /// So many jobs in a span of time.
  public init(max: Int, duration: Duration) {
    self.max = max
    self.duration = duration
  }
}
