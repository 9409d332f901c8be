import ArgumentParser
import Foundation
import QueueClient
import Redis

/// `bullflow job VERB QUEUE ID`.
struct JobCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "Looks at one job, or changes it.",
    subcommands: [
      Show.self, State.self, Values.self, Counts.self, DependenciesOf.self, Logs.self, Remove.self,
      RemoveUnprocessed.self, RemoveDependency.self, Retry.self, Promote.self, UpdateData.self, Progress.self,
      Log.self,
    ])

  /// Which job.
  struct Place: ParsableArguments {
    @OptionGroup var common: CommonOptions
    @Argument(help: "The job's queue.") var queue: String
    @Argument(help: "The job's id.") var id: String

    /// Does something with the job.
    func with(_ verb: String, _ body: (Job) async throws -> Void) async throws {
      let settings = try common.resolved()
      let client = settings.client()
      defer { client.close() }
      let key = JobKey(queue: QueueKey(prefix: settings.prefix, name: queue), id: id)
      guard let job = try await Job.read(key, from: client) else {
        throw Failure(what: "job \(verb)", why: "there is no job \(key)", code: .refused)
      }
      try await body(job)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints everything about a job as JSON.")
    @OptionGroup var place: Place

    func run() async throws {
      try await place.with("show") { job in print(JSON(of: job, state: try await job.getState()).text) }
    }
  }

  struct State: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints the job's state.")
    @OptionGroup var place: Place

    func run() async throws {
      try await place.with("state") { job in print(try await job.getState().rawValue) }
    }
  }

  struct Values: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints what the job's children returned, by their keys.")
    @OptionGroup var place: Place

    func run() async throws {
      try await place.with("values") { job in print(JSON(values: try await job.getChildrenValues()).text) }
    }
  }

  struct Counts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints how many children of each kind the job has.")
    @OptionGroup var place: Place

    func run() async throws {
      try await place.with("counts") { job in
        let counts = try await job.getDependenciesCount()
        print(
          ([
            "processed": .int(counts.processed), "unprocessed": .int(counts.unprocessed),
            "ignored": .int(counts.ignored),
            "failed": .int(counts.failed),
          ] as JSON).text)
      }
    }
  }

  struct DependenciesOf: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "dependencies", abstract: "Prints the job's children by what became of them.",
      discussion: "With --kind one kind, a page at a time; the next page is at the cursor printed, until that is 0.")

    enum Kind: String, ExpressibleByArgument, CaseIterable { case processed, unprocessed, ignored, failed }

    @OptionGroup var place: Place
    @Option(help: "processed, unprocessed, ignored or failed.") var kind: Kind?
    @Option(help: "About how many a page.") var count = 20
    @Option(help: "Where to go on.") var cursor: UInt64 = 0

    func validate() throws {
      if count < 1 { throw ValidationError("--count must be at least 1") }
      if kind == nil, cursor != 0 { throw ValidationError("--cursor goes with --kind") }
    }

    func run() async throws {
      try await place.with("dependencies") { job in
        guard let kind else {
          print(JSON(dependencies: try await job.getDependencies()).text)
          return
        }
        let page = DependenciesPage.Page(cursor: cursor, count: count)
        var request = DependenciesPage.Request()
        switch kind {
        case .processed: request.processed = page
        case .unprocessed: request.unprocessed = page
        case .ignored: request.ignored = page
        case .failed: request.failed = page
        }
        let answer = try await job.getDependencies(request)
        let next =
          answer.nextProcessedCursor ?? answer.nextUnprocessedCursor ?? answer.nextIgnoredCursor
          ?? answer.nextFailedCursor ?? 0
        let children = JSON(dependencies: answer.dependencies)[kind.rawValue] ?? .null
        print((["kind": .string(kind.rawValue), "children": children, "cursor": .string("\(next)")] as JSON).text)
      }
    }
  }

  struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints the job's log, oldest row first.")
    @OptionGroup var place: Place

    func run() async throws {
      try await place.with("logs") { job in for row in try await job.getLogs().logs { print(JSON.string(row).text) } }
    }
  }

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

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Runs a failed (or completed) job again.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions

    func run() async throws {
      try await place.with("retry") { job in
        try change.allowChange("job retry")
        try await job.retry(try await job.getState() == .completed ? .completed : .failed)
      }
    }
  }

  struct Promote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lets a delayed job run now.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions

    func run() async throws {
      try await place.with("promote") { job in
        try change.allowChange("job promote")
        try await job.promote()
      }
    }
  }

  struct UpdateData: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Replaces the job's data.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Argument(help: "The data, as JSON.") var json: String

    func run() async throws {
      let data = try JSON(parsing: json)
      try await place.with("update-data") { job in
        try change.allowChange("job update-data")
        try await job.updateData(data)
      }
    }
  }

  struct Progress: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Sets the job's progress.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Argument(help: "A number, or an object, as JSON.") var json: String

    func run() async throws {
      let progress = try JSON(parsing: json)
      try await place.with("progress") { job in
        try change.allowChange("job progress")
        try await job.updateProgress(progress)
      }
    }
  }

  struct Log: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Adds a row to the job's log.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Argument(help: "The row.") var row: String

    func run() async throws {
      try await place.with("log") { job in
        try change.allowChange("job log")
        try await job.log(row)
      }
    }
  }
}
