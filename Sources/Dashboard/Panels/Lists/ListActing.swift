import FlowMonitor
import QueueClient

/// What actions of a list are about: the marked rows, else the selected one.
extension ListPanel {
  /// The rows that are chosen, in the order of the list, those beyond it last.
  private var chosen: [RowID] {
    guard !table.marks.isEmpty else { return table.selection.map { [$0] } ?? [] }
    let here = table.ids.filter(table.marks.contains)
    return here + table.marks.subtracting(here).sorted { "\($0)" < "\($1)" }
  }

  /// The action that a key asks for; `nil` where no row is chosen that it could be about.
  private func action(_ choice: ActionChoice, in scene: Scene) -> JobAction? {
    let queues = chosen.compactMap(queue)
    let jobs = chosen.compactMap(job).map { ChosenJob(key: $0, parent: parent(of: $0, in: scene)) }
    let verb = choice.verb(isPaused: queues.first.map { isPaused($0, in: scene) } ?? false)
    return JobAction(verb, to: jobs, in: queues)
  }

  /// Opens the preview of what a key asks for.
  func act(_ choice: ActionChoice, in scene: Scene) -> [Request] {
    if let action = action(choice, in: scene) { return [.preview(action)] }
    if case .verb(.removeDependency) = choice, selectedJob != nil {
      return [.say("no parent waits for this job", isError: true)]
    }
    return [.say(table.ids.isEmpty ? "nothing is selected" : "no job here for that", isError: true)]
  }

  /// Opens the menu of what can be done with what is chosen.
  func openMenu(in scene: Scene) -> [Request] {
    let chosen = chosen
    guard let first = chosen.first else { return [.say("nothing is selected", isError: true)] }
    var valid: Set<JobAction.Verb> = []
    for row in chosen {
      guard let queue = queue(of: row) else { continue }
      if var facts = facts(of: row, in: scene) {
        if let job = job(of: row) { facts.note(job, in: scene) }
        facts.isQueuePaused = isPaused(queue, in: scene)
        valid.formUnion(ActionTable.verbs(facts))
      } else {
        valid.insert(isPaused(queue, in: scene) ? .resume : .pause)
      }
    }
    let actions = JobAction.Verb.menuOrder.filter(valid.contains).compactMap { action(.verb($0), in: scene) }
    let job = job(of: first)
    let title =
      chosen.count > 1
      ? "\(Formatting.count(chosen.count)) marked rows"
      : job.map { "\($0.queue.name)/\($0.id)" } ?? "queue \(queue(of: first)?.name ?? "")"
    return [.showMenu(title: title, subject: chosen.count == 1 ? job : nil, actions)]
  }
}
