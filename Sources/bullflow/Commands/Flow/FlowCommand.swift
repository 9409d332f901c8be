import ArgumentParser
import Dashboard
import Foundation
import QueueClient
import Redis

/// `bullflow flow VERB QUEUE ID`.
struct FlowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flow", abstract: "Changes a whole flow: a job and all jobs below it.",
    discussion: """
      --dry-run says what would change and changes nothing. Each job is changed only while it is still as it was seen; \
      one that is not is left and named, with exit code 1. A command that was interrupted is run again: it goes on.
      """,
    subcommands: [Release.self, Retry.self, Cancel.self, Clone.self])

  /// Which flow, and how.
  struct Place: ParsableArguments {
    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions
    @Argument(help: "The job's queue.", transform: Given.queueName) var queue: String
    @Argument(help: "The job's id.", transform: Given.jobID) var id: String
    @Flag(help: "Say what would change, and change nothing.") var dryRun = false
    @Flag(help: "A line of JSON for each step.") var json = false
  }

  struct Release: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Drops what jobs wait for and can never come, and runs those that then wait for nothing.",
      discussion: """
        Dropped are children that are gone, that failed for good and are still waited for, and that name another parent; \
        a child that completed and is still waited for is recorded with its value. A circle, and a job that is in no \
        list of its queue, are dropped only by --only.
        """)
    @OptionGroup var place: Place
    @Option(help: ArgumentHelp("Drop only this child, by its whole key (bull:steps:42).", valueName: "child-key"))
    var only: String?

    func run() async throws { try await FlowChangeRun(verb: .release, place: place, only: only).run() }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs all failed jobs of the flow again, then those that failed through them.",
      discussion: """
        Parents wait for their children again; those above the job that failed through it come along. A child whose \
        failure removed it from its parent (removeDependencyOnFailure) is not found.
        """)
    @OptionGroup var place: Place

    func run() async throws { try await FlowChangeRun(verb: .retry, place: place).run() }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Removes what of the flow has not started; what runs and what is done stays.",
      discussion: "A job that runs is named, and no parent waits for it any more: it ends alone.")
    @OptionGroup var place: Place

    func run() async throws { try await FlowChangeRun(verb: .cancel, place: place).run() }
  }

  struct Clone: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds the same flow again, under new ids; prints it as JSON, as add does.",
      discussion: "Names, data and options are kept; what is left out, such as deduplication, is named.")
    @OptionGroup var place: Place

    func run() async throws { try await FlowChangeRun(verb: .clone, place: place).run() }
  }
}
