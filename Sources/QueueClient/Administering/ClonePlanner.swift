import Redis

/// Reads a flow, finished parts included, as one that can be added again under new ids.
struct ClonePlanner {
  let redis: RedisClient

  /// How many jobs are read whole in one go.
  private static let pageSize = 100

  /// The plan.
  ///
  /// - Throws: `RedisError`, `CancellationError`.
  func plan(_ top: JobKey) async throws -> FlowChangePlan {
    let kinds = Set(FamilyInspector.Kind.allCases)
    let graph = try await FlowGraphReader(redis: redis, kinds: kinds).read(from: top)
    let snapshots = try await snapshots(of: graph.order)
    var steps: [FlowStep] = []
    var children: [JobKey: [JobKey]] = [:]
    var placed: Set<JobKey> = [top]
    for parent in graph.order where snapshots[parent] != nil {
      for edge in graph.edges[parent] ?? [] {
        if snapshots[edge.child] == nil {
          steps.append(FlowStep(.omit, edge.child, of: parent, .missing))
        } else if placed.insert(edge.child).inserted {
          children[parent, default: []].append(edge.child)
        } else {
          steps.append(FlowStep(.omit, edge.child, of: parent, .partOfFlow))
        }
      }
    }
    var nodes: [JobKey: FlowNode] = [:]
    // Met from the top down, so from the end on each job's children are there before it.
    for key in graph.order.reversed() {
      guard placed.contains(key), let snapshot = snapshots[key] else { continue }
      let below = (children[key] ?? []).sorted { left, right in
        (snapshots[left]?.timestamp ?? 0, left) < (snapshots[right]?.timestamp ?? 0, right)
      }
      nodes[key] = FlowNode(
        name: snapshot.name, queueName: key.queue.name, data: JSON(tolerating: snapshot.data),
        prefix: key.queue.prefix, opts: JobOptions(cloning: snapshot.opts), children: below.compactMap { nodes[$0] })
      for child in below { nodes[child] = nil }
    }
    var added: [FlowStep] = []
    for key in graph.order where placed.contains(key) {
      guard let snapshot = snapshots[key] else { continue }
      added.append(FlowStep(.add, key, of: key == top ? nil : snapshot.parentKey, .partOfFlow))
      steps += Self.omissions(of: snapshot, isTop: key == top)
    }
    return FlowChangePlan(verb: .clone, job: top, steps: added + steps, flow: nodes[top])
  }

  private func snapshots(of keys: [JobKey]) async throws -> [JobKey: JobSnapshot] {
    var result: [JobKey: JobSnapshot] = [:]
    for first in stride(from: 0, to: keys.count, by: Self.pageSize) {
      try Task.checkCancellation()
      let page = keys[first..<min(first + Self.pageSize, keys.count)]
      let replies = try await redis.pipeline(page.map { ["HGETALL", .text($0.description)] })
      for (key, reply) in zip(page, replies) { result[key] = JobSnapshot(key: key, reply: reply) }
    }
    return result
  }

  /// What of a job the new one does not have.
  private static func omissions(of job: JobSnapshot, isTop: Bool) -> [FlowStep] {
    let opts = job.opts
    var reasons: [FlowStep.Reason] = []
    if job.deduplicationID != nil || opts[ShortOption.deduplication.rawValue] != nil { reasons.append(.deduplication) }
    if job.repeatJobKey != nil || opts["repeat"] != nil { reasons.append(.scheduler) }
    if opts["timestamp"] != nil { reasons.append(.timestamp) }
    if isTop, job.parentKey != nil { reasons.append(.parent) }
    return reasons.map { FlowStep(.omit, job.key, $0) }
  }
}

extension JobOptions {
  /// The options of a job that is to be added again, from those that stand in its hash: without what is the job's own
  /// (its id, its parent, the time of its adding) and what would keep it out or repeat it.
  init(cloning stored: JSON) {
    self = [:]
    let own: Set<String> = ["jobId", "parent", "repeat", "timestamp", "prevMillis", "deduplication", "debounce"]
    var telemetry: [JSON.Member] = []
    for member in stored.members ?? [] where !own.contains(member.name) {
      switch ShortOption(rawValue: member.name) {
      case .deduplication: break
      case .telemetry: telemetry.append(JSON.Member("metadata", member.value))
      case .omitContext: telemetry.append(JSON.Member("omitContext", member.value))
      case let option?: self[option.longName] = member.value
      case nil: self[member.name] = member.value
      }
    }
    if !telemetry.isEmpty { self["telemetry"] = .object(telemetry) }
  }
}
