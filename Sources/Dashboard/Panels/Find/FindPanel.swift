import FlowMonitor
import QueueClient

/// What a search of the whole Redis finds: what is looked for, how far that has come, and the jobs.
struct FindPanel: Panel {
  /// Whether it stands where the list of flows does.
  var isOpen = false
  /// What is looked for, as it was typed.
  var query = ""
  var filter = JobFilter()
  /// The jobs, in the order in which they were found.
  var jobs: [FlowJob] = []
  /// Those that are gone since.
  var gone: Set<JobKey> = []
  var progress = SearchProgress()
  var isRunning = false
  /// Why the search has ended before its end.
  var trouble: String?
  var cursor = 0
  /// The first row on the screen.
  var top = 0
  /// How many rows there are on the screen.
  var height = 1
  var marks: Set<JobKey> = []
  /// Which search this is.
  private(set) var number = 0
  /// The job whose flow is looked for.
  private var goal: JobKey?

  /// So many jobs are shown; more are counted.
  static let most = 1000

  enum Command: Hashable, Sendable {
    case up, down, pageUp, pageDown, first, last
    case open, why, mark, copy, actions, act(ActionChoice)
  }

  static let keys = KeyTable<Command>([
    .init(.up, "Moving", "↑ k", "up one row", .key(.up), .character("k")),
    .init(.down, "Moving", "↓ j", "down one row", .key(.down), .character("j")),
    .init(.pageUp, "Moving", "PgUp Ctrl-B", "up one page", .key(.pageUp), .character("\u{02}")),
    .init(.pageDown, "Moving", "PgDn Ctrl-F", "down one page", .key(.pageDown), .character("\u{06}")),
    .init(.first, "Moving", "Home g", "to the first job", .key(.home), .character("g")),
    .init(.last, "Moving", "End G", "to the last job", .key(.end), .character("G")),
    .init(
      .open, "Found jobs", "Enter", "to the job in its flow, or its detail", hint: "to its flow", .key(.enter),
      .character("\r"), .character("\n")),
    .init(.why, "Found jobs", "w", "why is it not done?", hint: "why", .character("w")),
    .init(.mark, "Found jobs", "Space", "mark", .character(" ")),
    .init(.copy, "Found jobs", "y", "copy the job's key", .character("y")),
    .init(.actions, "Acting", "a", "what can be done here", hint: "act", .character("a")),
    .init(.act(.verb(.retry)), "Acting", "r", "retry the job", hint: "retry", .character("r")),
    .init(.act(.verb(.retryFlow)), "Acting", "R", "retry all that failed", .character("R")),
    .init(.act(.verb(.promote)), "Acting", "P", "run a delayed job now", .character("P")),
    .init(.act(.verb(.remove)), "Acting", "x", "remove it and all below", .character("x")),
    .init(.act(.verb(.removeUnprocessed)), "Acting", "u", "remove what it waits for", .character("u")),
    .init(.act(.verb(.removeDependency)), "Acting", "D", "let its parent go on", .character("D")),
    .init(.act(.verb(.cloneFlow)), "Acting", "c", "add the flow again", .character("c")),
    .init(.act(.pauseOrResume), "Acting", "p", "pause or resume the queue", .character("p")),
  ])

  mutating func perform(_ command: Command, in scene: Scene) -> [Request] {
    switch command {
    case .up: move(to: cursor - 1)
    case .down: move(to: cursor + 1)
    case .pageUp: move(to: cursor - max(1, height - 1))
    case .pageDown: move(to: cursor + max(1, height - 1))
    case .first: move(to: 0)
    case .last: move(to: jobs.count - 1)
    case .open: return open()
    case .why: return selected == nil ? [] : [.showDetail(.why)]
    case .mark:
      guard let key = selected?.key else { return [] }
      if marks.remove(key) == nil { marks.insert(key) }
      move(to: cursor + 1)
    case .copy:
      guard let key = selected?.key else { return [] }
      return [.perform(.copy(key.description)), .say("copied \(key)")]
    case .actions: return openMenu(in: scene)
    case .act(let choice): return act(choice, in: scene)
    }
    return []
  }

  // MARK: Searching

  /// Begins a search; the one before ends.
  mutating func begin(_ query: String, _ filter: JobFilter, in scene: Scene) -> [Request] {
    let (number, height) = (number + 1, height)
    self = FindPanel()
    (self.number, self.height, self.query, self.filter) = (number, height, query, filter)
    (isOpen, isRunning) = (true, true)
    let known = scene.picture.discovery.isComplete && scene.hasPicture ? scene.picture.queues.keys.sorted() : nil
    return [
      .perform(.find(.search(FindRequest(number: number, filter: filter, queues: known, most: Self.most))))
    ]
  }

  /// Goes away; what was found stays for the next time.
  mutating func close() -> [Request] {
    isOpen = false
    goal = nil
    defer { isRunning = false }
    return [.perform(.find(.stop))]
  }

  /// Takes what came of a search.
  mutating func take(_ message: FindMessage, in scene: Scene) -> [Request] {
    switch message {
    case .step(let number, let step):
      guard number == self.number, isRunning else { return [] }
      jobs += step.found.prefix(max(0, Self.most - jobs.count))
      progress = step.progress
    case .ended(let number, let trouble):
      guard number == self.number else { return [] }
      isRunning = false
      self.trouble = trouble
    case .read(let keys, let found):
      gone = gone.union(keys.filter { found[$0] == nil }).subtracting(found.keys)
      for index in jobs.indices { jobs[index] = found[jobs[index].key] ?? jobs[index] }
    case .chain(let key, let chain):
      guard goal == key else { return [] }
      goal = nil
      if chain.count > 1 || selected?.isParent == true { return close() + [.showFlow(chain)] }
      return [.say("its parent is gone: it stands in no flow"), .showDetail(nil)]
    }
    return []
  }

  /// The jobs on the screen, which are read again now and then.
  var visibleKeys: [JobKey] { jobs[visible.clamped(to: jobs.indices)].map(\.key) }

  // MARK: Moving

  var visible: Range<Int> { top..<top + max(1, height) }

  var selected: FlowJob? { jobs.indices.contains(cursor) ? jobs[cursor] : nil }

  mutating func move(to index: Int) {
    cursor = max(0, min(index, jobs.count - 1))
    bringIntoView()
  }

  mutating func scroll(by distance: Int) {
    top = max(0, min(top + distance, jobs.count - height))
    cursor = max(top, min(cursor, top + height - 1, jobs.count - 1))
  }

  mutating func resize(to height: Int) {
    self.height = max(1, height)
    bringIntoView()
  }

  private mutating func bringIntoView() {
    if cursor < top { top = cursor }
    if cursor >= top + height { top = cursor - height + 1 }
    top = max(0, min(top, jobs.count - height))
  }

  /// Goes to the job in its flow; a job that belongs to none is shown here.
  private mutating func open() -> [Request] {
    guard let job = selected else { return [] }
    guard job.parentKey != nil || job.isParent else { return [.showDetail(nil)] }
    goal = job.key
    return [.perform(.find(.climb(job.key)))]
  }
}
