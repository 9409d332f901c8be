import FlowMonitor
import QueueClient

/// What actions are about in the view of what was found: the marked jobs, else the selected one.
extension FindPanel {
  private var chosen: [FlowJob] {
    marks.isEmpty ? selected.map { [$0] } ?? [] : jobs.filter { marks.contains($0.key) }
  }

  private func action(_ choice: ActionChoice, in scene: Scene) -> JobAction? {
    guard let first = chosen.first else { return nil }
    switch choice {
    case .pauseOrResume:
      let isPaused = scene.picture.queues[first.key.queue]?.isPaused == true
      return action(.verb(isPaused ? .resume : .pause), in: scene)
    case .verb(let verb):
      let targets: [JobAction.Target] =
        switch verb {
        case .pause, .resume: chosen.map { .queue($0.key.queue) }
        case .removeDependency:
          chosen.compactMap { job in job.parentKey.map { .dependency(child: job.key, parent: $0) } }
        default: chosen.map { .job($0.key) }
        }
      return targets.isEmpty ? nil : JobAction(verb, targets)
    }
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
    let name = first.name.isEmpty ? first.key.id : first.name
    let title = chosen.count == 1 ? name : Formatting.count(chosen.count, "marked job")
    return [.showMenu(title: title, subject: chosen.count == 1 ? first.key : nil, actions)]
  }

  private func facts(of job: FlowJob, in scene: Scene) -> ActionTable.Facts {
    var facts = ActionTable.Facts(state: gone.contains(job.key) ? .unknown : job.state)
    facts.isLocked = job.state == .active && !job.isWithoutLock
    facts.isParent = job.isParent
    facts.hasPendingChildren = job.counts.unprocessed > 0
    facts.hasParent = job.parentKey != nil
    facts.isQueuePaused = scene.picture.queues[job.key.queue]?.isPaused == true
    return facts
  }
}
