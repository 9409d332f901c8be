import CNcurses
import Foundation
import Synchronization

/// The terminal: paints frames and tells what is pressed.
///
/// ncurses is used by one thread alone, which sleeps until there is a key to read or a frame to paint.
public final class Terminal: Screen {
  /// What is done at the terminal, for one reader.
  public let input: AsyncStream<InputEvent>

  private let sink: AsyncStream<InputEvent>.Continuation
  private let work = Mutex(Work())
  private let wakeReading: Int32
  private let wakeWriting: Int32
  private let isColored: Bool
  private let isOver = Mutex(false)

  /// What other threads have left for the terminal's own.
  private struct Work {
    var frame: Frame?
    var theme: Theme?
    var escapes: [String] = []
    var outside: [Outside] = []
    var mustEnd = false
    var whenEnded: (@Sendable () -> Void)?
  }

  /// A text that is to be shown by a program.
  private struct Outside {
    var file: OutsideFile
    var program: OutsideProgram
    var done: @Sendable (String?) -> Void
  }

  /// Why there is no terminal to draw on.
  public struct Failure: Error, CustomStringConvertible {
    /// One line: what, why, what to do.
    public let description: String
  }

  /// Whether the environment's terminal shows UTF-8.
  public static var showsUnicode: Bool {
    setlocale(LC_ALL, "")
    return bullflow_codeset().map { String(cString: $0) } == "UTF-8"
  }

  /// Takes the terminal over.
  ///
  /// - Throws: `Failure` when standard output is none, or `TERM` names an unknown one.
  public init(theme: Theme, isColored: Bool) throws {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
      throw Failure(
        description: "there is no terminal to draw on; 'bullflow snapshot' and 'bullflow tree' print instead")
    }
    setlocale(LC_ALL, "")
    let name = ProcessInfo.processInfo.environment["TERM"] ?? ""
    guard !name.isEmpty, name != "dumb" else {
      throw Failure(
        description: "this terminal (TERM='\(name)') cannot be drawn on; 'bullflow snapshot' and 'bullflow tree' print "
          + "instead")
    }
    var status: Int32 = 0
    guard setupterm(nil, STDOUT_FILENO, &status) == OK else {
      throw Failure(description: "the terminal type '\(name)' (TERM) is unknown here; try TERM=xterm-256color")
    }
    guard bullflow_moves_cursor() else {
      throw Failure(
        description: "the terminal type '\(name)' (TERM) cannot place text; try TERM=xterm-256color, "
          + "or print with 'bullflow snapshot' and 'bullflow tree'")
    }
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(description: "no pipe: \(String(cString: strerror(errno)))") }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (wakeReading, wakeWriting) = (ends[0], ends[1])
    self.isColored = isColored
    (input, sink) = AsyncStream.makeStream()
    TerminalGuard.install(wake: wakeWriting)
    let thread = Thread { self.run(theme: theme) }
    thread.name = "terminal"
    thread.start()
  }

  /// Shows a picture; one that has not been shown when the next comes never is.
  public func show(_ frame: Frame) {
    leave { $0.frame = frame }
  }

  /// Changes the colours.
  public func use(_ theme: Theme) {
    leave { $0.theme = theme }
  }

  /// Puts a text onto the clipboard of the terminal's user (OSC 52), over SSH too where their terminal allows it.
  public func copy(_ text: String) {
    let encoded = Data(text.utf8).base64EncodedString()
    leave { $0.escapes.append("\u{1B}]52;c;\(encoded)\u{07}") }
  }

  /// Rings the bell.
  public func ringBell() { leave { $0.escapes.append("\u{07}") } }

  /// Gives the terminal to a program that shows a text, and takes it back when that has ended.
  public func open(_ file: OutsideFile, by program: OutsideProgram) async -> String? {
    await withCheckedContinuation { (done: CheckedContinuation<String?, Never>) in
      guard !isOver.withLock(\.self) else { return done.resume(returning: nil) }
      leave { $0.outside.append(Outside(file: file, program: program) { done.resume(returning: $0) }) }
    }
  }

  /// Gives the terminal back as it was. Returns when that is done; safe to call twice.
  public func end() async {
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      let isOver = isOver.withLock { isOver in
        defer { isOver = true }
        return isOver
      }
      guard !isOver else { return done.resume() }
      leave {
        $0.mustEnd = true
        $0.whenEnded = { done.resume() }
      }
    }
  }

  private func leave(_ edit: @Sendable (inout Work) -> Void) {
    work.withLock { edit(&$0) }
    var byte = TerminalGuard.Call.work.rawValue
    _ = write(wakeWriting, &byte, 1)
  }

  // MARK: The terminal's thread

  private func run(theme: Theme) {
    initscr()
    defer { sink.finish() }
    TerminalGuard.passOnResizes()
    start_color()
    use_default_colors()
    // Ctrl-C and Ctrl-Z arrive as keys, so that each is answered in order.
    raw()
    noecho()
    nonl()
    keypad(bullflow_screen(), true)
    nodelay(bullflow_screen(), true)
    set_escdelay(25)
    curs_set(0)
    mousemask(bullflow_button1_pressed | bullflow_wheel_up | bullflow_wheel_down, nil)
    mouseinterval(0)
    sink.yield(.resize(currentSize))
    var painter = FramePainter(palette: Palette(theme: theme, isColored: isColored))
    var waiting: Frame?
    while true {
      let calls = waitForSomething(includingRoom: waiting != nil)
      if calls.contains(TerminalGuard.Call.resume.rawValue) { takeBack(&painter) }
      // Stopped, and not yet told to go on: the terminal is the shell's.
      guard !painter.isAway else { continue }
      readKeys(&painter)
      let work = self.work.withLock { work in
        defer { work = Work() }
        return work
      }
      if let theme = work.theme { painter.use(Palette(theme: theme, isColored: isColored)) }
      waiting = work.frame ?? waiting
      // Over a slow line what is written waits in the terminal's queue: no further picture is put behind it. The
      // newest one is painted when there is room again, and those in between never are.
      if let frame = waiting, hasRoom {
        painter.paint(frame)
        waiting = nil
      }
      for escape in work.escapes { FileHandle.standardOutput.write(Data(escape.utf8)) }
      for outside in work.outside { outside.done(work.mustEnd ? nil : show(outside, &painter)) }
      if work.mustEnd {
        endwin()
        work.whenEnded?()
        return
      }
    }
  }

  private var currentSize: Frame.Size { Frame.Size(rows: Int(bullflow_rows()), columns: Int(bullflow_columns())) }

  /// Whether the terminal takes more at once.
  private var hasRoom: Bool {
    var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
    return poll(&output, 1, 0) == 1 && output.revents & Int16(POLLOUT) != 0
  }

  /// Sleeps until there is a key, work, a signal, or room for a picture that waits.
  private func waitForSomething(includingRoom: Bool) -> ArraySlice<UInt8> {
    var descriptors = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wakeReading, events: Int16(POLLIN), revents: 0),
    ]
    if includingRoom { descriptors.append(pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)) }
    _ = poll(&descriptors, nfds_t(descriptors.count), -1)
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(wakeReading, &bytes, bytes.count)
    let calls = bytes[..<max(0, count)]
    if calls.contains(TerminalGuard.Call.end.rawValue) { sink.yield(.end) }
    // The terminal is gone: there is nobody left to draw for.
    if descriptors[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { sink.yield(.end) }
    return calls
  }

  private func readKeys(_ painter: inout FramePainter) {
    var code: wint_t = 0
    while true {
      let result = get_wch(&code)
      guard result != ERR else { return }
      if result == OK, code == 26 {
        suspend(&painter)
        return
      } else if let event = KeyDecoder.event(code: code, isKey: result == KEY_CODE_YES) {
        if case .resize = event { painter.repaint() }
        sink.yield(event)
      }
    }
  }

  /// Ctrl-Z: the shell gets its terminal back, and we ours when it says `fg`.
  private func suspend(_ painter: inout FramePainter) {
    painter.isAway = true
    endwin()
    // SIGSTOP rather than SIGTSTP, which ncurses would answer by giving the terminal back a second time. To the
    // whole group, as the terminal would: `make demo` is suspended with us.
    kill(0, SIGSTOP)
  }

  /// A program outside has the terminal until it ends.
  private func show(_ outside: Outside, _ painter: inout FramePainter) -> String? {
    endwin()
    defer { takeBack(&painter) }
    do {
      try outside.program.show(outside.file)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// The program goes on after it was stopped, by Ctrl-Z or from outside: the shell has changed the terminal's modes.
  private func takeBack(_ painter: inout FramePainter) {
    painter.isAway = false
    reset_prog_mode()
    refresh()
    painter.repaint()
    sink.yield(.resize(currentSize))
  }
}
