import QueueClient
import Redis

/// Reads jobs as they are now.
struct JobReader: Sendable {
  private let inspector: JobInspector

  init(redis: RedisClient) { inspector = JobInspector(connection: redis) }

  /// What was read.
  struct Result: Sendable {
    /// The jobs that exist.
    var jobs: [JobKey: FlowJob] = [:]
    /// Those that were asked for and do not.
    var gone: Set<JobKey> = []
    /// Keys that hold something else than they should.
    var wrongTyped: Set<String> = []
  }

  /// Reads jobs, fifty a call.
  ///
  /// - Throws: `RedisError`; a key of a wrong type is no error.
  func read(_ keys: some Collection<JobKey>) async throws -> Result {
    let inspection = try await inspector.inspect(Array(keys))
    var result = Result(wrongTyped: inspection.wrongTyped)
    for job in inspection.jobs {
      if job.exists {
        result.jobs[job.key] = FlowJob(job)
        if inspection.wrongTyped.contains(job.key[.dependencies]) { result.jobs[job.key]?.isPendingKnown = false }
      } else {
        result.gone.insert(job.key)
      }
    }
    return result
  }
}

extension FlowJob {
  /// A job as it was found.
  init(_ found: InspectedJob) {
    let (state, isAssumed) = found.evidence.state
    self.init(key: found.key, name: found.name, state: state)
    isStateAssumed = isAssumed
    isWithoutLock = state == .active && found.lock == nil
    timestamp = found.timestamp
    processedOn = found.processedOn
    finishedOn = found.finishedOn
    dueOn = state == .delayed ? found.evidence.delayed.flatMap { Int(exactly: ($0 / 4096).rounded(.down)) } : nil
    attemptsMade = found.attemptsMade
    attempts = max(1, found.opts?["attempts"]?.int ?? 1)
    progress = found.progress
    returnvalue = found.returnvalue.map { JSON(tolerating: $0) }
    longReturnvalue = found.longReturnvalue
    failedReason = found.failedReason
    data = found.data.flatMap { try? JSON(parsing: $0) }
    processedBy = found.processedBy
    deferredFailure = found.deferredFailure
    parentKey = found.parentKey
    failurePolicy = found.failurePolicy
    counts = found.counts
  }
}
