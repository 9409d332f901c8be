import ArgumentParser
import Dashboard
import FlowMonitor
import Foundation
import QueueClient
import Redis

struct Tree: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints all flows, or one of them, once.",
    discussion: "bullflow tree; bullflow tree renovate 3f2a…; bullflow tree --state failed --json"
  )

  @OptionGroup var common: CommonOptions
  @OptionGroup var watched: WatchedOptions

  @Argument(help: "The queue of a job.", transform: Given.queueName) var queueName: String?
  @Argument(help: "The job's id.", transform: Given.jobID) var id: String?
  @Option(help: "How many levels.") var depth = 10
  @Option(help: "How many children of a job.") var maxChildren = 20
  @Option(help: ArgumentHelp("Only flows with a job in this state; may be given again.", valueName: "state"))
  var state: [JobState] = []
  @Flag(help: "As JSON.") var json = false
  @Flag(help: "Draw with ASCII alone.") var ascii = false

  func validate() throws {
    if queueName != nil, id == nil {
      throw ValidationError("a queue needs a job's id behind it: bullflow tree QUEUE ID")
    }
    guard (1...10_000).contains(depth), (0...1_000_000).contains(maxChildren) else {
      throw ValidationError("--depth must be in 1...10000, --max-children in 0...1000000")
    }
  }

  func run() async throws {
    let settings = try common.resolved()
    let client = settings.client()
    defer { client.close() }
    let monitor = FlowMonitor(
      redis: client,
      configuration: MonitorConfiguration(
        prefix: settings.prefix, queueNames: watched.queue
      )
    )
    let forest: FlowForest
    var roots: [JobKey]
    if let queueName, let id {
      let key = JobKey(queue: QueueKey(prefix: settings.prefix, name: queueName), id: id)
      forest = try await monitor.readFlow(key)
      guard forest.jobs[key] != nil else {
        throw Failure(what: "tree", why: "there is no job \(key)", code: .refused)
      }
      roots = [key]
    } else {
      forest = try await monitor.readOnce()
      roots = forest.roots
    }
    if !state.isEmpty {
      roots = roots.filter {
        forest.subtree(of: $0).contains { forest.jobs[$0].map { state.contains($0.state) } ?? false }
      }
    }
    let printer = TreePrinter(forest: forest, depth: depth, maxChildren: maxChildren, isASCII: ascii)
    if json {
      let nodes = roots.map(printer.json)
      print(id == nil ? JSON.array(nodes).text : nodes[0].text)
    } else {
      for root in roots { print(printer.text(of: root)) }
    }
  }
}

extension JobState: ExpressibleByArgument {}
