/// A key as people write it: `T`, `ctrl-d`, `page-down`.
struct KeyName: Sendable, Hashable {
  /// What the help calls it: `Ctrl-D`.
  let shown: String
  /// What terminals send for it.
  let events: [InputEvent]

  private static let named: [String: KeyName] = [
    "up": .init("↑", .key(.up)), "down": .init("↓", .key(.down)), "left": .init("←", .key(.left)),
    "right": .init("→", .key(.right)), "page-up": .init("PgUp", .key(.pageUp)),
    "page-down": .init("PgDn", .key(.pageDown)), "home": .init("Home", .key(.home)), "end": .init("End", .key(.end)),
    "enter": .init("Enter", .key(.enter), .character("\r"), .character("\n")), "esc": .init("Esc", .key(.escape)),
    "tab": .init("Tab", .key(.tab), .character("\t")), "shift-tab": .init("Shift-Tab", .key(.backTab)),
    "space": .init("Space", .character(" ")), "f1": .init("F1", .key(.f1)),
    "backspace": .init("Backspace", .key(.backspace), .character("\u{7F}"), .character("\u{08}")),
  ]

  /// Those that terminals, or we, keep for themselves: Ctrl-C ends, Ctrl-Z stops, Ctrl-M is Enter.
  private static let kept: Set<Character> = ["c", "h", "i", "j", "m", "q", "s", "z"]

  /// What keys may be called, for people.
  static let advice =
    "a key is one character, ctrl- and a letter (not \(kept.sorted().map(String.init).joined(separator: " "))), "
    + "or one of \(named.keys.sorted().joined(separator: " "))"

  private init(_ shown: String, _ events: InputEvent...) {
    self.shown = shown
    self.events = events
  }

  /// - Returns: `nil` for what is no key, or none that can be chosen.
  init?(_ text: String) {
    if let known = Self.named[text.lowercased()], text.count > 1 {
      self = known
    } else if let letter = text.first, text.count == 1, let code = letter.unicodeScalars.first?.value, code > 32,
      code != 127, TextCleaner.width(text, isASCII: false, most: 3) == 1
    {
      self.init(text, .character(letter))
    } else if text.count == 6, text.lowercased().hasPrefix("ctrl-"), let letter = text.lowercased().last,
      let code = letter.asciiValue, ("a"..."z").contains(letter), !Self.kept.contains(letter)
    {
      self.init("Ctrl-\(letter.uppercased())", .character(Character(Unicode.Scalar(code & 0x1F))))
    } else {
      return nil
    }
  }
}
