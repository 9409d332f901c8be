import ArgumentParser
import Dashboard
import FlowMonitor
import Foundation
import QueueClient
import Redis

struct Tree: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints all flows, or one of them, once.",
    discussion: """
      bullflow tree; bullflow tree renovate 3f2a…; bullflow tree --state failed --json
      The flow of a job is printed from its root, wherever in it the job stands.
      bullflow tree renovate 3f2a… --timeline: what each of its jobs did when, as a chart; the critical path is marked, and
      USUAL is how long such a step ran in earlier flows of the root's name.
      """
  )

  @OptionGroup var common: CommonOptions
  @OptionGroup var watched: WatchedOptions

  @Argument(help: "The queue of a job.", transform: Given.queueName) var queueName: String?
  @Argument(help: "The job's id.", transform: Given.jobID) var id: String?
  @Flag(help: "From the job named, not from the root of its flow.") var below = false
  @Option(help: "How many levels.") var depth = 10
  @Option(help: "How many children of a job.") var maxChildren = 20
  @Option(help: ArgumentHelp("Only flows with a job in this state; may be given again.", valueName: "state"))
  var state: [JobState] = []
  @Flag(help: "Only flows that need somebody.") var problems = false
  @Option(help: "How many flows at the most.") var limit: Int?
  @Flag(help: "In the course of time: what each job of one flow did when, as a chart; with --json, all times in ms.")
  var timeline = false
  @Flag(help: "As JSON.") var json = false
  @Flag(help: "Draw with ASCII alone.") var ascii = false

  func validate() throws {
    if queueName != nil, id == nil {
      throw ValidationError("a queue needs a job's id behind it: bullflow tree QUEUE ID")
    }
    if timeline, queueName == nil {
      throw ValidationError("--timeline shows one flow: bullflow tree QUEUE ID --timeline")
    }
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    guard (1...10_000).contains(depth), (0...1_000_000).contains(maxChildren) else {
      throw ValidationError("--depth must be in 1...10000, --max-children in 0...1000000")
    }
  }

  func run() async throws {
    let settings = try common.resolved()
    let client = settings.client()
    defer { client.close() }
    let reader = FlowTreeReader(redis: client)
    if let queueName, let id {
      let key = JobKey(queue: QueueKey(prefix: settings.prefix, name: queueName), id: id)
      if timeline { return try await printTimeline(of: key, TimelineReader(redis: client)) }
      let root = below ? key : try await RootLister(connection: client).roots(of: [key]).first?.key ?? key
      guard let tree = try await reader.tree(of: root, depth: depth, maxChildren: maxChildren) else {
        throw Failure(what: "tree", why: "there is no job \(key)", code: .refused)
      }
      if json { return print(printer(tree).json.printed) }
      let configuration = MonitorConfiguration(prefix: settings.prefix)
      let causes = try await FlowSearch(redis: client, configuration: configuration).causes(of: [root])
      return print(printer(tree, causes[root]).text)
    }
    let configuration = MonitorConfiguration(
      prefix: settings.prefix, queueNames: watched.queue, cacheFolder: QueueCache.folder())
    try await printAll(FlowSearch(redis: client, configuration: configuration), reader)
  }

  /// Prints flow by flow, as they are found: only one is held at a time.
  private func printAll(_ search: FlowSearch, _ reader: FlowTreeReader) async throws {
    let queues = try await search.queues()
    var count = 0
    func show(_ root: JobKey, _ causes: [Cause]?) async throws {
      guard count < limit ?? .max, let tree = try await reader.tree(of: root, depth: depth, maxChildren: maxChildren)
      else { return }
      // However much of it is printed, the whole flow is looked through.
      if !state.isEmpty, !tree.jobs.values.contains(where: { state.contains($0.state) }),
        try await !reader.hasJob(in: Set(state), from: root)
      {
        return
      }
      // A JSON array, element by element.
      if json { print(count == 0 ? "[" : ",", terminator: "") }
      count += 1
      print(json ? printer(tree).json.printed : printer(tree, causes).text, terminator: json ? "" : "\n")
    }
    if problems {
      for problem in try await search.problems(of: queues).found where count < limit ?? .max {
        try await show(problem.root, problem.causes)
      }
    } else {
      try await search.flows(of: queues) { roots in
        let wanted = Array(roots.prefix(state.isEmpty ? max(0, (limit ?? .max) - count) : roots.count))
        let causes = json ? [:] : try await search.causes(of: wanted)
        for root in wanted { try await show(root, causes[root]) }
        return count < limit ?? .max
      }
    }
    if json { print(count == 0 ? "[]" : "]") }
  }

  private func printTimeline(of key: JobKey, _ reader: TimelineReader) async throws {
    guard let facts = try await reader.facts(of: key, below: below, wide: maxChildren) else {
      throw Failure(what: "tree", why: "there is no job \(key)", code: .refused)
    }
    let timeline = Timeline(facts)
    print(
      json
        ? TimelineJSON(timeline: timeline, depth: depth).json.printed
        : TimelineText.text(of: timeline, width: StandardStreams.outputWidth ?? 100, depth: depth, isASCII: ascii))
  }

  private func printer(_ tree: FlowTree, _ causes: [Cause]? = nil) -> TreePrinter {
    TreePrinter(tree: tree, depth: depth, maxChildren: maxChildren, isASCII: ascii, cause: causes?.first)
  }
}

extension JobState: ExpressibleByArgument {}
