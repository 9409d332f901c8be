/// What the keys ask for that move in rows or lines.
protocol MovingCommand: KeyCommand {
  static var up: Self { get }
  static var down: Self { get }
  static var pageUp: Self { get }
  static var pageDown: Self { get }
  static var first: Self { get }
  static var last: Self { get }
}

/// What the keys of everything that is a list of rows ask for.
protocol RowCommand: MovingCommand {
  static var open: Self { get }
  static var why: Self { get }
  static var mark: Self { get }
  static var copy: Self { get }
  static var actions: Self { get }
  static func act(_ choice: ActionChoice) -> Self
}

extension ActionChoice {
  /// What it is called in the settings.
  var name: String {
    switch self {
    case .verb(let verb): verb.rawValue
    case .pauseOrResume: "pause-queue"
    }
  }
}

/// The keys that move are the same everywhere.
extension KeyTable.Binding where Command: MovingCommand {
  /// - Parameters:
  ///   - group: where the help has them.
  ///   - unit: what they move by.
  ///   - first: what the key to the beginning does; to the first one, where nothing is said.
  ///   - last: what the key to the end does.
  static func moving(
    _ group: String = "Moving", by unit: String = "row", first: String? = nil, last: String? = nil
  ) -> [Self] {
    [
      .init(.up, group, "↑ k", "up one \(unit)", .key(.up), .character("k")),
      .init(.down, group, "↓ j", "down one \(unit)", .key(.down), .character("j")),
      .init(.pageUp, group, "PgUp Ctrl-B", "up one page", .key(.pageUp), .character("\u{02}")),
      .init(.pageDown, group, "PgDn Ctrl-F", "down one page", .key(.pageDown), .character("\u{06}")),
      .init(.first, group, "Home g", first ?? "to the first \(unit)", .key(.home), .character("g")),
      .init(.last, group, "End G", last ?? "to the last \(unit)", .key(.end), .character("G")),
    ]
  }
}

/// The keys that lists have in common, so that each does the same in all of them.
extension KeyTable.Binding where Command: RowCommand {
  static func open(_ group: String, _ does: String, hint: String = "open") -> Self {
    .init(.open, group, "Enter", does, hint: hint, .key(.enter), .character("\r"), .character("\n"))
  }

  static func why(_ group: String = "Acting") -> Self {
    .init(.why, group, "w", "why is it not done?", hint: "why", .character("w"))
  }

  static func mark(_ group: String = "Acting") -> Self { .init(.mark, group, "Space", "mark", .character(" ")) }

  static func copy(_ group: String = "Acting", _ does: String = "copy its key") -> Self {
    .init(.copy, group, "y", does, .character("y"))
  }

  static var actions: Self { .init(.actions, "Acting", "a", "what can be done here", hint: "act", .character("a")) }

  /// - Parameter retryHint: the word for the last row, where retrying is what one needs first.
  static func jobVerbs(retryHint: String? = nil) -> [Self] {
    [
      .init(.act(.verb(.retry)), "Acting", "r", "retry the job", hint: retryHint, .character("r")),
      .init(.act(.verb(.retryFlow)), "Acting", "R", "retry all that failed", .character("R")),
      .init(.act(.verb(.promote)), "Acting", "P", "run a delayed job now", .character("P")),
      .init(.act(.verb(.remove)), "Acting", "x", "remove it and all below", .character("x")),
      .init(.act(.verb(.removeUnprocessed)), "Acting", "u", "remove what it waits for", .character("u")),
      .init(.act(.verb(.removeDependency)), "Acting", "D", "let its parent go on", .character("D")),
      .init(.act(.verb(.cloneFlow)), "Acting", "c", "add the flow again", .character("c")),
    ]
  }

  static func pauseQueue(hint: String? = nil) -> Self {
    .init(.act(.pauseOrResume), "Acting", "p", "pause or resume the queue", hint: hint, .character("p"))
  }
}
