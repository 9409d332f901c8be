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

      Exit codes: 0 done; 1 refused or not found; 2 Redis unreachable or refused us; 64 usage; 65 bad input.
      """,
    version: version,
    subcommands: [
      Watch.self, Demo.self, Snapshot.self, Tree.self, Add.self, JobCommand.self, QueueCommand.self, Work.self,
      Events.self, Doctor.self,
    ],
    defaultSubcommand: Watch.self
  )

  static func main() async {
    // A reader that goes away (`bullflow tree | head`) is no reason to die with a signal's noise.
    signal(SIGPIPE, SIG_IGN)
    do {
      // What stands behind "--" is somebody else's command line.
      let words = CommandLine.arguments.dropFirst()
      let own = words.prefix { $0 != "--" }
      var command = try parseAsRoot(Array(own))
      if var work = command as? Work {
        work.program.words = Array(words.dropFirst(own.count + 1))
        command = work
      } else if own.count < words.count {
        throw ValidationError("-- belongs to bullflow work QUEUE… -- PROGRAM ARGUMENTS")
      }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      Failure.exit(with: error)
    }
  }
}
