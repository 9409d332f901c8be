import Redis

/// Reads what an action would change.
struct ActionReader {
  let redis: RedisClient

  /// So many relations are asked about in one write.
  private static let atOnce = 200

  func read(_ action: JobAction) async throws -> ActionPreview {
    var preview = ActionPreview(action)
    switch action.verb {
    case .retry, .promote, .moveToWait, .remove, .removeUnprocessed: try await readJobs(&preview)
    case .removeDependency: try await readDependencies(&preview)
    case .pause, .resume: try await readQueues(&preview)
    case .retryFlow, .releaseFlow, .cancelFlow, .cloneFlow: try await readFlows(&preview)
    }
    return preview
  }

  // MARK: Jobs

  private func readJobs(_ preview: inout ActionPreview) async throws {
    let keys = preview.action.targets.compactMap { if case .job(let key) = $0 { key } else { nil } }
    let jobs = try await JobInspector(connection: redis).inspect(keys).jobs
    if jobs.count == 1 { preview.subject = jobs.first }
    var changed: Set<JobKey> = []
    for job in jobs {
      try Task.checkCancellation()
      let state = job.evidence.state.state
      guard job.exists else {
        if preview.action.verb == .remove, try await Job.forget(job.key, connection: redis, isDry: true) {
          preview.parts.append(.forget(job.key))
          changed.insert(job.key)
          continue
        }
        preview.refusals.append(FlowStep(.leave, job.key, .missing))
        continue
      }
      switch preview.action.verb {
      case .retry where state.isFinished: preview.parts.append(.retry(job.key, state))
      case .moveToWait where state == .unknown: preview.parts.append(.moveToWait(job.key))
      case .promote where state == .delayed: preview.parts.append(.promote(job.key))
      case .remove:
        // It goes with one above it.
        guard !changed.contains(job.key) else { continue }
        try await readRemoval(of: job, state: state, &preview, &changed)
        continue
      case .removeUnprocessed where job.counts.unprocessed > 0:
        try await readUnprocessed(of: job, &preview, &changed)
        continue
      case .removeUnprocessed:
        preview.refusals.append(FlowStep(.leave, job.key, .notPending))
        continue
      default:
        preview.refusals.append(FlowStep(.leave, job.key, .wrongState, detail: state.rawValue))
        continue
      }
      changed.insert(job.key)
    }
    count(changed, &preview)
    if [.retry, .promote, .moveToWait].contains(preview.action.verb), let key = changed.first, changed.count == 1 {
      try await readQueue(key.queue, &preview)
    }
  }

  /// All jobs below one go with it; one of those that it waits for in a worker's hands keeps all.
  private func readRemoval(
    of job: InspectedJob, state: JobState, _ preview: inout ActionPreview, _ changed: inout Set<JobKey>
  ) async throws {
    let graph = try await FlowGraphReader(redis: redis, kinds: Set(FamilyInspector.Kind.allCases)).read(from: job.key)
    var pending: Set<JobKey> = [job.key]
    var level = [job.key]
    while let key = level.popLast() {
      if graph.nodes[key]?.isLocked == true {
        preview.refusals.append(
          FlowStep(.leave, job.key, .active, detail: key == job.key ? nil : key.description))
        return
      }
      level += graph.pending(of: key).filter { pending.insert($0).inserted }
    }
    preview.parts.append(.remove(job.key, state))
    changed.formUnion(graph.nodes.values.filter(\.exists).map(\.key))
  }

  private func readUnprocessed(
    of job: InspectedJob, _ preview: inout ActionPreview, _ changed: inout Set<JobKey>
  ) async throws {
    let graph = try await FlowGraphReader(redis: redis, kinds: [.unprocessed]).read(from: job.key)
    var seen: Set<JobKey> = [job.key]
    var level = [job.key]
    var found: Set<JobKey> = []
    while let key = level.popLast() {
      for child in graph.pending(of: key) where seen.insert(child).inserted {
        guard let node = graph.nodes[child], node.exists else { continue }
        guard !node.isLocked, node.state != .failed else {
          preview.refusals.append(
            FlowStep(.leave, child, node.isLocked ? .active : .wrongState, detail: node.isLocked ? nil : "failed"))
          continue
        }
        found.insert(child)
        level.append(child)
      }
    }
    guard !found.isEmpty else { return }
    preview.parts.append(.removeUnprocessed(job.key))
    changed.formUnion(found)
  }

  private func readDependencies(_ preview: inout ActionPreview) async throws {
    let targets = preview.action.targets
    var changed: Set<JobKey> = []
    for first in stride(from: 0, to: targets.count, by: Self.atOnce) {
      try Task.checkCancellation()
      let page = targets[first..<min(first + Self.atOnce, targets.count)].compactMap { target in
        if case .dependency(let child, let parent) = target { (child, parent) } else { nil }
      }
      let replies = try await redis.pipeline(
        page.map { ["SISMEMBER", .text($0.1[.dependencies]), .text($0.0.description)] })
      for ((child, parent), reply) in zip(page, replies) {
        guard reply.int == 1 else {
          preview.refusals.append(FlowStep(.leave, child, of: parent, .notPending))
          continue
        }
        preview.parts.append(.removeDependency(child: child, parent: parent))
        changed.insert(parent)
      }
    }
    count(changed, &preview)
    if targets.count == 1, case .dependency(let child, let parent)? = targets.first {
      preview.subject = try await JobInspector(connection: redis).inspect([child]).jobs.first
      if !preview.isEmpty { try await readQueue(parent.queue, &preview) }
    }
  }

  // MARK: Flows

  private func readFlows(_ preview: inout ActionPreview) async throws {
    guard let verb = preview.action.verb.flowVerb else { return }
    let changer = FlowChanger(connection: redis)
    var changed: Set<JobKey> = []
    for case .job(let key) in preview.action.targets {
      try Task.checkCancellation()
      // What another plan does already needs no second one.
      guard !changed.contains(key) || verb == .clone else { continue }
      do {
        let plan = try await changer.plan(verb, of: key)
        preview.refusals += plan.refusals
        guard !plan.isEmpty else { continue }
        changed.formUnion(plan.changes.filter(verb.counts).changedJobs)
        preview.parts.append(.plan(plan))
      } catch let error as JobError {
        preview.refusals.append(FlowStep.refusal(of: key, error))
      }
    }
    count(changed, &preview)
    if changed.count == 1, let key = changed.first, verb == .retry {
      preview.subject = try await JobInspector(connection: redis).inspect([key]).jobs.first
      try await readQueue(key.queue, &preview)
    }
  }

  // MARK: Queues

  private func readQueues(_ preview: inout ActionPreview) async throws {
    for target in preview.action.targets {
      let wanted = preview.action.verb == .pause
      try await readQueue(target.queue, &preview)
      guard preview.queue?.isPaused != wanted else { continue }
      preview.parts.append(.setPaused(target.queue, wanted))
      preview.queues += 1
      preview.jobs += preview.ahead ?? 0
    }
  }

  private func readQueue(_ key: QueueKey, _ preview: inout ActionPreview) async throws {
    let replies = try await redis.pipeline([
      ["HEXISTS", .text(key[.meta]), .text(MetaField.paused.rawValue)], ["LLEN", .text(key[.wait])],
      ["LLEN", .text(key[.paused])], ["ZCARD", .text(key[.prioritized])],
    ])
    // Some servers forbid CLIENT LIST.
    let workers = try? await Queue(key.name, connection: redis, prefix: key.prefix).getWorkersCount()
    preview.queue = .init(key: key, isPaused: replies[0].int == 1, workers: workers)
    preview.ahead = replies.dropFirst().compactMap(\.int).reduce(0) { $0.addingReportingOverflow($1).partialValue }
  }

  private func count(_ changed: Set<JobKey>, _ preview: inout ActionPreview) {
    preview.jobs = changed.count
    preview.changed = changed.sorted()
    preview.queues = Set(changed.map(\.queue)).count
  }
}
