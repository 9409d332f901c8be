import FlowMonitor
import QueueClient

/// The menu of what can be done: what the explanation proposes first, then what the table allows.
struct ActionMenu: Sendable, Hashable {
  /// One line.
  struct Item: Sendable, Hashable {
    /// What it does; `nil` for a command that only a shell can run.
    var action: JobAction?
    /// What it does to each job of a group.
    var group: GroupAction?
    var words: String
    /// What the list calls the key that does the same.
    var keyName: String?
    var commandLines: [String]
    /// What stands in place of the command lines.
    var note: String?
    /// Whether the explanation proposes it.
    var isFix = false

    init(_ action: JobAction) {
      self.action = action
      words = action.words
      keyName = action.verb.keyName
      commandLines = action.commandLines
    }

    init(_ group: GroupAction, count: String) {
      self.group = group
      words = group.words
      keyName = group.verb.keyName
      commandLines = []
      note = "\(count) jobs"
    }

    init(_ fix: Cause.Fix) {
      action = fix.action
      words = fix.words
      keyName = fix.action?.verb.keyName
      commandLines = [fix.commandLine]
      isFix = true
    }
  }

  let title: String
  let items: [Item]
  private(set) var cursor = 0
  /// The one job that it is about.
  let subject: JobKey?
  /// What the table allows.
  private let actions: [JobAction]
  /// Whether nothing may be done, only command lines copied.
  let isReadOnly: Bool

  /// Why the menu is empty of somebody who may change nothing.
  static let readOnly = "--read-only (or read_only in the settings) forbids it"
  /// So many proposals are enough.
  private static let mostFixes = 6

  /// - Parameters:
  ///   - subject: the one job that it is about.
  ///   - fixes: what the explanation proposes, the best first.
  ///   - actions: what the table allows.
  init(title: String, subject: JobKey? = nil, fixes: [Cause.Fix], actions: [JobAction], isReadOnly: Bool) {
    self.title = title
    self.subject = subject
    self.actions = actions
    self.isReadOnly = isReadOnly
    var known: Set<Cause.Fix> = []
    let proposed = fixes.filter { known.insert($0).inserted }.prefix(Self.mostFixes).map(Item.init)
    let taken = Set(proposed.compactMap(\.action))
    items = proposed + actions.filter { !taken.contains($0) }.map(Item.init)
  }

  /// A menu of what can be done with a group.
  init(title: String, items: [Item], isReadOnly: Bool) {
    self.title = title
    self.isReadOnly = isReadOnly
    (subject, actions) = (nil, [])
    self.items = isReadOnly ? items.filter { !$0.commandLines.isEmpty } : items
  }

  /// The same with what an explanation proposes that has come meanwhile; what somebody has gone to stays selected.
  func proposing(_ fixes: [Cause.Fix]) -> ActionMenu {
    var menu = ActionMenu(title: title, subject: subject, fixes: fixes, actions: actions, isReadOnly: isReadOnly)
    if cursor > 0, let selected {
      menu.cursor = menu.items.firstIndex { $0.commandLines == selected.commandLines } ?? 0
    }
    return menu
  }

  var selected: Item? { items.indices.contains(cursor) ? items[cursor] : nil }

  mutating func move(by distance: Int) { cursor = max(0, min(items.count - 1, cursor + distance)) }

  /// - Parameter keys: those that the person has chosen.
  func lines(by keys: KeyBindings) -> [ActionBox.Line] {
    guard !items.isEmpty else {
      let nothing = isReadOnly ? Self.readOnly : "nothing can be done with it"
      return [.init(nothing, .warning), .init("any key closes this", .faint)]
    }
    let widest = items.map(\.words.count).max() ?? 0
    let lines = items.enumerated().map { index, item in
      let number = index < 9 ? "\(index + 1)" : " "
      let key = item.keyName.map { "(\(keys.shown($0)))" } ?? "   "
      let words = item.words.padding(to: widest)
      let lines = item.commandLines
      let command = item.note ?? (lines.count == 1 ? lines[0] : "\(Formatting.count(lines.count)) jobs")
      return ActionBox.Line("\(number)  \(words)  \(key)  \(command)", item.isFix ? .key : .text)
    }
    if isReadOnly {
      let keys = "\(keys.shown("choose")) \(keys.shown("copy-command"))"
      return lines + [.init("\(Self.readOnly); \(keys): copy", .warning)]
    }
    return lines + [
      .init(
        "\(keys.shown("choose")) shows what it would change   \(keys.shown("copy-command")) copies the command   Esc leaves",
        .faint)
    ]
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
