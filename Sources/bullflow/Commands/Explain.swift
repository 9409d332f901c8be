import ArgumentParser
import Dashboard
import FlowMonitor
import Foundation
import QueueClient

/// `bullflow explain QUEUE ID`.
struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says why a flow is not done: every cause, the evidence, and what helps.",
    discussion: "Those that need somebody come first. The job may be any of the flow's.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The job's queue.", transform: Given.queueName) var queue: String
  @Argument(help: "The job's id.", transform: Given.jobID) var id: String
  @Flag(help: "As JSON.") var json = false

  func run() async throws {
    let settings = try common.resolved()
    let client = settings.client()
    defer { client.close() }
    let key = JobKey(queue: QueueKey(prefix: settings.prefix, name: queue), id: id)
    guard let explanation = try await FlowExplainer(redis: client).explain(key) else {
      throw Failure(what: "explain", why: "there is no job \(key)", code: .refused)
    }
    let printer = ExplanationPrinter(explanation: explanation)
    print(json ? printer.json.printed : printer.text(at: Date().timeIntervalSince1970))
  }
}
