import ArgumentParser
import Dashboard
import FlowMonitor
import Foundation
import QueueClient
import Redis

/// `bullflow flow VERB QUEUE ID`: what mends or ends a whole flow.
struct FlowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flow", abstract: "Mends or ends a whole flow, from any of its jobs.",
    subcommands: [Retry.self, Release.self, Cancel.self, Clone.self])

  /// Which flow, and how.
  struct Place: ParsableArguments {
    @OptionGroup var common: CommonOptions
    @OptionGroup var change: ChangeOptions
    @Argument(help: "The queue of a job of the flow.", transform: Given.queueName) var queue: String
    @Argument(help: "The job's id.", transform: Given.jobID) var id: String
    @Flag(help: "Only say what would be done.") var dryRun = false
    @Flag(help: "Say it as JSON.") var json = false

    /// Finds the root of the flow, and does something with it.
    func with(
      _ verb: String, _ body: (_ redis: RedisClient, _ root: JobKey) async throws -> Void
    ) async throws {
      if !dryRun { try change.allowChange("flow \(verb)") }
      let settings = try common.resolved()
      let client = settings.client()
      defer { client.close() }
      let key = JobKey(queue: QueueKey(prefix: settings.prefix, name: queue), id: id)
      guard try await Job.read(key, from: client) != nil else {
        throw Failure(what: "flow \(verb)", why: "there is no job \(key)", code: .refused)
      }
      try await body(client, try await RootLister(connection: client).roots(of: [key]).first?.key ?? key)
    }

    /// Makes a plan, asks where it cannot be undone, does it, and says what was done.
    ///
    /// - Parameters:
    ///   - question: asked before, with the number of jobs; `nil` for what can be undone.
    ///   - nothing: why there may be nothing to do.
    func carryOut(
      _ verb: String, asking question: ((Int) -> String)?, nothing: String,
      plan: (FlowMending, JobKey) async throws -> [FlowAction]
    ) async throws {
      try await with(verb) { redis, root in
        let mending = FlowMending(connection: redis)
        let actions = try await plan(mending, root)
        let printer = FlowActionPrinter(isJSON: json)
        if dryRun { return printer.tell(plan: actions) }
        let count = actions.count { $0.kind != .keep }
        guard count > 0 else {
          printer.tell(kept: actions)
          throw Failure(what: "flow \(verb)", why: "\(nothing) in the flow of \(root)", code: .refused)
        }
        if let question { try change.confirm("flow \(verb)", question(count)) }
        let report = try await mending.perform(actions)
        printer.tell(report, kept: actions.filter { $0.kind == .keep })
        if report.done.isEmpty {
          throw Failure(what: "flow \(verb)", why: "nothing was done; see above", code: .refused)
        }
      }
    }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs all failed jobs again, and lets the parents that failed through them wait for them again.",
      discussion: "It may be interrupted: called again, it goes on.")
    @OptionGroup var place: Place

    func run() async throws {
      try await place.carryOut("retry", asking: nil, nothing: "no job has failed") { mending, root in
        try await mending.retryPlan(of: root)
      }
    }
  }

  struct Release: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Gives up what can never come: children that are gone, failed for good, or have completed.",
      discussion: "A parent that then waits for nothing runs.")
    @OptionGroup var place: Place
    @Option(
      help: ArgumentHelp("Only the dependency on this job, whatever became of it.", valueName: "job key"),
      transform: Given.jobKey)
    var only: JobKey?

    func run() async throws {
      try await place.carryOut(
        "release", asking: { "Give up \(jobs($0)) that a parent waits for?" },
        nothing: "no job waits for what can never come"
      ) { mending, root in
        try await mending.releasePlan(of: root, only: only)
      }
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Removes what has not started, from below; tells what runs, and keeps what has ended.")
    @OptionGroup var place: Place

    func run() async throws {
      try await place.carryOut(
        "cancel", asking: { "Remove \(jobs($0)) that \($0 == 1 ? "has" : "have") not started?" },
        nothing: "no job waits to be started"
      ) { mending, root in
        try await mending.cancelPlan(of: root)
      }
    }
  }

  struct Clone: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds the same flow again, under new ids; data and options are kept.",
      discussion: "Left out are ids, deduplication, and the times at which jobs were added.")
    @OptionGroup var place: Place

    func run() async throws {
      try await place.with("clone") { redis, root in
        guard let flow = try await FlowClone(connection: redis).node(of: root) else {
          throw Failure(what: "flow clone", why: "there is no job \(root)", code: .refused)
        }
        if place.dryRun { return print(flow.json.text) }
        let added = try await FlowProducer(connection: redis).add(flow)
        print(
          place.json
            ? JSON.object([.init("key", .string(added.job.key.description))]).text : CleanText.line("\(added.job.key)"))
      }
    }
  }
}

private func jobs(_ count: Int) -> String { count == 1 ? "1 job" : "\(count) jobs" }
