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
    static let configuration = CommandConfiguration(abstract: "Lets the job's parent wait for it no longer.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions

    func run() async throws {
      try await place.change(
        "remove-dependency", change, asking: { "Let the parent of \($0) wait for it no longer?" }
      ) { job in
        guard try await job.removeChildDependency() else {
          throw Failure(what: "job remove-dependency", why: "no parent waits for \(job.key)", code: .refused)
        }
      }
    }
  }
}
