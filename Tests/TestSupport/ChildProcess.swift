import Foundation
import Synchronization

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
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
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
    try await withCheckedThrowingContinuation { done in
      Thread.detachNewThread {
        done.resume(
          with: Swift.Result {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            let (stdin, stdout) = (Pipe(), Pipe())
            let errors = FileManager.default.temporaryDirectory.appending(path: "errors-\(UUID().uuidString)")
            _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
            defer { try? FileManager.default.removeItem(at: errors) }
            process.standardInput = stdin
            process.standardOutput = stdout
            process.standardError = try FileHandle(forWritingTo: errors)
            try process.run()
            try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try stdin.fileHandleForWriting.close()
            let output = stdout.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return Result(
              code: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
              errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
          })
      }
    }
  }
}
