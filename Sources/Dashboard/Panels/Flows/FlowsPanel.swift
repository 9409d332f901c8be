import FlowMonitor
import QueueClient

/// The list of flows as trees: where it stands, what is chosen, folded, marked and searched.
struct FlowsPanel: Panel {
  /// What the monitor is told of all this.
  var window = Window()
  /// The rows that are loaded; worked out when a picture comes or something is folded, not for each frame.
  var rows = FlowRows()
  /// Whether the first of all flows is among them.
  var hasFirst = true
  /// Which row is selected, whatever rows come and go around it, and where it was last.
  var selection: Outline.ID?
  var cursor = 0
  /// Whether the person has chosen a row; until then the first one is selected, whichever that is.
  var hasChosen = false
  /// The first row on the screen.
  var top = 0
  /// An end of the list that the person has asked for and that is not loaded yet.
  var wish: Wish?
  /// So many rows the selection is still to go, down or up, through what is not loaded yet.
  var owed = 0
  /// A job that is gone to, by the way from its root to it.
  var goal: [JobKey]?
  /// The problem that was gone to last.
  var visit: Visit?
  /// What there is to say of what a picture brought; said once.
  var said: String?
  var marks: Set<Outline.ID> = []
  var search = Search()
  var showsIDs = false

  /// An end of the list.
  enum Wish: Sendable, Hashable { case first, last }

  /// What is looked for among the rows that are loaded.
  struct Search: Sendable, Hashable {
    var text = ""
    /// Where the search began, while it is typed.
    var origin: Int?
  }

  enum Command: RowCommand {
    case up, down, pageUp, pageDown, first, last
    case fold, unfold, foldAll, unfoldAll, mark, ids
    case open, why, copy
    case actions, act(ActionChoice)
    case search, nextMatch, previousMatch
    case filterState, sort

    var name: String {
      switch self {
      case .act(let choice): choice.name
      default: Self.spelled("\(self)")
      }
    }
  }

  private typealias Binding = KeyTable<Command>.Binding

  static let keys = KeyTable<Command>(
    Binding.moving(first: "to the first flow", last: "to the end (of a group)") + ofTrees + [.actions]
      + Binding.jobVerbs() + [.pauseQueue()] + finding)

  private static let ofTrees: [Binding] = [
    .open("Flows", "detail, or open a group"), .why("Flows"),
    .init(.fold, "Flows", "← h", "fold, or to the parent", .key(.left), .character("h")),
    .init(.unfold, "Flows", "→ l", "unfold, or to the child", .key(.right), .character("l")),
    .init(.foldAll, "Flows", "-", "fold all flows", .character("-")),
    .init(.unfoldAll, "Flows", "+", "unfold all flows", .character("+"), .character("=")),
    .mark("Flows"),
    .init(.ids, "Flows", "i", "show ids", .character("i")),
    .copy("Flows", "copy the job's key"),
  ]

  private static let finding: [Binding] = [
    .init(.search, "Finding", "/", "search what is loaded", hint: "search", .character("/")),
    .init(.nextMatch, "Finding", "n", "next match", .character("n")),
    .init(.previousMatch, "Finding", "N", "previous match", .character("N")),
    .init(.filterState, "Finding", "f", "only flows in one state", .character("f")),
    .init(.sort, "Finding", "s", "change the order", hint: "sort", .character("s")),
  ]

  mutating func perform(_ command: Command, in scene: Scene) -> [Request] {
    switch command {
    case .up: step(by: -1, in: scene)
    case .down: step(by: 1, in: scene)
    case .pageUp: page(by: -1, in: scene)
    case .pageDown: page(by: 1, in: scene)
    case .first: goTo(.first, in: scene)
    case .last: goTo(.last, in: scene)
    case .fold: fold(in: scene)
    case .unfold: unfold(in: scene)
    case .foldAll: setAllOpen(false, in: scene)
    case .unfoldAll: setAllOpen(true, in: scene)
    case .mark: mark()
    case .ids: showsIDs.toggle()
    case .open: return open(in: scene)
    case .why: return selection == nil ? [] : [.showDetail(.why)]
    case .copy:
      guard let key = selectedJobKey else { return [] }
      return [.perform(.copy(key.description)), .say("copied \(key)")]
    case .actions: return openMenu(in: scene)
    case .act(let choice): return act(choice, in: scene)
    case .search: search = Search(text: "", origin: cursor)
    case .nextMatch: return findMatch(step: 1, in: scene)
    case .previousMatch: return findMatch(step: -1, in: scene)
    case .filterState: setFilter(window.filter.next)
    case .sort: setOrder(window.order.next)
    }
    return []
  }

  // MARK: The rows

  /// Works the rows out again, keeps the selection on its row, and the list where it stands.
  mutating func arrange(in scene: Scene) {
    let wasVisible = visible.contains(cursor)
    let place = cursor - top
    let before = rows
    let placeBefore = cursor
    rows = FlowRows(Outline(of: scene.picture, window: window))
    hasFirst = scene.picture.flows.isFirst
    top = anchoredTop(asIn: before)
    if let wish, fulfil(wish, scene.picture) { return }
    if approachGoal(in: scene) { return }
    if !hasChosen {
      cursor = top
    } else if let found = reached(from: before) ?? selection.flatMap({ rows.index(of: $0, near: cursor) }) {
      cursor = found
    } else {
      // It is gone: what it stood below, if that is still there, else what stands in its place.
      cursor = nearestAbove(placeBefore, in: before, scene: scene) ?? top + max(0, place)
    }
    cursor = clamp(cursor)
    selection = rows.isEmpty ? nil : rows[cursor].id
    if wasVisible, !visible.contains(cursor) {
      if case .flow = window.anchor { top = clampTop(cursor - place) }
      bringIntoView()
    }
    if case .flow = window.anchor { (window.anchor, window.offset) = anchor(for: top) }
    if owed != 0 { step(by: 0, in: scene) }
  }

  /// What a row that is gone stood below; where that is open still, it is said that the row left it.
  private mutating func nearestAbove(_ place: Int, in before: FlowRows, scene: Scene) -> Int? {
    var above = before.parentIndex(of: place)
    while let index = above {
      if let found = rows.index(of: before[index].id, near: index) {
        if rows[found].isOpen, let key = before[place].id.job {
          said = "\(scene.picture.name(of: key)) is no longer here; what it stood below is selected"
        }
        return found
      }
      above = before.parentIndex(of: index)
    }
    return nil
  }

  /// Where the list stands by the window's anchor. The row at the top stays there, whatever comes or goes above it in its
  /// flow.
  private func anchoredTop(asIn before: FlowRows) -> Int {
    switch window.anchor {
    case .first: return clampTop(window.offset)
    case .last: return clampTop(rows.count)
    case .flow(let root):
      guard let start = rows.index(of: .job(root), near: top - window.offset) else { return clampTop(top) }
      let same = before.indices.contains(top) ? rows.index(of: before[top].id, near: start + window.offset) : nil
      return clampTop(same.flatMap { rows[$0].root == root ? $0 : nil } ?? start + window.offset)
    }
  }

  /// Where the selection goes that waited for more members of a group: to the first of those that have come.
  private func reached(from before: FlowRows) -> Int? {
    guard case .more? = selection, cursor > 0, before.indices.contains(cursor),
      let last = rows.index(of: before[cursor - 1].id, near: cursor - 1)
    else { return nil }
    return rows.indices.contains(last + 1) && rows[last + 1].depth == before[cursor].depth ? last + 1 : last
  }

  private mutating func fulfil(_ wish: Wish, _ picture: Picture) -> Bool {
    guard picture.window.anchor == window.anchor, wish == .first ? picture.flows.isFirst : picture.flows.isLast else {
      return false
    }
    self.wish = nil
    cursor = wish == .first ? 0 : clamp(rows.count - 1)
    selection = rows.isEmpty ? nil : rows[cursor].id
    top = clampTop(cursor)
    return true
  }

  /// Asks for more members of an open group whose loaded ones end on the screen, or a screenful further down.
  mutating func loadMore(in scene: Scene) {
    for index in (top..<top + 2 * height).clamped(to: rows.indices) {
      guard case .more(let key) = rows[index].id else { continue }
      let loaded = scene.picture.families[key.parent]?.groups.first { $0.id == key.group }?.members.count ?? 0
      let wanted = loaded + max(Self.memberPage, window.height)
      if wanted > window.openGroups[key] ?? 0 { window.openGroups[key] = wanted }
    }
  }

  /// So many members of a group are asked for at a time.
  static let memberPage = 50

  // MARK: What is selected

  var selectedRow: Outline.Row? { rows.indices.contains(cursor) ? rows[cursor] : nil }

  /// The selected job; of a group, its parent's key is no job of the row.
  var selectedJobKey: JobKey? { selection?.job }

  /// Whether what is selected is a flow or a job that needs somebody.
  func selectionHasProblem(in scene: Scene) -> Bool {
    guard let key = selectedJobKey else { return false }
    return scene.picture.trouble(of: key)?.needsPerson == true
  }
}

extension FlowOrder {
  /// The order that `s` goes on to.
  var next: FlowOrder {
    let all = FlowOrder.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }
}

extension FlowFilter {
  /// The filters that `f` goes through.
  static let states: [JobState] = [.failed, .active, .waitingChildren, .waiting, .delayed, .prioritized, .completed]

  /// The filter that `f` goes on to.
  var next: FlowFilter {
    guard case .state(let state) = self, let index = Self.states.firstIndex(of: state) else {
      return .state(Self.states[0])
    }
    return index + 1 < Self.states.count ? .state(Self.states[index + 1]) : .all
  }

  /// What filters are called.
  static let names = ["none", "problems"] + states.map(\.rawValue)

  /// The filter of a name; `nil` where there is none.
  static func all(named name: String) -> FlowFilter? {
    ([.all, .problems] + states.map { .state($0) }).first { $0.words == name }
  }

  /// In a word.
  var words: String {
    switch self {
    case .all: "none"
    case .problems: "problems"
    case .state(let state): state.rawValue
    }
  }
}
