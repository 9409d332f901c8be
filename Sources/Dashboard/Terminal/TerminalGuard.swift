import CNcurses
import Foundation

/// Leaves the terminal as it was found, whatever ends the program.
///
/// Signals that ask for an end are handed to the terminal's thread through a pipe; signals of a crash give
/// the terminal back at once, by nothing but calls that are allowed there, and then take their usual course.
enum TerminalGuard {
  // Written once, before any handler is set, and only read after that.
  private nonisolated(unsafe) static var original = termios()
  private nonisolated(unsafe) static var wakeDescriptor: Int32 = -1

  /// Alternate screen off, cursor on, colours and mouse reporting off, keypad off.
  private static let farewell: StaticString =
    "\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1006l\u{1B}[?1049l\u{1B}[0m\u{1B}[?25h\u{1B}[?1l\u{1B}>"

  /// Remembers the terminal and takes over the signals.
  ///
  /// - Parameter wake: a descriptor to write to when an end is asked for.
  static func install(wake: Int32) {
    tcgetattr(STDOUT_FILENO, &original)
    wakeDescriptor = wake
    for signal in [SIGTERM, SIGHUP, SIGINT, SIGQUIT] { handle(signal) { _ in TerminalGuard.call(.end) } }
    handle(SIGCONT) { _ in TerminalGuard.call(.resume) }
    for signal in [SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGABRT, SIGTRAP] {
      handle(signal) { signal in
        TerminalGuard.giveBack()
        Foundation.signal(signal, SIG_DFL)
        raise(signal)
      }
    }
  }

  /// What ncurses does when the terminal has another size.
  private nonisolated(unsafe) static var resize: (@convention(c) (Int32) -> Void)?

  /// Has the terminal's thread woken when the terminal has another size, whichever thread the signal comes to.
  ///
  /// Called when ncurses has begun, and before there is anything to draw.
  static func passOnResizes() {
    var before = sigaction()
    sigaction(SIGWINCH, nil, &before)
    let handler = before.__sigaction_handler.sa_handler
    if unsafeBitCast(handler, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self) { resize = handler }
    handle(SIGWINCH) { signal in
      TerminalGuard.resize?(signal)
      TerminalGuard.call(.work)
    }
  }

  private static func handle(_ signal: Int32, _ action: @escaping @convention(c) (Int32) -> Void) {
    var description = sigaction()
    description.__sigaction_handler.sa_handler = action
    description.sa_flags = SA_RESTART
    sigaction(signal, &description, nil)
  }

  /// What the terminal's thread is woken for.
  enum Call: UInt8 {
    case work, end, resume
  }

  private static func call(_ call: Call) {
    var byte = call.rawValue
    _ = write(wakeDescriptor, &byte, 1)
  }

  private static func giveBack() {
    _ = write(STDOUT_FILENO, farewell.utf8Start, farewell.utf8CodeUnitCount)
    tcsetattr(STDOUT_FILENO, TCSANOW, &original)
  }
}
