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
    case .notice(let text, let isError):
      say(text, isError: isError)
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
      if outcome.refusals.isEmpty, outcome.interruption == nil { flows.marks = [] }
      detail.lookAgain()
    case .input(let input):
      // What was said to the key before is over with the next one.
      if input.isKey, notice?.answersKey == true { notice = nil }
      let before = notice
      effects += handle(input)
      if notice != before { notice?.answersKey = true }
    }
    flows.loadMore(in: scene)
    effects += detail.follow(flows.selection, in: scene, area: layout.detail)
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
    if let limits { notice = Notice(text: limits, role: .warning, until: scene.now + 15) }
  }

  // MARK: Input

  private mutating func handle(_ input: InputEvent) -> [Effect] {
    switch input {
    case .end: return [.quit]
    case .resize(let size):
      self.size = size
      if helpPage != nil { helpPage = 0 }
      flows.resize(to: layout.listRows.height)
      return []
    case .click(let row, let column): return click(row: row, column: column)
    case .wheel(let distance, let row, let column):
      if layout.detail.contains(row: row, column: column) {
        detail.scroll(by: distance, area: layout.detail)
      } else {
        flows.scroll(by: distance, in: scene)
      }
      return []
    case .character, .key:
      if let page = helpPage {
        let hasNext = page + 1 < HelpView(lines: Self.help).pageCount(size)
        helpPage = input == .character(" ") && hasNext ? page + 1 : nil
        return Self.keys[input] == .quit ? [.quit] : []
      }
      if input == .character("\u{03}") { return [.quit] }
      if actions.isOpen { return carryOut(actions.type(input, in: scene)) }
      if flows.isTyping { return carryOut(flows.type(input, in: scene)) }
      if let command = Self.keys[input] { return carryOut(perform(command, in: scene)) }
      if detail.tab != nil, let command = DetailPanel.keys[input] {
        return carryOut(detail.perform(command, in: scene))
      }
      if let command = FlowsPanel.keys[input] { return carryOut(flows.perform(command, in: scene)) }
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
        detail.toggle(tab, hasProblem: flows.selectionHasProblem(in: scene))
        flows.resize(to: layout.listRows.height)
      case .showMenu(let title, let subject, let actions):
        let fixes = subject.map { detail.fixes(for: $0, in: scene) } ?? []
        self.actions.open(
          ActionMenu(title: title, fixes: fixes, actions: actions, isReadOnly: scene.setup.isReadOnly))
      case .preview(let action): effects += carryOut(actions.preview(action, in: scene))
      case .perform(let effect): effects.append(effect)
      }
    }
    return effects
  }
}

// MARK: The frame around the panels

extension DashboardModel {
  /// What the keys of the frame ask for.
  enum Command: Hashable, Sendable {
    case view(ViewID)
    case enableNotifications, theme, help, back, quit
  }

  static let keys = KeyTable<Command>([
    .init(.view(.flows), "Views", "1", "flows", .character("1")),
    .init(.theme, "Other", "t", "next theme", .character("t")),
    .init(.enableNotifications, "Other", "E", "turn notifications on", .character("E")),
    .init(.help, "Other", "? F1", "this help", hint: "help", .character("?")),
    .init(.back, "Other", "Esc", "back, one step at a time", .key(.escape)),
    .init(.quit, "Other", "q Ctrl-C", "quit", hint: "quit", .character("q"), .character("\u{03}")),
  ])

  private mutating func perform(_ command: Command, in scene: Scene) -> [Request] {
    switch command {
    case .view(let view):
      self.view = view
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
        flows.resize(to: layout.listRows.height)
      } else {
        flows.back(in: scene)
      }
    case .quit:
      return [.perform(.quit)]
    }
    return []
  }
}
