import FlowMonitor
import Foundation
import QueueClient

/// What the shell is to do after an update.
public enum Effect: Sendable, Hashable {
  /// Read the children of these jobs.
  case open(Set<JobKey>)
  /// Read what the detail pane shows of a job.
  case loadDetail(JobKey)
  /// Add the letters we need to the server's setting.
  case enableNotifications
  /// Put a text onto the terminal's clipboard.
  case copy(String)
  /// End.
  case quit
}

extension DashboardState {
  /// What happened in the world, as against at the keyboard.
  public enum Event: Sendable {
    /// A new truth from the monitor.
    case monitor(FlowMonitor.Update)
    /// A job's detail was read; `nil` when the job is gone.
    case detail(JobKey, JobDetail?)
    /// Time has passed: seconds since 1970.
    case tick(Double)
    /// Somebody did something.
    case input(InputEvent)
    /// Something to tell the person.
    case message(String, isError: Bool)
  }

  /// Takes an event in. Pure: what is to be done is returned, not done.
  public mutating func update(_ event: Event) -> [Effect] {
    switch event {
    case .monitor(let update):
      return take(update)
    case .detail(let key, let detail):
      details = detail.map { [key: $0] } ?? [:]
      return []
    case .tick(let now):
      self.now = now
      if let message, message.until <= now { self.message = nil }
      return []
    case .message(let text, let isError):
      say(text, isError: isError)
      return []
    case .input(let input):
      return handle(input)
    }
  }

  private mutating func take(_ update: FlowMonitor.Update) -> [Effect] {
    let selectedBefore = selectedJob
    forest = update.forest
    status = update.status
    isComplete = update.isComplete
    arrange()
    guard detailTab != nil, let selected = selectedJob, selected != selectedBefore else { return [] }
    return [.loadDetail(selected.key)]
  }

  mutating func say(_ text: String, isError: Bool = false) {
    message = Message(text: text, isError: isError, until: now + (isError ? 10 : 4))
  }

  // MARK: Rows

  /// Works the rows out again, and keeps the selection on its job.
  mutating func arrange() {
    let before = selectedIndex ?? 0
    rows = TreeRows(forest: forest, folded: folded, opened: opened).rows(of: shownRoots)
    if !hasChosenRow {
      selection = rows.first.map(TreeRowID.init)
    } else if selectedIndex == nil {
      selection = rows.isEmpty ? nil : TreeRowID(rows[min(before, rows.count - 1)])
    }
    scrollToSelection()
  }

  private var shownRoots: [JobKey] {
    var roots = forest.roots
    if let stateFilter {
      roots = roots.filter { forest.subtree(of: $0).contains { forest.jobs[$0]?.state == stateFilter } }
    }
    if problemsOnly { roots = roots.filter { Diagnosis(of: $0, in: forest).needsAPerson } }
    switch sort {
    case .need: return roots
    case .newest: return roots.sorted { (forest.jobs[$0]?.timestamp ?? 0) > (forest.jobs[$1]?.timestamp ?? 0) }
    case .name: return roots.sorted { (forest.jobs[$0]?.name ?? "", $0) < (forest.jobs[$1]?.name ?? "", $1) }
    }
  }

  private mutating func scrollToSelection() {
    let height = areas.tree.count
    if let index = selectedIndex {
      if index < top { top = index }
      if index >= top + height { top = index - height + 1 }
    }
    top = max(0, min(top, rows.count - height))
  }

  // MARK: Input

  private mutating func handle(_ input: InputEvent) -> [Effect] {
    switch input {
    case .end:
      return [.quit]
    case .resize(let size):
      self.size = size
      scrollToSelection()
      return []
    case .click(let row, _):
      guard mode == .tree, areas.tree.contains(row), rows.indices.contains(top + row - areas.tree.lowerBound) else {
        return []
      }
      let index = top + row - areas.tree.lowerBound
      if index == selectedIndex { return perform(.toggleFold) }
      return select(index)
    case .wheel(let distance):
      return move(by: distance)
    case .character, .key:
      switch mode {
      case .search:
        return search(input)
      case .help:
        mode = .tree
        return Keymap.actions[input] == .quit ? [.quit] : []
      case .tree:
        guard let action = Keymap.actions[input] else {
          say("no such key; ? shows all keys")
          return []
        }
        return perform(action)
      }
    }
  }

  private mutating func search(_ input: InputEvent) -> [Effect] {
    switch input {
    case .key(.enter), .character("\r"), .character("\n"):
      mode = .tree
      return findMatch(from: selectedIndex ?? 0, step: 1, includingStart: true)
    case .key(.escape), .character("\u{03}"):
      mode = .tree
      searchText = ""
    case .key(.backspace), .character("\u{7F}"), .character("\u{08}"):
      if searchText.isEmpty { mode = .tree } else { searchText.removeLast() }
    case .character(let character) where character.asciiValue ?? 32 >= 32:
      searchText.append(character)
    default:
      break
    }
    return []
  }

  mutating func perform(_ action: Keymap.Action) -> [Effect] {
    switch action {
    case .up: return move(by: -1)
    case .down: return move(by: 1)
    case .pageUp: return move(by: -max(1, areas.tree.count - 1))
    case .pageDown: return move(by: max(1, areas.tree.count - 1))
    case .top: return select(0)
    case .bottom: return select(rows.count - 1)
    case .fold: return fold()
    case .unfold: return unfold()
    case .toggleFold:
      guard let index = selectedIndex, rows[index].hasChildren else { return [] }
      return setOpen(rows[index].key, !rows[index].isOpen)
    case .foldAll:
      folded.formUnion(forest.roots)
      arrange()
      return []
    case .unfoldAll:
      folded = []
      opened.formUnion(forest.roots)
      arrange()
      return [.open(opened)]
    case .detail: return showDetail(detailTab == nil ? .data : nil)
    case .nextTab: return turnTab(by: 1)
    case .previousTab: return turnTab(by: -1)
    case .scrollDetailDown: detailTop += 1
    case .scrollDetailUp: detailTop = max(0, detailTop - 1)
    case .why: return showDetail(detailTab == .why ? nil : .why)
    case .search:
      mode = .search
      searchText = ""
    case .nextMatch: return findMatch(from: selectedIndex ?? 0, step: 1, includingStart: false)
    case .previousMatch: return findMatch(from: selectedIndex ?? 0, step: -1, includingStart: false)
    case .stateFilter:
      let states: [JobState?] = [nil, .failed, .active, .waitingChildren, .waiting, .delayed, .prioritized, .completed]
      let index = states.firstIndex(of: stateFilter) ?? 0
      stateFilter = states[(index + 1) % states.count]
      arrange()
      say(stateFilter.map { "only flows with a job that is \($0.rawValue); f goes on" } ?? "all flows")
    case .problemsOnly:
      problemsOnly.toggle()
      arrange()
      say(problemsOnly ? "only flows that need a person" : "all flows")
    case .sort:
      let orders = Sort.allCases
      sort = orders[((orders.firstIndex(of: sort) ?? 0) + 1) % orders.count]
      arrange()
      say("sorted by \(sort.rawValue)")
    case .enableNotifications:
      guard !isReadOnly else {
        say("--read-only forbids changing the server's setting", isError: true)
        return []
      }
      return [.enableNotifications]
    case .theme:
      let index = themeNames.firstIndex(of: themeName) ?? 0
      themeName = themeNames[(index + 1) % themeNames.count]
      say("theme \(themeName)")
    case .copy:
      guard let key = selection?.key else { return [] }
      say("copied \(key)")
      return [.copy(key.description)]
    case .help: mode = .help
    case .close:
      if detailTab != nil { return showDetail(nil) }
      searchText = ""
      stateFilter = nil
      problemsOnly = false
      arrange()
    case .quit: return [.quit]
    }
    return []
  }

  private mutating func move(by distance: Int) -> [Effect] {
    select((selectedIndex ?? 0) + distance)
  }

  private mutating func select(_ index: Int) -> [Effect] {
    guard !rows.isEmpty else { return [] }
    hasChosenRow = true
    selection = TreeRowID(rows[max(0, min(index, rows.count - 1))])
    detailTop = 0
    scrollToSelection()
    guard detailTab != nil, let selection else { return [] }
    return [.loadDetail(selection.key)]
  }

  private mutating func fold() -> [Effect] {
    guard let index = selectedIndex else { return [] }
    let row = rows[index]
    if row.isOpen { return setOpen(row.key, false) }
    guard row.depth > 0, let parent = rows[..<index].lastIndex(where: { $0.depth < row.depth }) else { return [] }
    return select(parent)
  }

  private mutating func unfold() -> [Effect] {
    guard let index = selectedIndex, rows[index].hasChildren else { return [] }
    if !rows[index].isOpen { return setOpen(rows[index].key, true) }
    return select(index + 1)
  }

  private mutating func setOpen(_ key: JobKey, _ isOpen: Bool) -> [Effect] {
    if isOpen {
      folded.remove(key)
      opened.insert(key)
    } else {
      folded.insert(key)
      opened.remove(key)
    }
    arrange()
    return isOpen ? [.open(opened)] : []
  }

  private mutating func showDetail(_ tab: DetailTab?) -> [Effect] {
    detailTab = tab
    detailTop = 0
    scrollToSelection()
    guard tab != nil, let selection else { return [] }
    return [.loadDetail(selection.key)]
  }

  private mutating func turnTab(by step: Int) -> [Effect] {
    let tabs = DetailTab.allCases
    guard let tab = detailTab, let index = tabs.firstIndex(of: tab) else { return showDetail(.data) }
    return showDetail(tabs[(index + step + tabs.count) % tabs.count])
  }

  private mutating func findMatch(from start: Int, step: Int, includingStart: Bool) -> [Effect] {
    guard !searchText.isEmpty, !rows.isEmpty else { return [] }
    for distance in (includingStart ? 0 : 1)...rows.count {
      let index = ((start + step * distance) % rows.count + rows.count) % rows.count
      if matches(rows[index]) { return select(index) }
    }
    say("no row matches '\(searchText)'", isError: true)
    return []
  }

  func matches(_ row: TreeRow) -> Bool {
    guard !searchText.isEmpty else { return false }
    let job = forest.jobs[row.key]
    return [job?.name ?? "", row.key.description, job?.failedReason ?? ""]
      .contains { $0.range(of: searchText, options: .caseInsensitive) != nil }
  }
}
