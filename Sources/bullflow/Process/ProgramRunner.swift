import Foundation
import Logging
import QueueClient
import Subprocess
import SystemPackage

/// Runs a program for each job.
///
/// Each run is a process group of its own: Ctrl-C in our terminal is meant for us, and what a program has started ends
/// with it.
struct ProgramRunner: Sendable {
  let program: Program
  let logger: Logger
  /// Whether a job fails for good when the program cannot be started at its last attempt.
  let mayFailUnstarted: Bool
  private let running = RunningPrograms()
  private let troubles = StartTroubles()

  private static let limit = 64 << 20
  /// How long a program may take to end once it was told to, less than a worker waits for it.
  private static let lastWords = Duration.milliseconds(400)

  /// - Parameter mayFailUnstarted: whether a job fails for good when the program cannot be started at its last attempt,
  ///   as where somebody waits for the end of all jobs; without it such a job is put back.
  init(program: Program, logger: Logger, mayFailUnstarted: Bool) {
    self.program = program
    self.logger = logger
    self.mayFailUnstarted = mayFailUnstarted
  }

  /// Gives a job to the program.
  ///
  /// - Returns: what it printed: JSON, or else text.
  /// - Throws: `ProgramFailure`, which is a failed attempt like any other; `NotStartedError`.
  func run(_ job: Job) async throws -> JSON {
    let input = JSON(of: job, state: .active).text + "\n"
    defer { running.remove(job.key) }
    let (output, errors, status): (String, String, TerminationStatus)
    do {
      let record = try await Subprocess.run(
        .path(FilePath(program.path)), arguments: Arguments(program.arguments), platformOptions: Self.options,
        input: .fileDescriptor(try Self.readable(input), closeAfterSpawningProcess: true),
        output: .string(limit: Self.limit), error: .string(limit: Self.limit)
      ) { execution in running.add(execution.processIdentifier.value, for: job.key) }
      (output, errors, status) = (record.standardOutput, record.standardError, record.terminationStatus)
    } catch let error as SubprocessError where error.code == .outputLimitExceeded {
      throw ProgramFailure(description: "\(program.name) printed more than \(Self.limit) bytes")
    } catch let error as SubprocessError where Self.isOfStart(error) {
      throw try await failure(ofStart: Program.obstacle(at: program.path) ?? Self.reason(error))
    } catch let error as SubprocessError {
      throw ProgramFailure(description: "\(program.name) was lost sight of: \(error)")
    } catch let error as Errno {
      throw try await failure(ofStart: "its input cannot be written: \(error)")
    }
    if let failures = troubles.over() { logger.notice("\(program.name) can be run again, after \(failures) failures") }
    // Stopped, so that the job can be handed back: that is no failure of its own.
    try Task.checkCancellation()
    guard status.isSuccess else {
      let last = errors.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
      throw ProgramFailure(description: last.map(String.init) ?? "\(program.name) \(status.words)")
    }
    let value = InputText.withoutMark(output).trimmingCharacters(in: .whitespacesAndNewlines)
    return value.isEmpty ? .null : JSON(tolerating: value)
  }

  /// Kills what runs, with all that it has started.
  func killAll() { running.killAll() }

  private static var options: PlatformOptions {
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: lastWords)]
    return options
  }

  /// The program could not be started, which is no fault of the job: told once, and after a rest, so that no queue is
  /// run through at full speed.
  private func failure(ofStart reason: String) async throws -> any Error {
    let words = "cannot run \(program.name): \(reason)"
    let (isNews, rest) = troubles.failed(words)
    if isNews { logger.error("\(words); tried again every few seconds") }
    try await Task.sleep(for: rest)
    return mayFailUnstarted ? ProgramFailure(description: words) : NotStartedError(words)
  }

  private static func isOfStart(_ error: SubprocessError) -> Bool {
    error.code == .executableNotFound || error.code == .spawnFailed
  }

  private static func reason(_ error: SubprocessError) -> String {
    error.underlyingError.map { "\($0)".lowercased() } ?? "\(error)"
  }

  /// A file without a name that holds a text: unlike a pipe, it takes no offence at a program that does not read it.
  private static func readable(_ text: String) throws -> FileDescriptor {
    var template = Array((FileManager.default.temporaryDirectory.path + "/bullflow-XXXXXX").utf8CString)
    let descriptor = FileDescriptor(rawValue: mkstemp(&template))
    guard descriptor.rawValue >= 0 else { throw Errno(rawValue: errno) }
    _ = fcntl(descriptor.rawValue, F_SETFD, FD_CLOEXEC)
    unlink(template)
    try descriptor.writeAll(text.utf8)
    try descriptor.seek(offset: 0, from: .start)
    return descriptor
  }

  struct ProgramFailure: Error, CustomStringConvertible {
    let description: String
  }
}
