/// What a key asks for.
protocol KeyCommand: Hashable, Sendable {
  /// What it is called in the settings: the same in all tables that have it.
  var name: String { get }
}

extension KeyCommand {
  /// The case's name, in small letters: `next-problem`.
  var name: String { Self.spelled("\(self)") }

  static func spelled(_ word: String) -> String {
    word.reduce(into: "") { name, letter in name += letter.isUppercase ? "-\(letter.lowercased())" : String(letter) }
  }
}

/// What keys do: the one table behind the handling of keys, the help and the last row's hints.
struct KeyTable<Command: KeyCommand>: Sendable {
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

  /// What a key asks for, where nobody has chosen otherwise.
  subscript(_ input: InputEvent) -> Command? { commands[input] }

  /// What a key asks for.
  ///
  /// - Parameter chosen: the keys that the person has chosen.
  subscript(_ input: InputEvent, _ chosen: KeyBindings) -> Command? {
    if chosen.isEmpty { return commands[input] }
    if let own = bindings.first(where: { chosen[$0.command.name]?.contains(input) == true }) { return own.command }
    return commands[input].flatMap { chosen[$0.name] == nil ? $0 : nil }
  }

  /// The table for people.
  var help: [KeyHelp] {
    bindings.map {
      KeyHelp(name: $0.command.name, group: $0.group, shown: $0.shown, does: $0.does, hint: $0.hint, keys: $0.keys)
    }
  }
}

/// One line of the help.
struct KeyHelp: Sendable, Hashable {
  /// What the action is called in the settings.
  var name: String
  var group: String
  var shown: String
  var does: String
  var hint: String?
  var keys: [InputEvent]

  /// The one of the keys that takes the least room: a letter where there is one.
  var shortest: String {
    let words = shown.split(separator: " ").map(String.init)
    return words.last { $0.count == 1 && $0.first?.isASCII == true } ?? words.first ?? "?"
  }
}
