/// Secrets that stand in a command line where they do not belong.
enum Secrets {
  /// A text without what may be a URL, or a password and a host: quoted words, and words at all, that hold `://` or `@`.
  static func hidden(in text: String) -> String {
    let quoted = text.split(separator: "'", omittingEmptySubsequences: false)
    guard quoted.count > 2 else { return words(of: text) }
    // A quoted value may hold spaces, and quotes of its own: from the first to the last of a suspicious text, all goes.
    guard quoted[1..<(quoted.count - 1)].contains(where: isSuspicious) else { return text }
    return words(of: String(quoted[0])) + "'…'" + words(of: String(quoted[quoted.count - 1]))
  }

  private static func words(of text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { isSuspicious($0) ? "…" : String($0) }
      .joined(separator: " ")
  }

  private static func isSuspicious(_ text: some StringProtocol) -> Bool { text.contains("@") || text.contains("://") }
}
