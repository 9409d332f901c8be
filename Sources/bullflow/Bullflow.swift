import ArgumentParser
import Foundation

/// The program: its commands and how it ends.
@main
struct Bullflow: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "bullflow",
    abstract: "Shows every BullMQ flow in a Redis as a live tree.",
    discussion: """
      Without a command, the dashboard of the Redis at --url (or REDIS_URL).

      Exit codes: 0 done; 1 refused or not found; 2 Redis unreachable or refused us; 64 usage; 65 bad input; \
      of watch --until, also 3 and 4 (see its help).

      SIGINT (Ctrl-C), SIGTERM and SIGHUP end it cleanly. The exit code is 0 where a command goes on until it is ended \
      (watch, demo, events, work: this one first lets the jobs in hand end); a command cut short ends with 128 plus the \
      signal's number. A second signal ends any of them at once, with that code.
      """,
    version: version,
    subcommands: [
      Watch.self, Demo.self, Snapshot.self, Tree.self, Add.self, JobCommand.self, FlowCommand.self,
      QueueCommand.self, Work.self, Events.self, Doctor.self, Explain.self, Find.self,
    ],
    defaultSubcommand: Watch.self
  )

  static func main() async {
    StandardStreams.fillGaps()
    // A reader that goes away (`bullflow tree | head`) is no reason to die with a signal's noise.
    signal(SIGPIPE, SIG_IGN)
    EndSignals.install()
    do {
      try await start(try parseAsRoot())
      try StandardStreams.finish()
    } catch is StandardStreams.ReaderIsGone {
      Foundation.exit(0)
    } catch {
      Failure.exit(with: error)
    }
  }

  private static func start(_ parsed: any ParsableCommand) async throws {
    guard let asynchronous = parsed as? any AsyncParsableCommand else {
      var command = parsed
      return try command.run()
    }
    let start = Start(command: asynchronous)
    if asynchronous is any EndingInItsOwnTime { return try await start() }
    EndSignals.beImpatient()
    let outcome = try await EndSignals.ending { try await start() }
    if case .stopped(let signal) = outcome, (asynchronous as? any Endless)?.isEndless != true {
      throw ExitCode(EndSignals.exitCode(of: signal))
    }
  }
}

/// A command on its way to the one task that runs it.
private struct Start: @unchecked Sendable {
  let command: any AsyncParsableCommand

  func callAsFunction() async throws {
    var command = command
    try await command.run()
  }
}

/// A command that goes on until it is ended: a signal is the usual way.
protocol Endless {
  /// Whether it does so as it was called.
  var isEndless: Bool { get }
}

extension Endless {
  var isEndless: Bool { true }
}

/// A command that heeds signals itself.
protocol EndingInItsOwnTime: Endless {}
