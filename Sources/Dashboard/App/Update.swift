import FlowMonitor
import QueueClient

extension DashboardModel {
  /// Takes in what happened. Pure and immediate: what is to be done is returned, not done.
  public mutating func update(_ message: Message) -> [Effect] {
    var effects: [Effect] = []
    switch message {
    case .picture(let picture):
      scene.picture = picture
      scene.hasPicture = true
      flows.arrange(in: scene)
      noteLimits()
    case .tick(let now):
      scene.now = now
      if let notice, notice.until <= now { self.notice = nil }
      if finding.isOpen, !finding.jobs.isEmpty { effects.append(.find(.read(finding.visible.map(\.key)))) }
    case .notice(let text, let isError):
      say(text, isError: isError)
    case .view(let question, let answer): take(answer, to: question)
    case .detail(let key, let read):
      effects += detail.take(key, read, in: scene)
    case .detailFailed(let key, let reason):
      if detail.fail(key) { say(reason, isError: true) }
    case .explanation(let key, let explanation):
      detail.take(explanation, of: key, at: scene.now)
    case .preview(let preview): effects += carryOut(actions.take(preview))
    case .previewFailed(let action, let reason): effects += carryOut(actions.fail(action, reason))
    case .progress(let preview, let done): actions.progress(preview, done)
    case .outcome(let preview, let outcome, let milliseconds):
      effects += carryOut(actions.take(outcome, of: preview, milliseconds: milliseconds))
      if outcome.refusals.isEmpty, outcome.interruption == nil {
        (flows.marks, finding.table.marks) = ([], [])
        lists[view]?.table.marks = []
      }
      detail.lookAgain()
    case .timeline(let job, let answer): timeline.take(answer, of: job, in: scene)
    case .find(let message): effects += carryOut(finding.take(message, in: scene))
    case .input(let input):
      // What was said to the key before is over with the next one.
      if input.isKey, notice?.answersKey == true { notice = nil }
      let before = notice
      effects += handle(input)
      if notice != before { notice?.answersKey = true }
    }
    flows.loadMore(in: scene)
    effects += ask()
    effects += askTimeline()
    effects += detail.follow(selection, in: scene, area: layout.detail)
    if toldWindow != window {
      toldWindow = window
      effects.append(.look(window))
    }
    return effects
  }

  mutating func say(_ text: String, isError: Bool = false) {
    notice = Notice(text: text, role: isError ? .error : .text, until: scene.now + (isError ? 10 : 4))
  }

  /// Tells for a while what cannot be had, or is broken, whenever that is something else than before.
  private mutating func noteLimits() {
    let limits = scene.limits
    guard limits != toldLimits else { return }
    toldLimits = limits
    if let limits {
      notice = Notice(text: limits, role: .warning, until: scene.now + 15)
    } else if notice?.role == .warning {
      notice = nil
    }
  }

  // MARK: Input

  private mutating func handle(_ input: InputEvent) -> [Effect] {
    switch input {
    case .end: return [.quit]
    case .resize(let size):
      self.size = size
      if helpPage != nil { helpPage = 0 }
      fitLists()
      return []
    case .click(let row, let column): return click(row: row, column: column)
    case .wheel(let distance, let row, let column):
      if layout.detail.contains(row: row, column: column) {
        detail.scroll(by: distance, area: layout.detail)
      } else if timeline.isOpen {
        timeline.table.scroll(by: distance)
      } else if finding.isOpen {
        finding.table.scroll(by: distance)
      } else if view != .flows {
        scrollList(by: distance)
      } else {
        flows.scroll(by: distance, in: scene)
      }
      return []
    case .character, .key:
      if let page = helpPage {
        let hasNext = page + 1 < HelpView(lines: keysOnScreen).pageCount(size)
        helpPage = input == .character(" ") && hasNext ? page + 1 : nil
        return Self.keys[input] == .quit ? [.quit] : []
      }
      if input == .character("\u{03}") { return [.quit] }
      if actions.isOpen { return carryOut(actions.type(input, in: scene)) }
      if palette.isTyping { return carryOut(palette.type(input, in: scene)) }
      if isTypingFilter { return carryOut(typeInList(input) ?? []) }
      if flows.isTyping { return carryOut(flows.type(input, in: scene)) }
      if let command = Self.keys[input] { return carryOut(perform(command, in: scene)) }
      if detail.tab != nil, let command = DetailPanel.keys[input] {
        return carryOut(detail.perform(command, in: scene))
      }
      if timeline.isOpen {
        if let command = TimelinePanel.keys[input] { return carryOut(timeline.perform(command, in: scene)) }
      } else if finding.isOpen {
        if let command = FindPanel.keys[input] { return carryOut(finding.perform(command, in: scene)) }
      } else if view != .flows {
        if let requests = typeInList(input) { return carryOut(requests) }
      } else if let command = FlowsPanel.keys[input] {
        return carryOut(flows.perform(command, in: scene))
      }
      if let command = DetailPanel.keys[input] { return carryOut(detail.perform(command, in: scene)) }
      say("no such key; ? shows all keys")
      return []
    }
  }

  private mutating func click(row: Int, column: Int) -> [Effect] {
    if helpPage != nil {
      helpPage = nil
      return []
    }
    if actions.isOpen { return carryOut(actions.click(row: row, size: size, scene: scene)) }
    let layout = layout
    if layout.detail.contains(row: row, column: column) {
      detail.click(row: row, column: column, area: layout.detail)
    } else if timeline.isOpen {
      if layout.list.contains(row: row, column: column) { return carryOut(clickTimeline(row: row)) }
    } else if finding.isOpen {
      if layout.list.contains(row: row, column: column) { return carryOut(clickFinding(row: row)) }
    } else if view != .flows {
      if layout.list.contains(row: row, column: column) { return carryOut(clickInList(row: row, column: column)) }
    } else if layout.list.contains(row: row, column: column) {
      return carryOut(flows.click(row: row, column: column, area: layout.listRows, scene: scene))
    }
    return []
  }

  private mutating func carryOut(_ requests: [Request]) -> [Effect] {
    var effects: [Effect] = []
    for request in requests {
      switch request {
      case .say(let text, let isError): say(text, isError: isError)
      case .showDetail(let tab):
        detail.toggle(tab, hasProblem: selectionHasProblem)
        fitLists()
      case .command(let line): effects += carryOut(run(line))
      case .showFlow(let chain):
        if timeline.isOpen {
          timeline.close()
          if finding.isOpen { effects += carryOut(finding.close()) }
        }
        showFlow(chain)
      case .showMenu(let title, let subject, let actions):
        let fixes = subject.map { detail.fixes(for: $0, in: scene) } ?? []
        self.actions.open(
          ActionMenu(title: title, fixes: fixes, actions: actions, isReadOnly: scene.setup.isReadOnly))
      case .showJobs(let queue, let state): showJobs(of: queue, state)
      case .preview(let action): effects += carryOut(actions.preview(action, in: scene))
      case .perform(let effect): effects.append(effect)
      }
    }
    return effects
  }
}

extension DashboardModel {
  /// The lists have as many rows as the screen leaves them.
  mutating func fitLists() {
    flows.resize(to: layout.listRows.height)
    fitFinding()
    fitTimeline()
  }
}

// MARK: The frame around the panels

extension DashboardModel {
  /// What the keys of the frame ask for.
  enum Command: Hashable, Sendable {
    case view(ViewID)
    case timeline, palette, enableNotifications, theme, help, back, quit
  }

  static let keys = KeyTable<Command>([
    .init(.view(.flows), "Views", "1", "flows", .character("1")),
    .init(.view(.queues), "Views", "2", "queues", .character("2")),
    .init(.view(.jobs), "Views", "3", "jobs of a queue", .character("3")),
    .init(.view(.workers), "Views", "4", "workers", .character("4")),
    .init(.view(.schedulers), "Views", "5", "job schedulers", .character("5")),
    .init(.view(.events), "Views", "6", "events", .character("6")),
    .init(.palette, "Other", ":", "a command, such as find", hint: "command", .character(":")),
    .init(.timeline, "Views", "T", "timeline of the flow", hint: "timeline", .character("T")),
    .init(.theme, "Other", "t", "next theme", .character("t")),
    .init(.enableNotifications, "Other", "E", "turn notifications on", .character("E")),
    .init(.help, "Other", "? F1", "this help", hint: "help", .character("?")),
    .init(.back, "Other", "Esc", "back, one step at a time", .key(.escape)),
    .init(.quit, "Other", "q Ctrl-C", "quit", hint: "quit", .character("q"), .character("\u{03}")),
  ])

  mutating func perform(_ command: Command, in scene: Scene) -> [Request] {
    switch command {
    case .view(let view):
      timeline.close()
      show(view)
      if finding.isOpen { return finding.close() }
    case .timeline: return toggleTimeline()
    case .palette: palette.open()
    case .enableNotifications:
      guard !scene.setup.isReadOnly else {
        return [.say("--read-only forbids changing the server's setting", isError: true)]
      }
      if scene.picture.status == .live { return [.say("notifications are on already")] }
      return [.perform(.enableNotifications)]
    case .theme:
      guard let next = themeNames.first else { return [] }
      themeNames.append(themeNames.removeFirst())
      let name = themeNames.first ?? next
      return [.perform(.useTheme(name)), .say("theme \(name)")]
    case .help:
      helpPage = 0
    case .back:
      if actions.running != nil { return [.perform(.stopChange)] }
      if detail.tab != nil {
        detail.close()
        fitLists()
      } else if timeline.isOpen {
        timeline.close()
      } else if finding.isOpen {
        return finding.close()
      } else if view != .flows {
        backFromList()
      } else {
        flows.back(in: scene)
      }
    case .quit:
      return [.perform(.quit)]
    }
    return []
  }
}
