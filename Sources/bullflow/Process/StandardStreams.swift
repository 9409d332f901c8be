import Foundation

/// Standard input, output and error, whatever state we were started in.
enum StandardStreams {
  /// Fills the places of streams that are closed, so that no socket of ours takes them: what is read from or written to
  /// them fails, as it should.
  static func fillGaps() {
    for (stream, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
    where fcntl(stream, F_GETFD) == -1 {
      let descriptor = open("/dev/null", mode)
      if descriptor >= 0, descriptor != stream {
        dup2(descriptor, stream)
        close(descriptor)
      }
    }
  }

  /// How many columns the terminal has that standard output is; `nil` where it is none.
  static var outputWidth: Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes a line at once, for readers who follow along.
  ///
  /// - Throws: `Failure`; `ReaderIsGone`.
  static func writeLine(_ line: String) throws {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        try fail(errno)
      } else {
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Makes sure that all that was printed has been written.
  ///
  /// - Throws: `Failure`; `ReaderIsGone`.
  static func finish() throws {
    // What `print` could not write is still there, and fails again.
    if fflush(nil) != 0 { try fail(errno) }
  }

  private static func fail(_ code: Int32) throws -> Never {
    if code == EPIPE { throw ReaderIsGone() }
    throw Failure(what: "standard output", why: String(cString: strerror(code)).lowercased(), code: .refused)
  }

  /// Whoever read our output has seen enough (`bullflow tree | head`).
  struct ReaderIsGone: Error {}
}
