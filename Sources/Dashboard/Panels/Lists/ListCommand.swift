/// What the keys of the lists ask for; each view has those that mean something there.
enum ListCommand: Hashable, Sendable {
  case up, down, pageUp, pageDown, first, last
  case open, why, copy, mark, find, sort, reverse
  case nextState, previousState, pause
  case actions, act(ActionChoice)
}

extension KeyTable where Command == ListCommand {
  /// The keys of a list: those that move in all of them, then its own.
  init(ofList own: [Binding]) { self.init(Binding.moving + own) }
}

/// The keys that more than one list has.
extension KeyTable<ListCommand>.Binding {
  static let moving: [Self] = [
    .init(.up, "Moving", "↑ k", "up one row", .key(.up), .character("k")),
    .init(.down, "Moving", "↓ j", "down one row", .key(.down), .character("j")),
    .init(.pageUp, "Moving", "PgUp Ctrl-B", "up one page", .key(.pageUp), .character("\u{02}")),
    .init(.pageDown, "Moving", "PgDn Ctrl-F", "down one page", .key(.pageDown), .character("\u{06}")),
    .init(.first, "Moving", "Home g", "to the first row", .key(.home), .character("g")),
    .init(.last, "Moving", "End G", "to the last row", .key(.end), .character("G")),
  ]

  static func open(_ group: String, _ does: String, hint: String = "open") -> Self {
    .init(.open, group, "Enter", does, hint: hint, .key(.enter), .character("\r"), .character("\n"))
  }

  static func find(_ does: String) -> Self {
    .init(.find, "Finding", "/", does, hint: "filter", .character("/"))
  }

  static let why = Self(.why, "Acting", "w", "why is it not done?", hint: "why", .character("w"))
  static let copy = Self(.copy, "Acting", "y", "copy its key", .character("y"))
  static let actions = Self(.actions, "Acting", "a", "what can be done here", hint: "act", .character("a"))
  static let mark = Self(.mark, "Acting", "Space", "mark", .character(" "))
  static let pauseQueue = Self(
    .act(.pauseOrResume), "Acting", "p", "pause or resume the queue", hint: "pause", .character("p"))
  static let runNow = Self(.act(.verb(.promote)), "Acting", "P", "run it now", .character("P"))

  static let jobVerbs: [Self] = [
    .init(.act(.verb(.retry)), "Acting", "r", "retry the job", hint: "retry", .character("r")),
    .init(.act(.verb(.retryFlow)), "Acting", "R", "retry all that failed", .character("R")),
    .init(.act(.verb(.promote)), "Acting", "P", "run a delayed job now", .character("P")),
    .init(.act(.verb(.remove)), "Acting", "x", "remove it and all below", .character("x")),
    .init(.act(.verb(.removeUnprocessed)), "Acting", "u", "remove what it waits for", .character("u")),
    .init(.act(.verb(.removeDependency)), "Acting", "D", "let its parent go on", .character("D")),
    .init(.act(.verb(.cloneFlow)), "Acting", "c", "add the flow again", .character("c")),
  ]
}
