import FlowMonitor
import QueueClient

extension DashboardModel {
  /// Takes in what happened. Pure and immediate: what is to be done is returned, not done.
  public mutating func update(_ message: Message) -> [Effect] {
    var effects: [Effect] = []
    switch scene.setup.masking.masked(message) {
    case .picture(let picture):
      scene.picture = picture
      scene.hasPicture = true
      flows.arrange(in: scene)
      noteLimits()
    case .tick(let now):
      scene.now = now
      if let notice, !notice.isResult, notice.until <= now { self.notice = nil }
      if finding.isOpen, !finding.jobs.isEmpty { effects.append(.find(.read(finding.visible.map(\.key)))) }
    case .switched(let setup, let theme): startOver(setup, theme: theme)
    case .notice(let text, let isError): tell(text, isError: isError)
    case .view(let question, let answer): take(answer, to: question)
    case .detail(let key, let read):
      effects += detail.take(key, read, in: scene)
    case .detailFailed(let key, let reason):
      if detail.fail(key) { tell(reason, isError: true) }
    case .part(let key, let part, let answer): detail.take(key, part, answer, in: scene)
    case .partFailed(let key, let part, let reason):
      if detail.fail(key, part) { tell(reason, isError: true) }
    case .explanation(let key, let explanation):
      detail.take(explanation, of: key, at: scene.now)
      actions.propose { [detail, scene] in detail.fixes(for: $0, in: scene) }
    case .preview(let preview): effects += carryOut(actions.take(preview))
    case .members(let group, let jobs): effects += carryOut(actions.take(jobs, of: group))
    case .membersFailed(let group, let reason): effects += carryOut(actions.fail(group, reason))
    case .previewFailed(let action, let reason): effects += carryOut(actions.fail(action, reason))
    case .progress(let preview, let done): actions.progress(preview, done)
    case .outcome(let preview, let outcome, let milliseconds):
      let said = actions.take(outcome, of: preview, milliseconds: milliseconds)
      effects += carryOut(said)
      if !said.isEmpty { notice?.becomeResult() }
      if outcome.refusals.isEmpty, outcome.interruption == nil {
        (flows.marks, finding.table.marks) = ([], [])
        lists[view]?.table.marks = []
      }
      detail.note(outcome.words(for: preview, milliseconds: milliseconds))
    case .timeline(let job, let answer): timeline.take(answer, of: job, in: scene)
    case .find(let message): effects += carryOut(finding.take(message, in: scene))
    case .input(let input):
      // What was said to the key before is over with the next one.
      if input.isKey, notice?.answersKey == true { notice = nil }
      let before = notice
      let rows = layout.listRows
      effects += handle(input)
      if layout.listRows != rows { fitLists() }
      if notice != before { notice?.answersKey = true }
    }
    if let said = flows.said {
      flows.said = nil
      // What was done is said first.
      let before = notice
      say(before.map { "\($0.text); \(said)" } ?? said, isError: before?.isError ?? false)
      if before?.isResult == true { notice?.becomeResult() }
    }
    effects += callSomebody()
    flows.loadMore(in: scene)
    effects += ask()
    effects += askTimeline()
    effects += detail.follow(selection, of: selectedFlow, in: scene, area: layout.detail)
    if toldWindow != window {
      toldWindow = window
      effects.append(.look(window))
    }
    return effects
  }

  mutating func say(_ text: String, isError: Bool = false) {
    notice = Notice(text: text, role: isError ? .error : .text, until: scene.now + (isError ? 10 : 4))
  }

  /// Says what nobody asked for just now; where what became of an action stands there, behind that.
  private mutating func tell(_ text: String, isError: Bool) {
    guard let result = notice, result.isResult else { return say(text, isError: isError) }
    notice?.text = "\(result.text); \(text)"
  }

  /// Tells for a while what cannot be had, or is broken, whenever that is something else than before. A connection that
  /// is lost and found again changes nothing of it.
  private mutating func noteLimits() {
    let limits = scene.limits
    guard limits != toldLimits, limits != nil || !scene.isAway else { return }
    toldLimits = limits
    if notice?.isResult == true { return }
    if let limits {
      notice = Notice(text: limits, role: .warning, until: scene.now + 15)
    } else if notice?.role == .warning {
      notice = nil
    }
  }

  /// Calls somebody where the first problem shows.
  private mutating func callSomebody() -> [Effect] {
    guard scene.hasPicture, !scene.isStale, alarm.take(scene.picture, at: scene.now) else { return [] }
    let wanted = scene.setup.alarm
    return (wanted.bell ? [.ringBell] : []) + (wanted.command ? [.call(ProblemFacts(scene.picture))] : [])
  }

  /// Another Redis: nothing of the one before is kept, but what was typed.
  private mutating func startOver(_ setup: Scene.Setup, theme: String) {
    let old = self
    self = DashboardModel(
      setup: setup, size: old.size, now: old.scene.now, themeNames: [theme] + old.themeNames.filter { $0 != theme })
    palette = old.palette
    alarm = old.alarm.restarted
    toldLimits = old.toldLimits
    say("this is \(setup.name)")
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
      scroll(by: distance, row: row, column: column)
      return []
    case .character, .key:
      if let page = helpPage {
        let last = HelpView(lines: helpLines).pageCount(size) - 1
        helpPage =
          switch input {
          case .character(" ") where page < last: page + 1
          case .key(.pageDown): min(page + 1, last)
          case .key(.pageUp): max(page - 1, 0)
          default: nil
          }
        return Self.keys[input, scene.setup.keys] == .quit || input == .character("\u{03}") ? [.quit] : []
      }
      if input == .character("\u{03}") { return [.quit] }
      if actions.isOpen { return carryOut(actions.type(input, in: scene)) }
      if palette.isTyping { return carryOut(palette.type(input, in: scene)) }
      if detail.focus.typing != nil { return carryOut(detail.type(input, area: layout.detail)) }
      if isTypingFilter { return carryOut(typeInList(input) ?? []) }
      if flows.isTyping { return carryOut(flows.type(input, in: scene)) }
      if detail.hasWhyFocus, let command = WhyFocus.keys[input, scene.setup.keys],
        let requests = detail.performWhy(command, key: input, area: layout.detail)
      {
        return carryOut(requests)
      }
      let keys = scene.setup.keys
      if let command = Self.keys[input, keys] { return carryOut(perform(command, in: scene)) }
      if detail.focus.isOn, let command = DetailFocus.keys[input, keys] {
        return carryOut(detail.perform(command, in: scene, area: layout.detail))
      }
      if detail.tab != nil, let command = DetailPanel.keys[input, keys] {
        return carryOut(detail.perform(command, in: scene))
      }
      if let requests = typeInFront(input) { return carryOut(requests) }
      if let command = DetailPanel.keys[input, keys] { return carryOut(detail.perform(command, in: scene)) }
      say("no such key; \(scene.key("help")) shows all keys")
      return []
    }
  }

  /// Takes a key of what lies in front; `nil` where it is none of its.
  private mutating func typeInFront(_ input: InputEvent) -> [Request]? {
    let keys = scene.setup.keys
    switch front {
    case .timeline: return TimelinePanel.keys[input, keys].map { timeline.perform($0, in: scene) }
    case .found: return FindPanel.keys[input, keys].map { finding.perform($0, in: scene) }
    case .list: return typeInList(input)
    case .flows: return FlowsPanel.keys[input, keys].map { flows.perform($0, in: scene) }
    }
  }

  private mutating func scroll(by distance: Int, row: Int, column: Int) {
    if layout.detail.contains(row: row, column: column) {
      return detail.scroll(by: distance, area: layout.detail)
    }
    switch front {
    case .timeline: timeline.table.scroll(by: distance)
    case .found: finding.table.scroll(by: distance)
    case .list: scrollList(by: distance)
    case .flows: flows.scroll(by: distance, in: scene)
    }
  }

  private mutating func click(row: Int, column: Int) -> [Effect] {
    if helpPage != nil {
      helpPage = nil
      return []
    }
    if actions.isOpen { return carryOut(actions.click(row: row, size: size, scene: scene)) }
    let layout = layout
    if row == layout.viewBar {
      return ViewBar(model: self).view(at: column).map { carryOut(perform(.view($0), in: scene)) } ?? []
    }
    if layout.detail.contains(row: row, column: column) {
      return carryOut(detail.click(row: row, column: column, area: layout.detail, in: scene))
    }
    detail.why.isOn = false
    guard layout.list.contains(row: row, column: column) else { return [] }
    switch front {
    case .timeline: return carryOut(clickTimeline(row: row))
    case .found: return carryOut(clickFinding(row: row))
    case .list: return carryOut(clickInList(row: row, column: column))
    case .flows: return carryOut(flows.click(row: row, column: column, area: layout.listRows, scene: scene))
    }
  }

  private mutating func carryOut(_ requests: [Request]) -> [Effect] {
    var effects: [Effect] = []
    for request in requests {
      if request.isAboutSelection { chooseRow() }
      switch request {
      case .say(let text, let isError): say(text, isError: isError)
      case .showDetail(let tab):
        detail.toggle(tab, hasProblem: selectionHasProblem)
        fitLists()
      case .command(let line): effects += carryOut(run(line))
      case .showFlow(let chain): effects += carryOut(showFlow(chain))
      case .goToJob(let key): effects += carryOut(goToJob(key))
      case .showMenu(let title, let subject, let actions):
        let fixes = subject.map { detail.fixes(for: $0, in: scene) } ?? []
        self.actions.open(
          ActionMenu(
            title: title, subject: subject, fixes: fixes, actions: actions, isReadOnly: scene.setup.isReadOnly))
        if let subject { effects += detail.explain(subject, at: scene.now) }
      case .showGroupMenu(let title, let items):
        actions.open(ActionMenu(title: title, items: items, isReadOnly: scene.setup.isReadOnly))
      case .previewGroup(let group): effects += carryOut(actions.preview(group, in: scene))
      case .showJobs(let queue, let state): showJobs(of: queue, state)
      case .preview(let action): effects += carryOut(actions.preview(action, in: scene))
      case .perform(let effect): effects.append(effect)
      }
    }
    return effects
  }
}

extension DashboardModel {
  /// What is selected stays so, whatever rises above it: somebody looks at it, or is about to change it.
  private mutating func chooseRow() {
    switch front {
    case .timeline: timeline.table.choose()
    case .found: finding.table.choose()
    case .list: lists[view]?.table.choose()
    case .flows: flows.hasChosen = flows.hasChosen || flows.selection != nil
    }
  }

  /// The lists have as many rows as the screen leaves them.
  mutating func fitLists() {
    flows.resize(to: layout.listRows.height)
    fitFinding()
    fitTimeline()
  }
}
