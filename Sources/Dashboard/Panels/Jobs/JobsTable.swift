import FlowMonitor
import QueueClient

extension JobsPanel {
  func columns(in scene: Scene) -> [TableColumn] {
    [
      TableColumn("JOB", weight: 20, most: 48, least: 12),
      TableColumn("STATE", weight: 19, most: 90, least: 14),
      TableColumn("TRIES", isNumber: true, weight: 8, isMinor: true),
      TableColumn("AGE", isNumber: true, weight: 15),
      TableColumn("WORKER", weight: 7, most: 20, isMinor: true),
      TableColumn("VALUE", weight: 6, most: 30, isMinor: true),
      TableColumn("ID", weight: 10, most: 44, least: 8),
    ]
  }

  func sign(at index: Int, in scene: Scene) -> TableCell {
    guard let key = job(of: table.ids[index]), let job = jobs[key] else { return TableCell("") }
    if page?.gone.contains(key) == true { return TableCell(Glyphs.state(.unknown), .unknown) }
    return TableCell(Glyphs.state(job.state), Style(job.state).role)
  }

  func cells(at index: Int, in scene: Scene) -> [TableCell] {
    guard let key = job(of: table.ids[index]), let job = jobs[key] else { return [] }
    if page?.gone.contains(key) == true {
      return [TableCell(key.id, .faint), TableCell("listed here, but the job is gone", .error)]
    }
    let name = JobName.shown(job.name, of: key)
    let hint = Hint.text(of: job, paths: scene.setup.hints.paths(for: job)).map { "  \($0)" } ?? ""
    let state = StateText(of: job, scene: scene)
    let tries = job.attempts > 1 ? "\(job.attemptsMade)/\(job.attempts)" : ""
    return [
      TableCell(name + hint, .title), TableCell(state.main, state.role), TableCell(tries, .faint),
      TableCell(Age(of: job, at: scene.clock)?.text(room: Age.width) ?? "", .faint),
      TableCell(job.processedBy ?? "", .faint),
      TableCell(job.state == .completed ? job.returnvalue.map(Formatting.value) ?? "" : "", .value),
      TableCell(key.id, .faint),
    ]
  }

  /// The states with their counts.
  func bar(in scene: Scene) -> [Line.Part]? {
    guard queue != nil else { return nil }
    return Self.states.map { state in
      let count = page?.counts[state]
      let words = count.map { "\(state.rawValue) \(Formatting.count($0))" } ?? state.rawValue
      let isShown = state == self.state
      return Line.Part(
        " \(words) ", isShown ? .tab : (count ?? 0) > 0 ? .text : .faint, weight: isShown ? 9 : (count ?? 0) > 0 ? 5 : 2
      )
    }
  }
}
