import Redis

/// Mends or ends whole flows, in bounded steps that can go on after an interruption.
///
/// First a plan is made, which changes nothing; then its actions are done, each of which is checked again in Redis at
/// the moment it is done: what has changed meanwhile is refused, and reported.
///
/// ```swift
/// let mending = FlowMending(connection: redis)
/// let report = try await mending.perform(try await mending.releasePlan(of: root))
/// ```
public struct FlowMending: Sendable {
  private let redis: RedisClient
  private let survey: FlowSurvey

  /// So many jobs are changed in one step of Redis.
  private static let batch = 50

  /// For the flows of a Redis.
  public init(connection redis: RedisClient) {
    self.redis = redis
    survey = FlowSurvey(redis: redis)
  }

  // MARK: Plans

  /// What gives up all that can never come in a flow: dependencies on children that are gone, failed for good, or have
  /// completed; then each parent that waits for nothing runs.
  ///
  /// - Parameter only: gives up the dependency on this child alone, whatever became of it.
  /// - Throws: `RedisError`.
  public func releasePlan(of root: JobKey, only: JobKey? = nil) async throws -> [FlowAction] {
    let flow = try await survey.look(from: root, throughFailures: false)
    var plan: [FlowAction] = []
    for parent in flow.order where flow.sights[parent]?.states.first == .waitingChildren {
      guard let children = flow.pending[parent] else {
        plan.append(FlowAction(.release, parent, because: .waitsForNothing))
        continue
      }
      for child in children where only == nil || only == child {
        let sight = flow.sights[child] ?? JobSurvey.Sight()
        let reason: FlowAction.Reason? =
          switch (sight.exists, sight.states.first) {
          case (false, _): .missing
          case (_, .failed): .failed
          case (_, .completed): .completed
          default: only == nil ? nil : .any
          }
        if let reason { plan.append(FlowAction(.dropDependency, child, parent: parent, because: reason)) }
      }
    }
    return plan
  }

  /// What runs the failed jobs of a flow again, and lets the parents that failed through them wait for them again, those
  /// deepest in the flow first.
  ///
  /// - Throws: `RedisError`.
  public func retryPlan(of root: JobKey) async throws -> [FlowAction] {
    let flow = try await survey.look(from: root, throughFailures: true)
    return flow.order.reversed().compactMap { job in
      let hasFailed = flow.sights[job]?.states.first == .failed
      if flow.failed[job] != nil { return FlowAction(.revive, job, because: .failedChild) }
      return hasFailed ? FlowAction(.retry, job, because: .failed) : nil
    }
  }

  /// What removes the jobs of a flow that have not started, from below; what runs, and what waits for it, is kept and
  /// told, and so is what has ended.
  ///
  /// - Throws: `RedisError`.
  public func cancelPlan(of root: JobKey) async throws -> [FlowAction] {
    let flow = try await survey.look(from: root, throughFailures: false)
    let active = try await activeJobs(flow)
    var keeping: Set<JobKey> = []
    var plan: [FlowAction] = []
    for job in flow.order.reversed() {
      guard let sight = flow.sights[job], sight.exists else { continue }
      if active.contains(job) {
        keeping.insert(job)
        plan.append(FlowAction(.keep, job, because: .active))
      } else if sight.states.first == .completed || sight.states.first == .failed {
        plan.append(FlowAction(.keep, job, because: .ended))
      } else if (flow.pending[job] ?? []).contains(where: keeping.contains) {
        keeping.insert(job)
        plan.append(FlowAction(.keep, job, because: .waitsForActive))
      } else {
        plan.append(FlowAction(.remove, job, because: .notStarted))
      }
    }
    return plan
  }

  private func activeJobs(_ flow: FlowSurvey.Result) async throws -> Set<JobKey> {
    let unplaced = flow.order.filter { flow.sights[$0].map { $0.exists && $0.states.isEmpty } ?? false }
    let queues = Set(unplaced.map(\.queue)).sorted()
    let lists = try await redis.rawReplies(to: queues.map { ["LRANGE", .text($0[.active]), "0", "-1"] })
    let active = Dictionary(uniqueKeysWithValues: zip(queues, lists.map { Set($0.strings) }))
    return Set(
      unplaced.filter { flow.sights[$0]?.isLocked == true || active[$0.queue]?.contains($0.id) == true })
  }

  // MARK: Doing it

  /// Does what a plan says, step by step. Cancelled in between, what was not done yet can be planned and done anew.
  ///
  /// - Parameter progress: is told how many actions are through.
  /// - Returns: what was done, and what was refused.
  /// - Throws: `RedisError`, `CancellationError`; what was done by then stays done.
  public func perform(
    _ plan: [FlowAction], progress: (Int) -> Void = { _ in }
  ) async throws -> FlowReport {
    var report = FlowReport()
    var rest = plan[...]
    while let first = rest.first {
      try Task.checkCancellation()
      let step = rest.prefix { $0.kind == first.kind }.prefix(Self.batch)
      rest = rest.dropFirst(step.count)
      let codes = try await perform(first.kind, Array(step))
      for (action, code) in zip(step, codes) where action.kind != .keep {
        if code == 0 {
          report.done.append(action)
        } else if let refusal = ErrorCode(rawValue: code) {
          report.refused.append(FlowReport.Refusal(action: action, code: refusal))
        } else {
          throw RedisError.unexpectedReply(command: action.kind.rawValue)
        }
      }
      progress(plan.count - rest.count)
    }
    return report
  }

  private func perform(_ kind: FlowAction.Kind, _ step: [FlowAction]) async throws -> [Int] {
    let now = RedisCommand.Argument.init(WorkerClock.system.now())
    func place(_ job: JobKey) -> [RedisCommand.Argument] { [.text(job.queue.description), .text(job.id)] }
    let keys = step.map(\.job.description)
    switch kind {
    case .keep: return step.map { _ in 0 }
    case .dropDependency:
      let pairs = step.map { (child: $0.job, parent: $0.parent ?? $0.job, expected: $0.reason.rawValue) }
      return try await run(
        Scripts.dropDependencies, keys: pairs.flatMap { [$0.child.description, $0.parent.description] },
        pairs.flatMap { place($0.child) + place($0.parent) + [.text($0.expected)] })
    case .release: return try await run(Scripts.releaseParents, keys: keys, [now] + step.flatMap { place($0.job) })
    case .revive: return try await run(Scripts.reviveParents, keys: keys, [now] + step.flatMap { place($0.job) })
    case .remove: return try await run(Scripts.cancelJobs, keys: keys, step.flatMap { place($0.job) })
    case .retry:
      let calls = step.map { action in
        ScriptCall(
          keys: [action.job.queue.description],
          arguments: [.text(action.job.id), .text(JobState.failed.rawValue), "0", "1", "1"])
      }
      return try await redis.run(Scripts.retryJob, calls, atOnce: Self.batch).map { $0.int ?? 0 }
    }
  }

  private func run(
    _ script: RedisScript, keys: [String], _ arguments: [RedisCommand.Argument]
  ) async throws -> [Int] {
    let reply = try await redis.run(script, keys: keys, arguments: arguments)
    guard let codes = reply.array else { throw RedisError.unexpectedReply(command: script.name) }
    return codes.map { $0.int ?? 0 }
  }
}
