/// Decides which jobs of a flow run again, and in which order. Pure.
struct RetryPlanner {
  /// A job above the one that was named, and what it keeps of the job below it.
  struct Ancestor: Sendable {
    var node: FlowGraph.Node
    /// Whether it counts the job below it among those that failed it, or whose failure it ignored.
    var notesChild: Bool
    /// Another child that failed it, where there is one.
    var otherFailedChild: JobKey?
  }

  let graph: FlowGraph
  /// The jobs above the named one that failed through it, nearest first; the last may be one that did not.
  var ancestors: [Ancestor] = []

  private var steps: [FlowStep] = []
  private var notes = FlowChangePlan.Notes()
  private var planned: Set<JobKey> = []
  private var held: Set<JobKey> = []

  init(graph: FlowGraph, ancestors: [Ancestor] = []) {
    self.graph = graph
    self.ancestors = ancestors
  }

  /// The plan.
  mutating func plan() -> FlowChangePlan {
    var parents: [JobKey: [(parent: JobKey, kind: FamilyInspector.Kind)]] = [:]
    let order = graph.fromBottomUp { parent, edge, _ in parents[edge.child, default: []].append((parent, edge.kind)) }
    for key in order {
      guard let node = graph.nodes[key], node.exists else { continue }
      if let step = node.unreadable() {
        steps.append(step)
        continue
      }
      guard node.state == .failed else { continue }
      let noting = (parents[key] ?? []).filter { $0.kind != .unprocessed }.compactMap { graph.nodes[$0.parent] }
      let above = ancestors.first.flatMap { key == graph.top && $0.notesChild ? $0.node : nil }
      treat(node, notedBy: noting + (above.map { [$0] } ?? []))
    }
    climb()
    return FlowChangePlan(verb: .retry, job: graph.top, steps: steps, notes: notes)
  }

  private mutating func treat(_ job: FlowGraph.Node, notedBy parents: [FlowGraph.Node]) {
    // The parent that it names is the one that is told.
    if let parent = parents.first(where: { $0.key == job.parentKey && $0.exists }) {
      if let reason = obstacle(in: parent) {
        steps.append(FlowStep(.leave, job.key, of: parent.key, reason))
        return
      }
      hold(parent)
    }
    let failed = (graph.edges[job.key] ?? []).filter { $0.kind == .failed }.map(\.child)
    let gone = failed.filter { graph.nodes[$0]?.exists == false }
    if let culprit = failed.first(where: { !planned.contains($0) && !gone.contains($0) }) {
      steps.append(FlowStep(.leave, job.key, .failedChild, detail: culprit.description))
      return
    }
    steps += gone.map { FlowStep(.drop, $0, of: job.key, .missing) }
    retry(job, isThroughChild: !failed.isEmpty)
  }

  private mutating func retry(_ job: FlowGraph.Node, isThroughChild: Bool) {
    planned.insert(job.key)
    if job.isLIFO { notes.lifo.insert(job.key) }
    steps.append(
      FlowStep(
        .retry, job.key, of: job.parentKey, isThroughChild ? .failedThroughChild : .failed,
        detail: job.failedReason))
  }

  /// Why a job cannot go back to a parent that has noted its failure.
  private func obstacle(in parent: FlowGraph.Node) -> FlowStep.Reason? {
    if parent.state == .completed { return .parentCompleted }
    return parent.state != .failed && parent.isActive ? .parentActive : nil
  }

  /// A parent that was let go, and not taken yet, waits again.
  private mutating func hold(_ parent: FlowGraph.Node) {
    guard !parent.hasEnded, parent.state != .waitingChildren, held.insert(parent.key).inserted else { return }
    steps.append(FlowStep(.hold, parent.key, .childRetried))
  }

  private mutating func climb() {
    var below = graph.top
    for ancestor in ancestors {
      let node = ancestor.node
      if let step = node.unreadable() { return steps.append(step) }
      let fellThrough = node.failedReason == "child \(below) failed"
      guard node.exists, node.state == .failed, ancestor.notesChild && planned.contains(below) || fellThrough else {
        return
      }
      if let culprit = ancestor.otherFailedChild {
        steps.append(FlowStep(.leave, node.key, .failedChild, detail: culprit.description))
        return
      }
      let above = ancestors.first { $0.node.key == node.parentKey && $0.notesChild }
      if let above, let reason = obstacle(in: above.node) {
        steps.append(FlowStep(.leave, node.key, of: above.node.key, reason))
        return
      }
      if let above { hold(above.node) }
      retry(node, isThroughChild: true)
      below = node.key
    }
  }
}
