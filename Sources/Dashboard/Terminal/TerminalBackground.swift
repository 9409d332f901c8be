import Foundation

/// What a terminal shows behind its text.
public enum TerminalBackground: Sendable, Hashable {
  /// Darker than its text.
  case dark
  /// Brighter than its text.
  case light

  /// Asks the terminal (OSC 11), then the environment (`COLORFGBG`).
  ///
  /// To be called before the terminal is taken over.
  ///
  /// - Parameter limit: how long to wait for the answer, in milliseconds.
  /// - Returns: `nil` where neither says.
  public static func ask(within limit: Int = 400) -> TerminalBackground? {
    answer(within: limit).flatMap(TerminalBackground.init(reply:))
      ?? ProcessInfo.processInfo.environment["COLORFGBG"].flatMap(TerminalBackground.init(colorFgBg:))
  }

  /// From a terminal's answer: `ESC ] 11 ; rgb:RRRR/GGGG/BBBB`, with one to four digits each.
  init?(reply: String) {
    guard let start = reply.range(of: "11;rgb") else { return nil }
    let text = reply[start.upperBound...].drop { $0 == "a" || $0 == ":" }
    let parts = text.prefix { $0.isHexDigit || $0 == "/" }.split(separator: "/").prefix(3)
    let levels = parts.compactMap { part -> Double? in
      guard (1...4).contains(part.count), let value = Int(part, radix: 16) else { return nil }
      return Double(value) / Double((1 << (4 * part.count)) - 1)
    }
    guard levels.count == 3 else { return nil }
    // How bright the eye finds it.
    self = 0.299 * levels[0] + 0.587 * levels[1] + 0.114 * levels[2] > 0.5 ? .light : .dark
  }

  /// From what rxvt, Konsole and others set: `15;0`, sometimes `15;default;0`.
  init?(colorFgBg: String) {
    guard let last = colorFgBg.split(separator: ";").last, let index = Int(last), (0...15).contains(index) else {
      return nil
    }
    self = index == 7 || index >= 9 && index != 12 ? .light : .dark
  }

  private static func answer(within limit: Int) -> String? {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, ProcessInfo.processInfo.environment["TERM"] != "dumb"
    else { return nil }
    var before = termios()
    guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
    var raw = before
    cfmakeraw(&raw)
    tcsetattr(STDIN_FILENO, TCSANOW, &raw)
    defer { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
    // Every terminal answers the second question (DA1): those that do not know the first need not be waited for.
    let question = "\u{1B}]11;?\u{1B}\\\u{1B}[c"
    guard write(STDOUT_FILENO, question, question.utf8.count) == question.utf8.count else { return nil }
    var bytes: [UInt8] = []
    let deadline = ContinuousClock.now + .milliseconds(limit)
    while ContinuousClock.now < deadline, bytes.count < 4096 {
      var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      guard poll(&input, 1, 20) == 1 else { continue }
      var buffer = [UInt8](repeating: 0, count: 256)
      let count = read(STDIN_FILENO, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
      if isThrough(bytes) { break }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether the answer to the second question, `ESC [ ? … c`, has come.
  private static func isThrough(_ bytes: [UInt8]) -> Bool {
    guard let start = bytes.lastIndex(of: UInt8(ascii: "?")), start >= 2, bytes[start - 1] == UInt8(ascii: "[") else {
      return false
    }
    return bytes[start...].contains(UInt8(ascii: "c"))
  }
}
