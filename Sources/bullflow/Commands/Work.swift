import ArgumentParser
import Foundation
import Logging
import QueueClient
import Redis
import Subprocess
import SystemPackage

struct Work: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Works queues off with a program: bullflow work QUEUE… -- PROGRAM ARGUMENTS",
    discussion: """
      Each job's JSON is the program's standard input, its standard output the return value (JSON, else text). A \
      non-zero exit is a failure, with the last line of standard error as the reason. Ends at Ctrl-C or SIGTERM, when \
      the jobs in hand have ended.
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The queues.") var queues: [String] = []
  /// What stands behind `--`; no argument of ours.
  struct Program: Codable { var words: [String] = [] }
  var program = Program()

  @Option(help: "How many jobs of a queue at once.") var concurrency = 1
  @Flag(help: "End when the queues have nothing left to do.") var untilDrained = false

  func validate() throws {
    if queues.isEmpty { throw ValidationError("which queue? bullflow work QUEUE… -- PROGRAM ARGUMENTS") }
    if concurrency < 1 { throw ValidationError("--concurrency must be at least 1") }
  }

  func run() async throws {
    if program.words.isEmpty { throw ValidationError("which program? bullflow work QUEUE… -- PROGRAM ARGUMENTS") }
    let settings = try common.resolved()
    let client = settings.client()
    defer { client.close() }
    try await client.reach()
    let runner = ProgramRunner(program: program.words)
    let workers = queues.map { queue in
      Worker(
        queue, connection: client, prefix: settings.prefix,
        configuration: WorkerConfiguration(concurrency: concurrency, name: "bullflow-work"),
        logger: Logger(label: "bullflow") { StreamLogHandler.standardError(label: $0) }
      ) { job in try await runner.run(job) }
    }
    try await withThrowingTaskGroup { group in
      for worker in workers { group.addTask { try await worker.run() } }
      let ending = Task {
        if untilDrained {
          try await drained(workers.map(\.queue), client)
        } else {
          await Signals.wait(for: [SIGINT, SIGTERM])
        }
      }
      let interrupted = Task {
        await Signals.wait(for: [SIGINT, SIGTERM])
        ending.cancel()
      }
      _ = await ending.result
      interrupted.cancel()
      for worker in workers { await worker.close() }
      try await group.waitForAll()
    }
  }

  /// Waits until nothing is ready, due or in hand.
  private func drained(_ queues: [QueueKey], _ client: RedisClient) async throws {
    let places: [QueueKey.Suffix] = [.wait, .active, .prioritized, .delayed, .waitingChildren]
    let keys = queues.flatMap { queue in places.map { queue[$0] } }
    while try await client.send(RedisCommand("EXISTS", keys)).int ?? 0 > 0 {
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}

/// Runs a program for each job.
struct ProgramRunner: Sendable {
  let program: [String]

  private static let limit = 64 << 20

  func run(_ job: Job) async throws -> JSON {
    let input = JSON(of: job, state: .active).text + "\n"
    let name = program[0]
    let (output, errors, status): (String, String, TerminationStatus)
    do {
      let record = try await Subprocess.run(
        name.contains("/") ? .path(FilePath(name)) : .name(name), arguments: Arguments(Array(program.dropFirst())),
        input: .fileDescriptor(try Self.readable(input), closeAfterSpawningProcess: true),
        output: .string(limit: Self.limit), error: .string(limit: Self.limit))
      (output, errors, status) = (record.standardOutput, record.standardError, record.terminationStatus)
    } catch let error as SubprocessError {
      throw UnrecoverableError("cannot run \(name): \(error)")
    }
    guard status.isSuccess else {
      let last = errors.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
      throw ProgramFailure(description: last.map(String.init) ?? "\(name) ended with \(status)")
    }
    let value = output.trimmingCharacters(in: .whitespacesAndNewlines)
    return value.isEmpty ? .null : JSON(tolerating: value)
  }

  /// A file without a name that holds a text: unlike a pipe, it takes no offence at a program that does not read it.
  private static func readable(_ text: String) throws -> FileDescriptor {
    var template = Array((FileManager.default.temporaryDirectory.path + "/bullflow-XXXXXX").utf8CString)
    let descriptor = FileDescriptor(rawValue: mkstemp(&template))
    guard descriptor.rawValue >= 0 else { throw Errno(rawValue: errno) }
    unlink(template)
    try descriptor.writeAll(text.utf8)
    try descriptor.seek(offset: 0, from: .start)
    return descriptor
  }

  struct ProgramFailure: Error, CustomStringConvertible {
    let description: String
  }
}
