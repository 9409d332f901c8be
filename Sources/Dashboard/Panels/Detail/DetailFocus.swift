import FlowMonitor
import QueueClient

/// Where somebody is within the detail, once its keys are the page's.
struct DetailFocus: Sendable, Equatable {
  var isOn = false
  /// The line that is selected.
  var cursor = 0
  /// What is looked for on the page.
  var search = ""
  /// What is being typed.
  var typing: Typing?

  enum Typing: Sendable, Equatable { case search, filter }

  enum Command: MovingCommand {
    case up, down, pageUp, pageDown, first, last, open, fold, unfold, foldAll, unfoldAll
    case search, nextMatch, previousMatch, filter, sort, copy, copyPath
  }

  private typealias Binding = KeyTable<Command>.Binding

  static let keys = KeyTable<Command>(
    Binding.moving("In the detail", by: "line") + [
      .init(
        .open, "In the detail", "Enter", "fold or open, read more, go to a child", hint: "open", .key(.enter),
        .character("\r"), .character("\n")),
      .init(.fold, "In the detail", "← h", "fold, or to what it is in", .key(.left), .character("h")),
      .init(.unfold, "In the detail", "→ l", "open", .key(.right), .character("l")),
      .init(.foldAll, "In the detail", "-", "fold all", .character("-")),
      .init(.unfoldAll, "In the detail", "+", "open all", .character("+"), .character("=")),
      .init(.search, "In the detail", "/", "search the page", hint: "search", .character("/")),
      .init(.nextMatch, "In the detail", "n", "next match", .character("n")),
      .init(.previousMatch, "In the detail", "N", "previous match", .character("N")),
      .init(.filter, "In the detail", "f", "only log rows with a text", .character("f")),
      .init(.sort, "In the detail", "s", "sort the children", .character("s")),
      .init(.copy, "In the detail", "y", "copy the value", hint: "copy", .character("y")),
      .init(.copyPath, "In the detail", "Y", "copy its path, or key", hint: "path", .character("Y")),
    ])
}

extension DetailPanel {
  /// The line that keys are about.
  var selectedLine: DetailPage.Line? {
    page.lines.indices.contains(focus.cursor) ? page.lines[focus.cursor] : nil
  }

  mutating func perform(_ command: DetailFocus.Command, in scene: Scene, area: Area) -> [Request] {
    switch command {
    case .up: move(to: focus.cursor - 1, area: area)
    case .down: move(to: focus.cursor + 1, area: area)
    case .pageUp: move(to: focus.cursor - max(1, room(in: area) - 1), area: area)
    case .pageDown: move(to: focus.cursor + max(1, room(in: area) - 1), area: area)
    case .first: move(to: 0, area: area)
    case .last: return goToEnd(area: area)
    case .open: return open(in: scene)
    case .fold: fold(area: area)
    case .unfold: if let fold = selectedLine?.fold { folding.set(fold.id, open: true) }
    case .foldAll: setAll(open: false)
    case .unfoldAll: setAll(open: true)
    case .search: (focus.typing, focus.search) = (.search, "")
    case .nextMatch: return findMatch(step: 1, area: area)
    case .previousMatch: return findMatch(step: -1, area: area)
    case .filter:
      guard tab == .logs else { return [.say("f filters the log; / searches this page")] }
      (focus.typing, logs.filter) = (.filter, "")
      readings += 1
    case .sort:
      guard tab == .children else { return [.say("s sorts the children")] }
      children.order = children.order.next
      readings += 1
    case .copy: return copy()
    case .copyPath: return copyPath()
    }
    return []
  }

  mutating func move(to line: Int, area: Area) {
    focus.cursor = max(0, min(line, page.lines.count - 1))
    let room = max(1, room(in: area))
    if focus.cursor < top { top = focus.cursor }
    if focus.cursor >= top + room { top = focus.cursor - room + 1 }
  }

  /// The last line; in the middle of a log, its end.
  private mutating func goToEnd(area: Area) -> [Request] {
    if tab == .logs, !logs.isFollowing { wish = .logs(before: nil) }
    move(to: page.lines.count - 1, area: area)
    return []
  }

  // MARK: Folding

  private mutating func open(in scene: Scene) -> [Request] {
    guard let line = selectedLine else { return [] }
    if let fold = line.fold {
      folding.set(fold.id, open: !fold.isOpen)
      return []
    }
    switch line.action {
    case .showMore(let id): folding.showMore(of: id)
    case .read(let step): wish = part(step)
    case .go(let key): return [.goToJob(key)]
    case nil: return [.say("nothing folds here; y copies it")]
    }
    return []
  }

  private func part(_ step: PageStep) -> JobPart? {
    switch step.subject {
    case .logs: logs.part(step.way)
    case .children: children.part(step.way)
    case .text(let field): read?.contents?.place(step.way, of: field).map { .text(field, from: $0) }
    }
  }

  /// Folds what is open here; else goes to what it stands in.
  private mutating func fold(area: Area) {
    guard let line = selectedLine else { return }
    if let fold = line.fold, fold.isOpen, !isRoot(fold.id) {
      folding.set(fold.id, open: false)
    } else if let outer = page.lines[..<focus.cursor].lastIndex(where: { $0.fold != nil && $0.indent < line.indent }) {
      move(to: outer, area: area)
    } else if let fold = line.fold {
      folding.set(fold.id, open: false)
    }
  }

  private func isRoot(_ id: FoldID) -> Bool { id.part == .data && id.path.steps.isEmpty }

  private mutating func setAll(open: Bool) {
    for fold in page.lines.compactMap(\.fold) where open || !isRoot(fold.id) { folding.set(fold.id, open: open) }
  }

  /// Keeps the selection where it was, though the page was made anew.
  mutating func keepPlace(from before: DetailPage, area: Area) {
    guard before.lines.indices.contains(focus.cursor) else { return }
    let old = before.lines[focus.cursor]
    if tab == .logs, logs.isFollowing, focus.cursor == before.lines.count - 1 || !focus.isOn && isAtEnd(before, area) {
      return move(to: page.lines.count - 1, area: area)
    }
    func isSame(_ line: DetailPage.Line) -> Bool {
      line.path == old.path && line.fold?.id == old.fold?.id && line.label == old.label
    }
    guard old.path != nil || old.fold != nil,
      !page.lines.indices.contains(focus.cursor) || !isSame(page.lines[focus.cursor])
    else { return }
    if let index = page.lines.firstIndex(where: isSame) {
      let distance = index - focus.cursor
      top = max(0, top + distance)
      move(to: index, area: area)
    }
  }

  private func isAtEnd(_ page: DetailPage, _ area: Area) -> Bool { top >= page.lines.count - room(in: area) }

  // MARK: Searching

  /// Takes a key while something is typed.
  mutating func type(_ input: InputEvent, area: Area) -> [Request] {
    let isFilter = focus.typing == .filter
    var text = isFilter ? logs.filter : focus.search
    switch TypedKey(input) {
    case .enter:
      focus.typing = nil
      return isFilter || text.isEmpty || selectedLine.map(matches) == true ? [] : findMatch(step: 1, area: area)
    case .escape: (text, focus.typing) = ("", nil)
    case .erase: if text.isEmpty { focus.typing = nil } else { text.removeLast() }
    case .letter(let character): if text.count < 200 { text.append(character) }
    case nil: return []
    }
    if isFilter {
      logs.filter = text
      readings += 1
    } else {
      focus.search = text
    }
    return []
  }

  /// Whether a line holds what is looked for.
  func matches(_ line: DetailPage.Line) -> Bool {
    guard !focus.search.isEmpty else { return false }
    return line.isMatch || JSONMatches.occurs(focus.search, in: line.text)
      || JSONMatches.occurs(focus.search, in: line.label)
  }

  private mutating func findMatch(step: Int, area: Area) -> [Request] {
    guard !focus.search.isEmpty else { return [.say("/ searches the page")] }
    let (below, above) = (page.lines.indices.dropFirst(focus.cursor + 1), page.lines.indices.prefix(focus.cursor))
    let (ahead, behind) = step > 0 ? (Array(below), Array(above)) : (above.reversed(), below.reversed())
    if let found = ahead.first(where: { matches(page.lines[$0]) }) {
      show(line: found, area: area)
      return []
    }
    // The other way, the farthest is the first from that end.
    if let found = behind.last(where: { matches(page.lines[$0]) }) {
      show(line: found, area: area)
      return [.say("no more on this page; on from the \(step > 0 ? "first" : "last")")]
    }
    let isHere = selectedLine.map(matches) == true
    return [.say(isHere ? "no other on this page" : "nothing on this page matches '\(focus.search)'", isError: !isHere)]
  }

  /// Goes to the first line that holds what is being typed.
  mutating func moveToFirstMatch(area: Area) {
    if let found = page.lines.firstIndex(where: matches) { show(line: found, area: area) }
  }

  /// Goes to a line that may be far away: there it stands amid what is around it.
  private mutating func show(line: Int, area: Area) {
    let room = room(in: area)
    if !(top..<top + room).contains(line) { top = clamp(line - room / 2, area: area) }
    move(to: line, area: area)
  }

  // MARK: Copying

  private func copy() -> [Request] {
    guard let line = selectedLine else { return [] }
    let value = line.json.map { $0.text } ?? line.copied ?? line.text
    guard !value.isEmpty else { return [.say("there is nothing to copy")] }
    return [.perform(.copy(value)), .say("copied \(Formatting.firstLine(value))")]
  }

  private func copyPath() -> [Request] {
    guard let path = selectedLine?.path else { return [.say("this line has no path")] }
    return [.perform(.copy(path)), .say("copied \(path)")]
  }

  /// Esc: one step back within the detail.
  ///
  /// - Returns: whether there was one.
  mutating func back() -> Bool {
    guard focus.isOn else { return false }
    if !focus.search.isEmpty {
      focus.search = ""
    } else if tab == .logs, !logs.filter.isEmpty {
      logs.filter = ""
      readings += 1
    } else {
      (focus.isOn, why.isOn) = (false, false)
    }
    return true
  }

  /// A click: on a page's name it shows that, on a line it goes there, and on the selected line it does what Enter does.
  mutating func click(row: Int, column: Int, area: Area, in scene: Scene) -> [Request] {
    if row == area.rows.lowerBound {
      if let tab = tabPlaces(in: area).first(where: { $0.columns.contains(column) })?.tab { show(tab) }
      return []
    }
    if tab == .why { return clickWhy(row: row, area: area) }
    let line = top + row - area.rows.lowerBound - 1
    guard page.lines.indices.contains(line), row - area.rows.lowerBound <= room(in: area) else { return [] }
    if focus.isOn, focus.cursor == line { return open(in: scene) }
    focus.isOn = true
    focus.cursor = line
    return []
  }
}
