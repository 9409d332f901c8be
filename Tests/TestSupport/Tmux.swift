import Foundation

/// A real terminal: a tmux server of its own, with a shell in it.
public final class Tmux: Sendable {
  private let socket: String
  private let size: (columns: Int, rows: Int)

  /// Starts a terminal with a shell.
  ///
  /// - Parameter environment: what is set for the shell.
  public init(columns: Int, rows: Int, environment: [String: String] = [:]) async throws {
    socket = FileManager.default.temporaryDirectory.appending(path: "tmux-\(UUID().uuidString.prefix(8))").path
    size = (columns, rows)
    var all = ["LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PS1": "$ ", "NO_COLOR": ""]
    all.merge(environment) { $1 }
    let settings = all.flatMap { ["-e", "\($0.key)=\($0.value)"] }
    let code = try await ChildProcess.launch(
      "/usr/bin/env",
      ["tmux", "-f", "/dev/null", "-u", "-S", socket, "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)"]
        + settings + ["bash --norc --noprofile"])
    guard code == 0 else { throw Failure(description: "tmux does not start (code \(code))") }
  }

  /// tmux cannot be used.
  public struct Failure: Error, CustomStringConvertible {
    /// Why.
    public let description: String
  }

  @discardableResult
  private func tmux(_ arguments: String...) async throws -> String {
    let result = try await ChildProcess.run("/usr/bin/env", ["tmux", "-S", socket] + arguments)
    guard result.code == 0 else { throw Failure(description: result.errors) }
    return result.output
  }

  /// Types text as it is.
  public func type(_ text: String) async throws { try await tmux("send-keys", "-l", text) }

  /// Presses a key by tmux's name for it: `Enter`, `C-c`, `Escape`, `Down`.
  public func press(_ key: String) async throws { try await tmux("send-keys", key) }

  /// Gives the shell a command.
  public func run(_ command: String) async throws {
    try await type(command)
    try await press("Enter")
  }

  /// The terminal's size changes.
  public func resize(columns: Int, rows: Int) async throws {
    try await tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
  }

  /// The screen as text.
  public func capture() async throws -> String { try await tmux("capture-pane", "-p") }

  /// The screen with its colours.
  public func captureColored() async throws -> String { try await tmux("capture-pane", "-p", "-e") }

  /// Waits until the screen fulfils a condition.
  ///
  /// - Returns: the screen that did; throws with the last screen when none did.
  @discardableResult
  public func waits(
    within limit: Duration = .seconds(15), until condition: (String) -> Bool
  ) async throws -> String {
    let deadline = ContinuousClock.now + limit
    var last = ""
    while ContinuousClock.now < deadline {
      last = try await capture()
      if condition(last) { return last }
      try await Task.sleep(for: .milliseconds(30))
    }
    throw Failure(description: "not seen; the screen was:\n\(last)")
  }

  /// Waits until a text is on the screen.
  @discardableResult
  public func waits(for text: String, within limit: Duration = .seconds(15)) async throws -> String {
    try await waits(within: limit) { $0.contains(text) }
  }

  /// Ends the terminal and everything in it.
  public func end() async {
    _ = try? await tmux("kill-server")
    try? FileManager.default.removeItem(atPath: socket)
  }
}

/// Runs a test in a terminal of its own.
public func withTerminal(
  columns: Int = 120, rows: Int = 40, environment: [String: String] = [:], _ body: (Tmux) async throws -> Void
) async throws {
  let terminal = try await Tmux(columns: columns, rows: rows, environment: environment)
  do {
    try await body(terminal)
  } catch {
    await terminal.end()
    throw error
  }
  await terminal.end()
}
