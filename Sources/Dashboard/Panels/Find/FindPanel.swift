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
  /// Where the list of them stands.
  var table = TableState()
  /// Which search this is.
  private(set) var number = 0
  /// The job whose flow is looked for.
  private var goal: JobKey?

  /// So many jobs are shown; more are counted.
  static let most = 1000

  private typealias Binding = KeyTable<ListCommand>.Binding

  static let keys = KeyTable<ListCommand>(
    Binding.moving(first: "to the first job", last: "to the last job") + [
      .open("Found jobs", "to the job in its flow, or its detail", hint: "to its flow"), .why("Found jobs"),
      .mark("Found jobs"), .copy("Found jobs", "copy the job's key"), .actions,
    ] + Binding.jobVerbs(retryHint: "retry") + [.pauseQueue()])

  mutating func perform(_ command: ListCommand, in scene: Scene) -> [Request] {
    switch command {
    case .up, .down, .first, .last: table.move(command)
    case .pageUp: table.move(to: table.cursor - max(1, table.height - 1))
    case .pageDown: table.move(to: table.cursor + max(1, table.height - 1))
    case .open: return open()
    case .why: return selected == nil ? [] : [.showDetail(.why)]
    case .mark: table.mark()
    case .copy:
      guard let key = selected?.key else { return [] }
      return [.perform(.copy(key.description)), .say("copied \(key)")]
    case .actions: return openMenu(in: scene)
    case .act(let choice): return act(choice, in: scene)
    case .find, .sort, .reverse, .nextState, .previousState, .pause: break
    }
    return []
  }

  // MARK: Searching

  /// Begins a search; the one before ends.
  mutating func begin(_ query: String, _ filter: JobFilter, in scene: Scene) -> [Request] {
    let (number, height) = (number + 1, table.height)
    self = FindPanel()
    (self.number, self.query, self.filter) = (number, query, filter)
    table.resize(to: height)
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
      table.arrange(jobs.map { .job($0.key) })
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
      if !isOpen { return [.showFlow(chain)] }
      if chain.count > 1 || selected?.isParent == true { return close() + [.showFlow(chain)] }
      return [.say("its parent is gone: it stands in no flow"), .showDetail(nil)]
    }
    return []
  }

  /// The jobs on the screen, which are read again now and then.
  var visible: ArraySlice<FlowJob> { jobs[table.visible.clamped(to: jobs.indices)] }

  var selected: FlowJob? { jobs.indices.contains(table.cursor) ? jobs[table.cursor] : nil }

  /// Looks for the way to a job in its flow, and goes there.
  mutating func goToFlow(of key: JobKey) -> [Request] {
    goal = key
    return [.perform(.find(.climb(key)))]
  }

  /// Goes to the job in its flow; a job that belongs to none is shown here.
  private mutating func open() -> [Request] {
    guard let job = selected else { return [] }
    guard job.parentKey != nil || job.isParent else { return [.showDetail(nil)] }
    goal = job.key
    return [.perform(.find(.climb(job.key)))]
  }
}
