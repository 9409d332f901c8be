/// Decides what of a flow is removed because it has not started, and what stays. Pure.
struct CancelPlanner {
  let graph: FlowGraph

  private var steps: [FlowStep] = []
  private var notes = FlowChangePlan.Notes()

  init(graph: FlowGraph) { self.graph = graph }

  /// The states of jobs that have not started.
  private static let startable: Set<JobState> = [.waiting, .prioritized, .delayed, .waitingChildren]

  /// The plan.
  mutating func plan() -> FlowChangePlan {
    var own = graph
    for (parent, edges) in graph.edges { own.edges[parent] = edges.filter { isOwn($0.child, of: parent) } }
    var backwards: [JobKey: Set<JobKey>] = [:]
    let order = own.fromBottomUp { parent, edge, isBack in
      if isBack { backwards[parent, default: []].insert(edge.child) }
    }
    notes.going = Set(order.filter { graph.nodes[$0].map(mayGo) == true })
    for key in order {
      guard let job = graph.nodes[key], job.exists else { continue }
      if let step = job.unreadable(of: job.parentKey) {
        steps.append(step)
        continue
      }
      notes.states[key] = job.state
      if notes.going.contains(key) {
        for child in graph.pending(of: key) {
          let isBack = backwards[key]?.contains(child) == true
          if let reason = staying(child, of: key, isBack: isBack) {
            steps.append(FlowStep(.detach, child, of: key, reason))
          }
        }
        steps.append(FlowStep(.remove, key, of: job.parentKey, .notStarted))
      } else if !job.hasEnded {
        steps.append(FlowStep(.leave, key, of: job.parentKey, job.isActive ? .active : .lost))
      }
    }
    return FlowChangePlan(verb: .cancel, job: graph.top, steps: steps, notes: notes)
  }

  private func isOwn(_ child: JobKey, of parent: JobKey) -> Bool { graph.nodes[child]?.parentKey == parent }

  private func mayGo(_ job: FlowGraph.Node) -> Bool {
    job.exists && job.wrongTypedKey == nil && !job.isActive && Self.startable.contains(job.state)
  }

  /// Why a pending child stays behind when its parent goes; `nil` where it goes before.
  private func staying(_ key: JobKey, of parent: JobKey, isBack: Bool) -> FlowStep.Reason? {
    guard let child = graph.nodes[key], child.exists else { return .missing }
    if isBack { return .circle }
    if child.wrongTypedKey != nil { return .wrongType }
    if child.parentKey != parent { return .otherParent }
    if child.state == .failed { return .failed }
    if child.state == .completed { return .completed }
    if notes.going.contains(key) { return nil }
    return child.isActive ? .active : .lost
  }
}
