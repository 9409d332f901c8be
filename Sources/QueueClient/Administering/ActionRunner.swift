import Redis

/// Actions of a person at a screen: what each would change is read first, and done only where the jobs are still as they
/// were seen.
///
/// ```swift
/// let runner = ActionRunner(connection: redis)
/// let preview = try await runner.preview(JobAction(.retry, [.job(key)]))
/// let outcome = await runner.perform(preview)
/// ```
public struct ActionRunner: Sendable {
  private let redis: RedisClient

  /// A runner on a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// What an action would change. Nothing is changed.
  ///
  /// - Throws: `RedisError`, `CancellationError`.
  public func preview(_ action: JobAction) async throws -> ActionPreview {
    try await ActionReader(redis: redis).read(action)
  }

  /// Does what was shown, step by step, each atomic. A job that has changed since is left and named. What ends the whole
  /// (a lost connection, a missing right, a cancellation) is told in the outcome, beside what was done by then.
  ///
  /// - Parameter progress: told after each step how many there have been.
  public func perform(
    _ preview: ActionPreview, progress: @Sendable (Int) -> Void = { _ in }
  ) async -> ActionOutcome {
    var outcome = ActionOutcome()
    for (index, part) in preview.parts.enumerated() {
      do {
        try Task.checkCancellation()
        try await perform(part, &outcome)
      } catch let error as JobError {
        outcome.refusals.append(FlowStep.refusal(of: part.job ?? error.job, error))
      } catch let error as FlowError {
        guard let job = part.job else { continue }
        outcome.refusals.append(FlowStep(.leave, job, .refused, detail: error.description))
      } catch {
        outcome.interruption = error
        return outcome
      }
      progress(index + 1)
    }
    return outcome
  }

  private func perform(_ part: ActionPreview.Part, _ outcome: inout ActionOutcome) async throws {
    func job(_ key: JobKey) async throws -> Job {
      guard let job = try await Job.read(key, from: redis) else { throw JobError.missing(key) }
      return job
    }
    var jobs = 1
    switch part {
    case .retry(let key, let state): try await job(key).retry(state)
    case .promote(let key): try await job(key).promote()
    case .moveToWait(let key): try await job(key).moveToWait(isDry: false)
    case .remove(let key, let state): try await job(key).remove(whileIn: state)
    case .forget(let key):
      guard try await Job.forget(key, connection: redis) else { throw JobError.missing(key) }
    case .removeUnprocessed(let key): jobs = try await job(key).removeUnprocessedChildren()
    case .removeDependency(let child, let parent):
      guard try await Job.removeChildDependency(of: child, from: parent, connection: redis) else {
        outcome.refusals.append(FlowStep(.leave, child, of: parent, .notPending))
        return
      }
      outcome.subjects.append(child.description)
      outcome.subjects.append(parent.description)
      outcome.jobs += 1
      return
    case .setPaused(let key, let isPaused):
      let queue = Queue(key.name, connection: redis, prefix: key.prefix)
      try await isPaused ? queue.pause() : queue.resume()
      outcome.subjects.append(key.description)
      return
    case .plan(let plan):
      let result = try await FlowChanger(connection: redis).apply(plan)
      outcome.refusals += result.refused
      outcome.added = result.added?.job.key ?? outcome.added
      outcome.jobs += result.done.filter(plan.verb.counts).changedJobs.count
      outcome.subjects += result.added.map { [$0.job.key.description] } ?? result.done.changedJobs.map(\.description)
      return
    }
    outcome.jobs += jobs
    if let key = part.job { outcome.subjects.append(key.description) }
  }
}

extension ActionPreview.Part {
  /// The job that it is about.
  var job: JobKey? {
    switch self {
    case .retry(let key, _), .promote(let key), .moveToWait(let key), .remove(let key, _), .forget(let key),
      .removeUnprocessed(let key),
      .removeDependency(let key, _):
      key
    case .plan(let plan): plan.job
    case .setPaused: nil
    }
  }
}

extension FlowVerb {
  /// Whether a step does to its job what the verb says, as against what goes along with it.
  func counts(_ step: FlowStep) -> Bool {
    switch self {
    case .retry: step.action == .retry
    case .cancel: step.action == .remove
    case .clone: step.action == .add
    case .release: true
    }
  }
}

extension FlowStep {
  /// A step that a job's own rules forbid.
  static func refusal(of key: JobKey, _ error: JobError) -> FlowStep {
    switch error {
    case .missing: FlowStep(.leave, key, .missing)
    case .notInState: FlowStep(.leave, key, .changed)
    case .locked(let holder, _): FlowStep(.leave, key, .active, detail: holder == key.description ? nil : holder)
    case .scheduled: FlowStep(.leave, key, .scheduled)
    default: FlowStep(.leave, key, .refused, detail: error.description)
    }
  }
}

extension JobError {
  /// The job that it is about.
  var job: JobKey {
    switch self {
    case .missing(let key), .missingParent(let key), .notInState(let key, _), .locked(_, let key), .notInHand(let key),
      .failedChildren(let key), .scheduled(let key), .invalid(let key, _), .failed(let key, _),
      .notFinished(let key, _):
      key
    }
  }
}
