/// What a person does at the terminal.
public enum InputEvent: Sendable, Hashable {
  /// A key that writes a character.
  case character(Character)
  /// A key that does not.
  case key(Key)
  /// A click into a cell.
  case click(row: Int, column: Int)
  /// The wheel over a cell; positive scrolls down.
  case wheel(Int, row: Int, column: Int)
  /// The terminal has another size now.
  case resize(Frame.Size)
  /// The program was asked to end (Ctrl-C, SIGTERM, SIGHUP).
  case end

  /// Whether a person has pressed a key.
  var isKey: Bool {
    switch self {
    case .character, .key: true
    case .click, .wheel, .resize, .end: false
    }
  }

  /// Keys without a character.
  public enum Key: String, Sendable, Hashable, CaseIterable {
    case up, down, left, right, pageUp, pageDown, home, end, enter, escape, backspace, tab, backTab, f1
  }
}
