/// Decides which waiting of a flow can never end, and who may then run. Pure.
struct ReleasePlanner {
  let graph: FlowGraph
  /// The one child whose dependency is to be dropped; `nil` for all that can never be met.
  var only: JobKey?

  private var steps: [FlowStep] = []
  private var notes = FlowChangePlan.Notes()

  init(graph: FlowGraph, only: JobKey? = nil) {
    self.graph = graph
    self.only = only
  }

  /// The plan.
  mutating func plan() -> FlowChangePlan {
    var backwards: [JobKey: Set<JobKey>] = [:]
    let order = graph.fromBottomUp { parent, edge, isBack in
      if isBack { backwards[parent, default: []].insert(edge.child) }
    }
    for key in order {
      guard let parent = graph.nodes[key], parent.exists, !parent.hasEnded else { continue }
      if let step = parent.unreadable() {
        steps.append(step)
        continue
      }
      notes.states[key] = parent.state
      treat(parent, backwards[key] ?? [])
    }
    if let only, steps.isEmpty { steps.append(FlowStep(.leave, only, .notPending)) }
    return FlowChangePlan(verb: .release, job: graph.top, steps: steps, notes: notes)
  }

  private mutating func treat(_ parent: FlowGraph.Node, _ backwards: Set<JobKey>) {
    let pending = graph.pending(of: parent.key)
    var dropped = 0
    for child in pending where only == nil || only == child {
      guard let step = step(for: child, of: parent, isBack: backwards.contains(child)) else { continue }
      steps.append(step)
      if step.changesSomething { dropped += 1 }
    }
    guard parent.state == .waitingChildren, dropped == pending.count, dropped > 0 || only == nil else { return }
    steps.append(FlowStep(.release, parent.key, dropped == 0 ? .waitsForNothing : .nothingLeft))
  }

  private mutating func step(for key: JobKey, of parent: FlowGraph.Node, isBack: Bool) -> FlowStep? {
    let isNamed = only == key
    guard let child = graph.nodes[key] else { return nil }
    if !child.exists { return FlowStep(.drop, key, of: parent.key, .missing) }
    // Where it stands is not known; what is left of it, it says itself.
    if child.wrongTypedKey != nil { return nil }
    switch child.state {
    case .failed: return FlowStep(.drop, key, of: parent.key, .failed, detail: child.failedReason)
    case .completed: return FlowStep(.record, key, of: parent.key, .completed)
    default: break
    }
    if child.parentKey != parent.key {
      return FlowStep(.drop, key, of: parent.key, .otherParent, detail: child.parentKey?.description)
    }
    // What may yet be wanted goes only where somebody names it.
    if child.state == .unknown, !child.isAssumed, !child.isActive {
      return FlowStep(isNamed ? .drop : .leave, key, of: parent.key, .lost)
    }
    if isBack || isNamed, let circle = circle(from: key, to: parent.key) {
      let step = FlowStep(isNamed ? .drop : .leave, key, of: parent.key, .circle)
      if isNamed { notes.circles[step] = circle }
      return step
    }
    return isNamed ? FlowStep(.leave, key, of: parent.key, .canBeMet) : nil
  }

  /// The way by which a child waits for its own parent.
  private func circle(from child: JobKey, to parent: JobKey) -> [JobKey]? {
    guard let way = graph.pendingWay(from: child, to: parent),
      way.allSatisfy({ graph.nodes[$0]?.state == .waitingChildren })
    else { return nil }
    return way
  }
}
