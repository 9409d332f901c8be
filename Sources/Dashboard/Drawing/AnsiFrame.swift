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
    for attribute in attributes.sorted(by: { $0.rawValue < $1.rawValue }) {
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
