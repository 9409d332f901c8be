import FlowMonitor
import QueueClient

/// Going to a job, wherever it is.
extension FlowsPanel {
  /// Goes to a job, whose flow may not be loaded yet: opens what it stands below, and selects it when it is there.
  ///
  /// - Parameters:
  ///   - chain: the way from the root of the flow to the job.
  ///   - filter: which flows are listed then.
  mutating func go(to chain: [JobKey], filter: FlowFilter = .all, in scene: Scene) {
    guard let root = chain.first else { return }
    window.filter = filter
    for ancestor in chain.dropLast() { window.folds[ancestor] = true }
    // In a wide family the job is shown by itself.
    window.revealed = Dictionary(zip(chain, chain.dropFirst())) { first, _ in first }
    // What is loaded stays where it is on the screen.
    if rows.index(of: .job(root), near: cursor) == nil { (window.anchor, window.offset) = (.flow(root), 0) }
    (wish, owed, hasChosen) = (nil, 0, true)
    goal = chain
    arrange(in: scene)
  }

  /// Selects the job that is gone to, or, as long as that is not loaded, what it stands below.
  ///
  /// - Returns: whether it is still on its way, or there.
  mutating func approachGoal(in scene: Scene) -> Bool {
    guard let chain = goal else { return false }
    var reached: (place: Int, index: Int)?
    for place in chain.indices.reversed() where reached == nil {
      reached = rows.index(of: .job(chain[place]), near: cursor).map { (place, $0) }
    }
    guard let (place, index) = reached else { return seekRoot(chain, in: scene) }
    let isThere = place == chain.count - 1
    if !isThere, isMissing(chain[place + 1], below: chain[place], in: scene.picture) {
      let (child, parent) = (scene.picture.name(of: chain[place + 1]), scene.picture.name(of: chain[place]))
      said = "\(child) is no child of \(parent) any more"
      goal = nil
    }
    if isThere { goal = nil }
    cursor = index
    selection = rows[index].id
    if !visible.contains(cursor) { top = clampTop(cursor - height / 2) }
    // What lies further down is read as it comes into sight.
    bringIntoView()
    return true
  }

  /// The flow itself is not loaded: where the list cannot have it, another one may.
  private mutating func seekRoot(_ chain: [JobKey], in scene: Scene) -> Bool {
    let shown = scene.picture.window
    // The picture of another place is no answer.
    let isAnswer =
      shown.anchor == window.anchor && shown.filter == window.filter && shown.order == window.order
      && window.anchor == chain.first.map { .flow($0) }
    cursor = clamp(cursor)
    guard isAnswer else {
      if let root = chain.first { (window.anchor, window.offset) = (.flow(root), 0) }
      return true
    }
    if window.filter != .all {
      window.filter = .all
    } else if window.order != .attention {
      window.order = .attention
      said = "sorted by attention, to get there"
    } else {
      goal = nil
      said = chain.first.map { "the flow \(scene.picture.name(of: $0)) is not listed any more" }
      return false
    }
    return true
  }

  /// Whether it is known that a job is no child of another.
  private func isMissing(_ child: JobKey, below parent: JobKey, in picture: Picture) -> Bool {
    guard let job = picture.jobs[parent] else { return false }
    guard job.isParent else { return true }
    guard let family = picture.families[parent] else { return false }
    if family.groups.isEmpty { return !family.children.contains { $0.key == child } }
    return family.sought == child && family.revealed == nil
  }
}
