import ArgumentParser
import Dashboard
import QueueClient

/// Verbs that remove a job, or what belongs to it.
extension JobCommand {
  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Removes the job and all jobs below it; nothing at all where a worker has one in hand.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Flag(help: "Leave the jobs below it.") var keepChildren = false

    func run() async throws {
      let extent = keepChildren ? "alone" : "and all jobs below it"
      try await place.change("remove", change, asking: { "Remove \($0) \(extent)?" }) { job in
        try await job.remove(removeChildren: !keepChildren)
      }
    }
  }

  struct RemoveUnprocessed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Removes the children that the job still waits for; prints how many jobs that were.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions

    func run() async throws {
      try await place.change(
        "remove-unprocessed", change, asking: { "Remove all children that \($0) still waits for?" }
      ) { job in
        print(try await job.removeUnprocessedChildren())
      }
    }
  }

  struct RemoveDependency: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lets the job's parent wait for it no longer.",
      discussion: "Of a job that is gone nobody knows the parent: name it with --parent.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Option(help: ArgumentHelp("The parent's key.", valueName: "job key"), transform: Given.jobKey) var parent: JobKey?

    func run() async throws {
      guard let parent else {
        return try await place.change(
          "remove-dependency", change, asking: { "Let the parent of \($0) wait for it no longer?" }
        ) { job in
          guard try await job.removeChildDependency() else { throw Self.nobodyWaits(for: job.key) }
        }
      }
      let settings = try place.common.resolved()
      let client = settings.client()
      defer { client.close() }
      let child = JobKey(queue: QueueKey(prefix: settings.prefix, name: place.queue), id: place.id)
      try change.confirm(
        "job remove-dependency", CleanText.line("Let \(parent) wait for \(child) no longer?"))
      let drop = FlowAction(.dropDependency, child, parent: parent, because: .any)
      let report = try await FlowMending(connection: client).perform([drop])
      if report.done.isEmpty { throw Self.nobodyWaits(for: child) }
    }

    private static func nobodyWaits(for key: JobKey) -> Failure {
      Failure(what: "job remove-dependency", why: "no parent waits for \(key)", code: .refused)
    }
  }
}
