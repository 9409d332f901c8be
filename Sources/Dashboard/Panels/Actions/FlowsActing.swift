import FlowMonitor
import QueueClient

/// What actions of the list are about: the marked rows, else the selected one.
extension FlowsPanel {
  /// The jobs that are marked, in the order of the list, those beyond it last; without marks, the selected one.
  private func chosen(in scene: Scene) -> [ChosenJob] {
    guard !marks.isEmpty else {
      return selectedJobKey.map { [ChosenJob(key: $0, parent: parent(at: cursor, in: scene))] } ?? []
    }
    var left = marks
    var chosen: [ChosenJob] = []
    for index in rows.indices where left.remove(rows[index].id) != nil {
      guard let key = rows[index].id.job else { continue }
      chosen.append(ChosenJob(key: key, parent: parent(at: index, in: scene)))
    }
    let beyond = left.compactMap(\.job).sorted { $0.description < $1.description }
    return chosen + beyond.map { ChosenJob(key: $0, parent: scene.picture.jobs[$0]?.parentKey) }
  }

  private func parent(at index: Int, in scene: Scene) -> JobKey? {
    rows.parents[index] ?? rows[index].id.job.flatMap { scene.picture.jobs[$0]?.parentKey }
  }

  /// The action that a key asks for; `nil` where no job is chosen, or none that it could be about.
  func action(_ choice: ActionChoice, in scene: Scene) -> JobAction? {
    let chosen = chosen(in: scene)
    let verb = choice.verb(isPaused: chosen.first.map { scene.isPaused($0.key.queue) } ?? false)
    if verb == .retryFlow, chosen.isEmpty { return groupsParent.map { JobAction(verb, [.job($0)]) } }
    return JobAction(verb, to: chosen)
  }

  /// The parent of the selected group: all that failed in a group is run again as what failed below its parent.
  private var groupsParent: JobKey? { if case .group(let key) = selection { key.parent } else { nil } }

  /// Opens the preview of what a key asks for.
  func act(_ choice: ActionChoice, in scene: Scene) -> [Request] {
    if let action = action(choice, in: scene) { return [.preview(action)] }
    if !marks.isEmpty { return [.say("no marked job for that", isError: true)] }
    guard selectedRow != nil else { return [.say("nothing is selected")] }
    if let requests = actOnGroup(choice, in: scene) { return requests }
    guard selectedJobKey != nil else { return [.say("no job is selected", isError: true)] }
    return [.say("no parent waits for this job", isError: true)]
  }

  /// Opens the menu of what can be done with what is chosen.
  func openMenu(in scene: Scene) -> [Request] {
    if let requests = openGroupMenu(in: scene) { return requests }
    let chosen = chosen(in: scene)
    guard let first = chosen.first else { return act(.verb(.retry), in: scene) }
    let valid = chosen.map { Set(ActionTable.verbs(facts(of: $0, in: scene))) }.reduce(into: Set()) { $0.formUnion($1) }
    let actions = JobAction.Verb.menuOrder.filter(valid.contains).compactMap { action(.verb($0), in: scene) }
    let title = chosen.count == 1 ? scene.picture.name(of: first.key) : Formatting.count(chosen.count, "marked job")
    return [.showMenu(title: title, subject: chosen.count == 1 ? first.key : nil, actions)]
  }

  private func facts(of chosen: ChosenJob, in scene: Scene) -> ActionTable.Facts {
    var facts = ActionTable.Facts(of: scene.picture.jobs[chosen.key], hasParent: chosen.parent != nil)
    facts.note(chosen.key, in: scene)
    facts.isQueuePaused = scene.isPaused(chosen.key.queue)
    return facts
  }
}

extension JobAction.Verb {
  /// The order of the menu.
  static let menuOrder: [Self] = [
    .retry, .promote, .retryFlow, .releaseFlow, .removeDependency, .removeUnprocessed, .cancelFlow, .remove, .cloneFlow,
    .resume, .pause,
  ]

  /// What the list calls the key that asks for it; `nil` for those in the menu alone.
  var keyName: String? {
    FlowsPanel.keys.bindings.first {
      switch $0.command {
      case .act(.verb(self)): true
      case .act(.pauseOrResume): self == .pause || self == .resume
      default: false
      }
    }?.command.name
  }
}
