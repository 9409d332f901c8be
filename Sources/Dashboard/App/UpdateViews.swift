import FlowMonitor
import QueueClient

/// The views beside the flows: which is shown, what is read for it, and its keys.
extension DashboardModel {
  /// The table that is shown; `nil` while that is the flows, or what was found.
  var list: (any ListPanel)? { front == .list ? lists[view] : nil }

  /// The row that detail and actions are about.
  var selection: Outline.ID? {
    switch front {
    case .timeline: timeline.selectedJob.map { .job($0) }
    case .found: finding.selected.map { .job($0.key) }
    case .list: list?.selectedJob.map { .job($0) }
    case .flows: flows.selection
    }
  }

  /// The root of the flow that the selected row stands in.
  var selectedFlow: JobKey? { front == .flows ? flows.selectedRow?.root : nil }

  /// Whether what is selected needs somebody.
  var selectionHasProblem: Bool {
    switch front {
    case .timeline, .found: false
    case .list: view == .jobs && lists.jobs.state == .failed
    case .flows: flows.selectionHasProblem(in: scene)
    }
  }

  /// Shows a view; the way back begins anew.
  mutating func show(_ view: ViewID) {
    lists.trail = []
    if view == .jobs, lists.jobs.queue == nil {
      let queue = selection?.job?.queue ?? lists[self.view]?.selectedQueue ?? scene.picture.queues.keys.min()
      if let queue { lists.jobs.show(queue, nil, counts: scene.picture.queues[queue]?.counts ?? [:]) }
    }
    enter(view)
  }

  /// Goes deeper: to the jobs of a queue.
  mutating func showJobs(of queue: QueueKey, _ state: JobState?) {
    lists.trail.append(view)
    let counts = lists.queues.overview.lines[queue]?.status.counts ?? scene.picture.queues[queue]?.counts ?? [:]
    lists.jobs.show(queue, state, counts: counts)
    enter(.jobs)
  }

  private mutating func enter(_ view: ViewID) {
    if view != self.view { detail.close() }
    self.view = view
    lists[view]?.reading = ListReading()
    fitTable()
    fitLists()
  }

  /// Esc: one step back within the view, then to the one before.
  mutating func backFromList() {
    guard var panel = lists[view] else { return }
    let hasStepped = panel.back(in: scene)
    lists[view] = panel
    if !hasStepped { enter(lists.trail.popLast() ?? .flows) }
  }

  /// Gives the table the room that it has.
  private mutating func fitTable() {
    guard var panel = lists[view] else { return }
    panel.resize(to: panel.tableHeight(in: layout, scene: scene))
    lists[view] = panel
  }

  /// Takes in what was read for a view.
  mutating func take(_ answer: ViewAnswer, to question: ViewQuestion) {
    guard question == lists.asked, var panel = lists[view] else { return }
    panel.take(answer, in: scene)
    lists[view] = panel
  }

  /// Has read what the view shows now, where that is something else than before.
  mutating func ask() -> [Effect] {
    fitTable()
    let question = list?.question
    guard question != lists.asked else { return [] }
    lists.asked = question
    return [.watch(question)]
  }

  // MARK: Input

  var isTypingFilter: Bool { list?.filter.isTyping ?? false }

  /// - Returns: `nil` for a key that means nothing in the view.
  mutating func typeInList(_ input: InputEvent) -> [Request]? {
    guard var panel = lists[view] else { return nil }
    defer { lists[view] = panel }
    if panel.filter.isTyping {
      panel.type(input, in: scene)
      return []
    }
    guard let command = ListViews.keys(of: view)?[input, scene.setup.keys] else { return nil }
    return panel.perform(command, in: scene)
  }

  mutating func scrollList(by distance: Int) { lists[view]?.table.scroll(by: distance) }

  mutating func clickInList(row: Int, column: Int) -> [Request] {
    guard var panel = lists[view] else { return [] }
    defer { lists[view] = panel }
    let rows = panel.rows(in: layout, scene: scene)
    let place = column - layout.list.columns.lowerBound
    if row < rows.rows.lowerBound {
      if var queues = panel as? QueuesPanel, let index = panel.column(at: place, width: rows.width, scene: scene),
        let wanted = queues.order(ofColumn: index)
      {
        queues.sort(by: wanted, in: scene)
        panel = queues
      }
      return []
    }
    let index = panel.table.visible.lowerBound + row - rows.rows.lowerBound
    guard panel.table.visible.contains(index) else { return [] }
    if panel.table.cursor == index { return panel.perform(.open, in: scene) }
    panel.table.move(to: index)
    return []
  }
}
