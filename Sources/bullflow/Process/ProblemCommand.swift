import Dashboard
import Foundation
import Subprocess
import SystemPackage

/// The command that calls somebody when the first problem shows. It is run as it is, by no shell; what it is told stands in
/// its environment.
struct ProblemCommand: Sendable {
  private let program: Program
  private let context: [String: String]

  /// So long it may take.
  private static let patience = Duration.seconds(30)

  /// - Parameters:
  ///   - words: the program and its arguments.
  ///   - settings: which Redis it is about.
  /// - Throws: `Failure`, where it cannot be run.
  init(_ words: [String], settings: Settings) throws {
    program = try Program(words, for: "on_problem")
    context = [
      "BULLFLOW_PROFILE": settings.name, "BULLFLOW_SERVER": "\(settings.endpoint)", "BULLFLOW_PREFIX": settings.prefix,
    ]
  }

  /// Runs it.
  ///
  /// - Throws: `Trouble`, where it does not end well.
  func call(_ facts: ProblemFacts) async throws {
    let own: [String: String] = [
      "BULLFLOW_PROBLEMS": "\(facts.count)", "BULLFLOW_QUEUE": facts.flow?.queue.name ?? "",
      "BULLFLOW_ID": facts.flow?.id ?? "", "BULLFLOW_FLOW": facts.name, "BULLFLOW_REASON": facts.reason,
    ]
    let variables = context.merging(own) { $1 }.mapValues(Self.safe)
    try await withThrowingTaskGroup { group in
      group.addTask { try await run(variables) }
      group.addTask {
        try await Task.sleep(for: Self.patience)
        throw Trouble(
          description: "\(program.name) still ran after \(Self.patience.components.seconds) s, and was ended")
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func run(_ variables: [String: String]) async throws {
    var options = PlatformOptions()
    // Ctrl-C is meant for us, and what it has started ends with it.
    options.processGroupID = 0
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(400))
    ]
    var environment: [Environment.Key: String?] = [:]
    for (name, value) in variables { environment[Environment.Key(stringLiteral: name)] = value }
    let record = try await Subprocess.run(
      .path(FilePath(program.path)), arguments: Arguments(program.arguments),
      environment: .inherit.updating(environment), platformOptions: options, input: .none, output: .discarded,
      error: .discarded)
    guard record.terminationStatus.isSuccess else {
      let how =
        switch record.terminationStatus {
        case .exited(let code): "code \(code)"
        default: "\(record.terminationStatus)"
        }
      throw Trouble(description: "\(program.name) ended with \(how)")
    }
  }

  /// No environment holds a NUL; names and reasons come from Redis, and may be of any length.
  private static func safe(_ text: String) -> String { String(CleanText.line(text).prefix(1000)) }

  /// Why nobody was called, perhaps.
  struct Trouble: Error, CustomStringConvertible {
    let description: String
  }
}
