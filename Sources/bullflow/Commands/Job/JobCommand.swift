import ArgumentParser
import Dashboard
import Foundation
import QueueClient
import Redis

/// `bullflow job VERB QUEUE ID`.
struct JobCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "Looks at one job, or changes it.",
    subcommands: [
      Show.self, State.self, Values.self, Counts.self, DependenciesOf.self, Logs.self, Remove.self,
      RemoveUnprocessed.self, RemoveDependency.self, Retry.self, MoveToWait.self, Promote.self, UpdateData.self,
      Progress.self,
      Log.self,
    ])

  /// Which job.
  struct Place: CommandPlace {
    static let noun = "job"

    @OptionGroup var common: CommonOptions
    @Argument(help: "The job's queue.", transform: Given.queueName) var queue: String
    @Argument(help: "The job's id.", transform: Given.jobID) var id: String

    /// Does something with the job.
    func with(
      _ verb: String, _ settings: Settings, _ client: RedisClient, _ body: (Job) async throws -> Void
    ) async throws {
      defer { client.close() }
      let key = key(settings.prefix)
      guard let job = try await Job.read(key, from: client) else {
        throw Failure(what: "job \(verb)", why: "there is no job \(key)", code: .refused)
      }
      try await body(job)
    }

    /// The job's key.
    func key(_ prefix: String) -> JobKey { JobKey(queue: QueueKey(prefix: prefix, name: queue), id: id) }

    /// Tells what a verb would change.
    func tell(_ what: String, _ verb: JobAction.Verb) async throws {
      try await DryRun(what: "job \(what)", common: common).tell { JobAction(verb, [.job(key($0))]) }
    }

    static func key(of job: Job) -> String { job.key.description }

    static func name(of job: Job) -> String { CleanText.line("\(job.name) (\(job.key))") }
  }
}
