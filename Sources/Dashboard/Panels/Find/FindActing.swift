import FlowMonitor
import QueueClient

/// What actions are about in the view of what was found: the marked jobs, else the selected one.
extension FindPanel {
  private var chosen: [FlowJob] {
    table.marks.isEmpty ? selected.map { [$0] } ?? [] : jobs.filter { table.marks.contains(.job($0.key)) }
  }

  private func action(_ choice: ActionChoice, in scene: Scene) -> JobAction? {
    let jobs = chosen.map { ChosenJob(key: $0.key, parent: $0.parentKey) }
    return JobAction(choice.verb(isPaused: jobs.first.map { scene.isPaused($0.key.queue) } ?? false), to: jobs)
  }

  /// Opens the preview of what a key asks for.
  func act(_ choice: ActionChoice, in scene: Scene) -> [Request] {
    if let action = action(choice, in: scene) { return [.preview(action)] }
    return [chosen.isEmpty ? .say("nothing is selected") : .say("no parent waits for this job", isError: true)]
  }

  /// Opens the menu of what can be done with what is chosen.
  func openMenu(in scene: Scene) -> [Request] {
    guard let first = chosen.first else { return [.say("nothing is selected")] }
    let valid = chosen.map { Set(ActionTable.verbs(facts(of: $0, in: scene))) }.reduce(into: Set()) { $0.formUnion($1) }
    let actions = JobAction.Verb.menuOrder.filter(valid.contains).compactMap { action(.verb($0), in: scene) }
    let title =
      chosen.count == 1 ? JobName.shown(first.name, of: first.key) : Formatting.count(chosen.count, "marked job")
    return [.showMenu(title: title, subject: chosen.count == 1 ? first.key : nil, actions)]
  }

  private func facts(of job: FlowJob, in scene: Scene) -> ActionTable.Facts {
    var facts = ActionTable.Facts(of: job, hasParent: job.parentKey != nil)
    if gone.contains(job.key) { facts.state = .unknown }
    facts.note(job.key, in: scene)
    facts.isQueuePaused = scene.isPaused(job.key.queue)
    return facts
  }
}
