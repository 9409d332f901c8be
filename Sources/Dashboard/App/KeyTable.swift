/// What keys do: the one table behind the handling of keys, the help and the last row's hints.
struct KeyTable<Command: Hashable & Sendable>: Sendable {
  /// One line of the help: the keys, and what they do.
  struct Binding: Sendable {
    var command: Command
    var group: String
    var shown: String
    var does: String
    /// A word for the last row, where there is room; `nil` for keys that are not needed first.
    var hint: String?
    var keys: [InputEvent]

    init(
      _ command: Command, _ group: String, _ shown: String, _ does: String, hint: String? = nil, _ keys: InputEvent...
    ) {
      self.command = command
      self.group = group
      self.shown = shown
      self.does = does
      self.hint = hint
      self.keys = keys
    }
  }

  let bindings: [Binding]
  private let commands: [InputEvent: Command]

  init(_ bindings: [Binding]) {
    self.bindings = bindings
    commands = Dictionary(bindings.flatMap { binding in binding.keys.map { ($0, binding.command) } }) { first, _ in
      first
    }
  }

  /// What a key asks for.
  subscript(_ input: InputEvent) -> Command? { commands[input] }

  /// The table for people.
  var help: [KeyHelp] {
    bindings.map { KeyHelp(group: $0.group, shown: $0.shown, does: $0.does, hint: $0.hint, keys: $0.keys) }
  }
}

/// One line of the help.
struct KeyHelp: Sendable, Hashable {
  var group: String
  var shown: String
  var does: String
  var hint: String?
  var keys: [InputEvent]
}
