import ArgumentParser
import QueueClient

/// Verbs that look at a job.
extension JobCommand {
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints everything about a job as JSON.")
    @OptionGroup var place: Place

    func run() async throws {
      try await place.with("show") { job in print(JSON(of: job, state: try await job.getState()).printed) }
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
      try await place.with("values") { job in print(JSON(values: try await job.getChildrenValues()).printed) }
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
          ] as JSON).printed)
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
      if !(1...1_000_000).contains(count) { throw ValidationError("--count must be in 1...1000000") }
      if kind == nil, cursor != 0 { throw ValidationError("--cursor goes with --kind") }
    }

    func run() async throws {
      try await place.with("dependencies") { job in
        guard let kind else {
          print(JSON(dependencies: try await job.getDependencies()).printed)
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
      try await place.with("logs") { job in for row in try await job.getLogs().logs { print(JSON.string(row).printed) }
      }
    }
  }
}
