/// What keys do: the one table behind the handling of keys and the help screen.
struct Keymap {
  /// Something that a key asks for.
  enum Action: String, CaseIterable, Hashable {
    case up, down, pageUp, pageDown, top, bottom
    case fold, unfold, toggleFold, foldAll, unfoldAll
    case detail, nextTab, previousTab, scrollDetailDown, scrollDetailUp, why
    case search, nextMatch, previousMatch
    case stateFilter, problemsOnly, sort
    case enableNotifications, theme, copy, help, close, quit
  }

  /// One line of the help: the keys, and what they do.
  struct Binding {
    var action: Action
    var keys: [InputEvent]
    var shown: String
    var does: String
    var group: String
  }

  static let bindings: [Binding] = [
    Binding(.up, "Moving", "↑ k", "up one row", .key(.up), .character("k")),
    Binding(.down, "Moving", "↓ j", "down one row", .key(.down), .character("j")),
    Binding(.pageUp, "Moving", "PgUp Ctrl-B", "up one page", .key(.pageUp), .character("\u{02}")),
    Binding(.pageDown, "Moving", "PgDn Ctrl-F", "down one page", .key(.pageDown), .character("\u{06}")),
    Binding(.top, "Moving", "Home g", "to the first row", .key(.home), .character("g")),
    Binding(.bottom, "Moving", "End G", "to the last row", .key(.end), .character("G")),
    Binding(.fold, "Tree", "← h", "fold, or go to the parent", .key(.left), .character("h")),
    Binding(.unfold, "Tree", "→ l", "unfold, or go to the first child", .key(.right), .character("l")),
    Binding(.toggleFold, "Tree", "Space", "fold or unfold", .character(" ")),
    Binding(.foldAll, "Tree", "-", "fold all flows", .character("-")),
    Binding(.unfoldAll, "Tree", "+", "unfold all flows", .character("+"), .character("=")),
    Binding(.search, "Finding", "/", "search names, ids, queues and reasons", .character("/")),
    Binding(.nextMatch, "Finding", "n", "next match", .character("n")),
    Binding(.previousMatch, "Finding", "N", "previous match", .character("N")),
    Binding(.stateFilter, "Finding", "f", "only flows with a job in one state", .character("f")),
    Binding(.problemsOnly, "Finding", "!", "only flows that need a person", .character("!")),
    Binding(.sort, "Finding", "s", "sort: by need, newest, name", .character("s")),
    Binding(
      .detail, "Detail", "Enter", "show or hide the job's detail", .key(.enter), .character("\r"), .character("\n")),
    Binding(.nextTab, "Detail", "Tab", "next page of the detail", .key(.tab), .character("\t")),
    Binding(.previousTab, "Detail", "Shift-Tab", "page before", .key(.backTab)),
    Binding(.scrollDetailDown, "Detail", "J ]", "scroll the detail down", .character("J"), .character("]")),
    Binding(.scrollDetailUp, "Detail", "K [", "scroll the detail up", .character("K"), .character("[")),
    Binding(.why, "Detail", "w", "why is this not done?", .character("w")),
    Binding(.copy, "Other", "y", "copy the job's key", .character("y")),
    Binding(.enableNotifications, "Other", "E", "turn keyspace notifications on", .character("E")),
    Binding(.theme, "Other", "t", "next theme", .character("t")),
    Binding(.help, "Other", "? F1", "this help", .character("?")),
    Binding(.close, "Other", "Esc", "close what is open", .key(.escape)),
    Binding(.quit, "Other", "q Ctrl-C", "quit", .character("q"), .character("\u{03}")),
  ]

  static let actions: [InputEvent: Action] = Dictionary(
    bindings.flatMap { binding in binding.keys.map { ($0, binding.action) } }
  ) { first, _ in first }
}

extension Keymap.Binding {
  fileprivate init(
    _ action: Keymap.Action, _ group: String, _ shown: String, _ does: String, _ keys: InputEvent...
  ) {
    self.init(action: action, keys: keys, shown: shown, does: does, group: group)
  }
}
