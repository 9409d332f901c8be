import ArgumentParser
import Dashboard
import Foundation
import QueueClient
import Redis

/// `bullflow queue VERB [QUEUE]`.
struct QueueCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue", abstract: "Looks at queues, or runs them.",
    subcommands: [
      List.self, Counts.self, Jobs.self, Pause.self, Resume.self, Drain.self, Clean.self, Obliterate.self,
    ])

  /// Which queue.
  struct Place: CommandPlace {
    static let noun = "queue"

    @OptionGroup var common: CommonOptions
    @Argument(help: "The queue.", transform: Given.queueName) var queue: String

    /// Does something with a queue that is there.
    func with(
      _ verb: String, _ settings: Settings, _ client: RedisClient, _ body: (Queue) async throws -> Void
    ) async throws {
      defer { client.close() }
      let queue = Queue(QueueKey(prefix: settings.prefix, name: queue), connection: client)
      let exists = try await client.send(["EXISTS", .text(queue.key[.meta]), .text(queue.key[.id])]).int ?? 0
      guard exists > 0 else {
        throw Failure(what: "queue \(verb)", why: "there is no queue \(queue.key)", code: .refused)
      }
      try await body(queue)
    }

    static func key(of queue: Queue) -> String { queue.key.description }

    static func name(of queue: Queue) -> String { CleanText.line(queue.key.description) }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints the names of all queues, a line each.")
    @OptionGroup var common: CommonOptions

    func run() async throws {
      let settings = try common.resolved()
      let client = settings.client()
      defer { client.close() }
      for key in try await Queue.list(connection: client, prefix: settings.prefix) {
        print(CleanText.line(key.name))
      }
    }
  }

  struct Counts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints how many jobs are in each state, as JSON.")
    @OptionGroup var place: Place

    func run() async throws {
      try await place.with("counts") { queue in
        let counts = try await queue.getJobCounts()
        let states = JobState.allCases.filter { $0 != .unknown }
        print(
          JSON.object(
            states.map { JSON.Member($0.rawValue, .int(counts[$0] ?? 0)) }
              + [JSON.Member("paused", .bool(try await queue.isPaused()))]
          ).text)
      }
    }
  }

  struct Jobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints the jobs in a state, a line of JSON each.")
    @OptionGroup var place: Place
    @Option(help: "waiting, prioritized, delayed, waiting-children, active, completed or failed; may be given again.")
    var state: [JobState] = [.waiting]
    @Option(help: "The first of each state, from 0.") var start = 0
    @Option(help: "The last of each state, included; -1 is the end.") var end = 99

    func validate() throws {
      guard start >= 0, end >= -1 else { throw ValidationError("--start must be at least 0, --end at least -1") }
    }

    func run() async throws {
      try await place.with("jobs") { queue in
        for state in state {
          for job in try await queue.getJobs([state], start: start, end: end) {
            print(JSON(of: job, state: state).printed)
          }
        }
      }
    }
  }

  struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lets no worker take jobs; those in hand go on.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions

    func run() async throws {
      try await place.change("pause", change) { try await $0.pause() }
    }
  }

  struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lets workers take jobs again.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @OptionGroup var dry: DryRunOption

    func run() async throws {
      if dry.dryRun {
        return try await place.with("resume") { queue in
          try await DryRun(what: "queue resume", common: place.common).tell { _ in
            JobAction(.resume, [.queue(queue.key)])
          }
        }
      }
      try await place.change("resume", change) { try await $0.resume() }
    }
  }

  struct Drain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Removes all jobs that are ready to run; prints how many that were.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Flag(help: "Those that are due later, too.") var delayed = false

    func run() async throws {
      try await place.change("drain", change, asking: { "Remove all jobs of \($0) that wait to run?" }) { queue in
        print(try await queue.drain(delayed: delayed))
      }
    }
  }

  struct Clean: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Removes jobs of a state that are older than a time; prints how many that were.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Option(
      help: ArgumentHelp(
        "completed, failed, waiting, prioritized, delayed, active (those without a lock) or waiting-children (with all "
          + "jobs below; not where a worker has one of them).", valueName: "state"))
    var state = JobState.completed
    @Option(help: "Jobs younger than so many seconds stay.", transform: Given.seconds) var grace = 0.0
    @Option(help: "How many at the most; 0 is all.") var limit = 0
    @OptionGroup var dry: DryRunOption

    func validate() throws {
      if limit < 0 { throw ValidationError("--limit must not be negative") }
    }

    func run() async throws {
      if dry.dryRun {
        return try await place.with("clean") { queue in
          for id in try await queue.clean(grace: .seconds(grace), limit: limit, state: state, isDry: true) {
            try StandardStreams.writeLine(CleanText.line("remove \(JobKey(queue: queue.key, id: id))"))
          }
        }
      }
      try await place.change("clean", change, asking: { "Remove jobs of \($0) that are \(state.rawValue)?" }) { queue in
        print(try await queue.clean(grace: .seconds(grace), limit: limit, state: state).count)
      }
    }
  }

  struct Obliterate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Removes the queue and everything in it.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Flag(help: "Even while workers have jobs in hand.") var force = false

    func run() async throws {
      try await place.change("obliterate", change, asking: { "Remove \($0) and everything in it?" }) { queue in
        try await queue.obliterate(force: force)
      }
    }
  }
}
