import ArgumentParser
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
      try await place.with("remove") { job in
        try change.confirm(
          "job remove", "Remove \(CleanName.of(job)) \(keepChildren ? "alone" : "and all jobs below it")?")
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
      try await place.with("remove-unprocessed") { job in
        try change.confirm("job remove-unprocessed", "Remove all children that \(CleanName.of(job)) still waits for?")
        print(try await job.removeUnprocessedChildren())
      }
    }
  }

  struct RemoveDependency: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lets the job's parent wait for it no longer.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions

    func run() async throws {
      try await place.with("remove-dependency") { job in
        try change.confirm("job remove-dependency", "Let the parent of \(CleanName.of(job)) wait for it no longer?")
        guard try await job.removeChildDependency() else {
          throw Failure(what: "job remove-dependency", why: "no parent waits for \(job.key)", code: .refused)
        }
      }
    }
  }
}
