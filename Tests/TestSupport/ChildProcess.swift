import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// A program run by a test: lines in, lines out; it ends with the test.
public final class ChildProcess: Sendable {
  /// What the program writes to standard output, line by line.
  public let lines: AsyncStream<String>
  private let process: Mutex<Process>
  private let input: FileHandle

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: its path.
  ///   - environment: what is added to ours.
  public init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(Self.own) { $1 }.merging(environment) { $1 }
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    input = stdin.fileHandleForWriting
    let (lines, sink) = AsyncStream<String>.makeStream()
    self.lines = lines
    try process.run()
    self.process = Mutex(process)
    let output = stdout.fileHandleForReading
    Thread.detachNewThread {
      var rest = Data()
      while true {
        let chunk = output.availableData
        if chunk.isEmpty { break }
        rest.append(chunk)
        while let end = rest.firstIndex(of: 10) {
          sink.yield(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
          rest = Data(rest[rest.index(after: end)...])
        }
      }
      if !rest.isEmpty { sink.yield(String(decoding: rest, as: UTF8.self)) }
      sink.finish()
    }
  }

  deinit { process.withLock { if $0.isRunning { $0.terminate() } } }

  /// Writes a line to standard input.
  public func write(_ line: String) throws {
    try input.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Closes standard input, and waits for the end.
  ///
  /// - Returns: the exit code.
  public func end() -> Int32 {
    try? input.close()
    return process.withLock { process in
      process.waitUntilExit()
      return process.terminationStatus
    }
  }

  /// The process id.
  public var id: Int32 { process.withLock { $0.processIdentifier } }

  /// What a finished program gave.
  public struct Result: Sendable {
    /// The exit code.
    public var code: Int32
    /// Standard output.
    public var output: String
    /// Standard error.
    public var errors: String
  }

  /// Runs a program to its end, without a terminal.
  public static func run(
    _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) async throws -> Result {
    let limit = 16 << 20
    let record = try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(arguments), environment: custom(environment),
      input: .string(input), output: .string(limit: limit), error: .string(limit: limit))
    return Result(
      code: code(of: record.terminationStatus), output: record.standardOutput, errors: record.standardError)
  }

  /// Runs a program to its end, and does something while it runs.
  ///
  /// - Parameter body: is given the process id.
  public static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    whileRunning body: (Int32) async throws -> Void
  ) async throws -> Result {
    let limit = 16 << 20
    let record = try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(arguments), environment: custom(environment), input: .none,
      output: .string(limit: limit), error: .string(limit: limit)
    ) { execution in try await body(execution.processIdentifier.value) }
    return Result(
      code: code(of: record.terminationStatus), output: record.standardOutput, errors: record.standardError)
  }

  /// Runs a program that leaves others behind: nothing of ours is theirs.
  ///
  /// - Returns: the exit code.
  public static func launch(_ program: String, _ arguments: [String]) async throws -> Int32 {
    let record = try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(arguments), input: .none, output: .discarded, error: .discarded)
    return code(of: record.terminationStatus)
  }

  /// What a program records of a test is nothing for the person's own folder.
  private static let own = [
    "XDG_STATE_HOME": FileManager.default.temporaryDirectory.appending(path: "bullflow-tests-state").path
  ]

  private static func custom(_ environment: [String: String]) -> Environment {
    let all = own.merging(environment) { $1 }
    return .inherit.updating(
      Dictionary(uniqueKeysWithValues: all.map { (Environment.Key(stringLiteral: $0.key), $0.value) }))
  }

  private static func code(of status: TerminationStatus) -> Int32 {
    switch status {
    case .exited(let code): code
    case .signaled(let signal): 128 + signal
    }
  }
}
