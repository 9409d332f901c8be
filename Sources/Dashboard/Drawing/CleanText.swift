import QueueClient

/// Text from Redis, made fit for a line of plain output.
public enum CleanText {
  /// The text without anything a terminal would act on; line breaks become marks.
  public static func line(_ text: String, isASCII: Bool = false) -> String {
    TextCleaner.glyphs(text, isASCII: isASCII).map(\.text).joined()
  }

  /// The sign of a state.
  public static func sign(of state: JobState, isASCII: Bool) -> String {
    Glyphs(isASCII: isASCII).state(state)
  }
}

extension Frame {
  /// The picture with a theme's colours, as escape sequences of 256-colour terminals.
  public func ansi(theme: Theme) -> String {
    (0..<size.rows).map { row in
      var line = ""
      var last: Style?
      for cell in self.row(row) {
        if cell.style != last {
          line += theme.look(of: cell.style).escape
          last = cell.style
        }
        line += cell.text
      }
      return line + "\u{1B}[0m"
    }.joined(separator: "\n")
  }
}

extension Theme.Look {
  fileprivate var escape: String {
    var codes = ["0"]
    for attribute in attributes {
      switch attribute {
      case .bold: codes.append("1")
      case .dim: codes.append("2")
      case .underline: codes.append("4")
      case .reverse: codes.append("7")
      }
    }
    if foreground != .default { codes.append("38;5;\(foreground.nearest(of: 256))") }
    if background != .default { codes.append("48;5;\(background.nearest(of: 256))") }
    return "\u{1B}[\(codes.joined(separator: ";"))m"
  }
}
