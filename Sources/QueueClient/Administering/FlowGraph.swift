/// The jobs of a flow and who waits for whom, as they were read. Pure.
struct FlowGraph: Sendable {
  /// What is known of a job.
  struct Node: Sendable {
    var key: JobKey
    var exists: Bool
    var state: JobState
    /// Whether the lists of its queue are too long to be sure of the state.
    var isAssumed: Bool
    var isLocked: Bool
    var failedReason: String?
    var parentKey: JobKey?
    var deferredFailure: String?
    var isLIFO: Bool
    var counts: DependenciesCount
    /// The key, of those that tell where it stands, that holds something else than it should: nothing is done to the job.
    var wrongTypedKey: String?

    /// Whether it is over.
    var hasEnded: Bool { state.isFinished }
    /// Whether a worker has it.
    var isActive: Bool { isLocked || state == .active }
  }

  /// A child, by what its parent keeps of it.
  struct Edge: Sendable, Hashable {
    var child: JobKey
    var kind: FamilyInspector.Kind
  }

  /// The job that the reading began with.
  var top: JobKey
  /// The jobs as they were met, from the top down.
  var order: [JobKey] = []
  /// The jobs; those that are gone, too.
  var nodes: [JobKey: Node] = [:]
  /// The children of each.
  var edges: [JobKey: [Edge]] = [:]

  /// The children that a job still waits for.
  func pending(of parent: JobKey) -> [JobKey] {
    (edges[parent] ?? []).filter { $0.kind == .unprocessed }.map(\.child)
  }

  /// The jobs from the bottom up, each behind those below it; what leads back up within a circle is not followed.
  ///
  /// - Parameter enter: told of each edge as it is met, and whether it leads back up.
  func fromBottomUp(visiting enter: (_ parent: JobKey, Edge, _ isBack: Bool) -> Void = { _, _, _ in }) -> [JobKey] {
    var result: [JobKey] = []
    var seen: Set<JobKey> = [top]
    var open: Set<JobKey> = [top]
    var stack: [(key: JobKey, next: Int)] = [(top, 0)]
    while let (key, next) = stack.last {
      let its = edges[key] ?? []
      guard next < its.count else {
        stack.removeLast()
        open.remove(key)
        result.append(key)
        continue
      }
      stack[stack.count - 1].next += 1
      let edge = its[next]
      enter(key, edge, open.contains(edge.child))
      if seen.insert(edge.child).inserted {
        open.insert(edge.child)
        stack.append((edge.child, 0))
      }
    }
    return result
  }

  /// The shortest way down from one job to another along pending children, both included; `nil` where there is none.
  func pendingWay(from start: JobKey, to end: JobKey) -> [JobKey]? {
    var before: [JobKey: JobKey] = [:]
    var level = [start]
    var seen: Set<JobKey> = [start]
    while !level.isEmpty, !seen.contains(end) {
      var below: [JobKey] = []
      for key in level {
        for child in pending(of: key) where seen.insert(child).inserted {
          before[child] = key
          below.append(child)
        }
      }
      level = below
    }
    guard seen.contains(end) else { return nil }
    var way = [end]
    while let key = way.last, key != start, let above = before[key] { way.append(above) }
    return way.reversed()
  }
}

extension FlowGraph.Node {
  /// Notes which of its keys could not be read.
  mutating func note(_ wrongTyped: Set<String>) {
    guard !wrongTyped.isEmpty else { return }
    let beside: [JobKey.Suffix] = [.lock, .dependencies, .processed, .failed, .unsuccessful]
    let own = [key.description] + beside.map { key[$0] } + QueueKey.Suffix.placesOfJobs.map { key.queue[$0] }
    wrongTypedKey = own.first(where: wrongTyped.contains)
  }

  /// The step that leaves it as it is, where one of its keys could not be read.
  func unreadable(of parent: JobKey? = nil) -> FlowStep? {
    wrongTypedKey.map { FlowStep(.leave, key, of: parent, .wrongType, detail: $0) }
  }

  /// What a look at a job gave.
  init(_ job: InspectedJob) {
    let (state, isAssumed) = job.evidence.state
    self.init(
      key: job.key, exists: job.exists, state: state, isAssumed: isAssumed, isLocked: job.lock != nil,
      failedReason: job.failedReason, parentKey: job.parentKey, deferredFailure: job.deferredFailure,
      isLIFO: job.opts?["lifo"]?.isTruthy ?? false, counts: job.counts)
  }
}
