import FlowMonitor
import QueueClient

extension FlowsPanel {
  /// Goes to a job, whose flow may not be loaded yet: opens what it stands below, and selects it when it is there.
  ///
  /// - Parameter chain: the way from the root of the flow to the job.
  mutating func go(to chain: [JobKey]) {
    guard let root = chain.first else { return }
    window.filter = .all
    for ancestor in chain.dropLast() { window.folds[ancestor] = true }
    (window.anchor, window.offset) = (.flow(root), 0)
    (wish, hasChosen) = (nil, true)
    goal = chain
  }

  /// Selects the job that is gone to, or, as long as that is not loaded, what it stands below.
  ///
  /// - Returns: whether it is still on its way, or there.
  mutating func approachGoal(in scene: Scene) -> Bool {
    guard let chain = goal else { return false }
    var reached: (key: JobKey, index: Int)?
    for key in chain.reversed() where reached == nil {
      reached = rows.index(of: .job(key), near: cursor).map { (key, $0) }
    }
    guard let (key, index) = reached else {
      // The picture of another place is no answer.
      let isAnswer = scene.picture.window.anchor == window.anchor && scene.picture.window.filter == window.filter
      if isAnswer { goal = nil }
      cursor = clamp(cursor)
      return !isAnswer
    }
    if key == chain.last { goal = nil }
    cursor = index
    selection = rows[index].id
    if !visible.contains(cursor) { top = clampTop(cursor - height / 2) }
    return true
  }
}
