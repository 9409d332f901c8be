import ArgumentParser
import Foundation
import QueueClient

struct Add: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Adds a flow, or several, from a JSON file: all of it or nothing.",
    discussion: """
      The file holds a flow in BullMQ's shape ({"name", "queueName", "data", "opts", "prefix", "children"}), an array of \
      flows, or {"flow": …, "queuesOptions": {"QUEUE": {"defaultJobOptions": {…}}}}. Prints what was added as JSON.
      """
  )

  @OptionGroup var common: CommonOptions
  @Argument(help: "The file; - is standard input.") var file: String

  func run() async throws {
    let settings = try common.resolved()
    try settings.allowChange("add")
    let text = try InputText.read(file, what: "add", limit: 1 << 30, allowsStandardInput: true)
    let request = try AddRequest(json: try JSON(parsing: text))
    let client = settings.client()
    defer { client.close() }
    let producer = FlowProducer(connection: client, prefix: settings.prefix)
    let trees = try await producer.addBulk(request.flows, queuesOptions: request.queuesOptions)
    settings.record("add", trees.map(\.job.key.description), "done")
    print(request.isSingle ? trees[0].added.printed : JSON.array(trees.map(\.added)).printed)
  }
}

/// What a file asks to be added.
struct AddRequest {
  var flows: [FlowNode]
  var queuesOptions: [String: JobOptions] = [:]
  var isSingle = true

  init(json: JSON) throws(FlowError) {
    if let list = json.array {
      isSingle = false
      flows = []
      for (index, flow) in list.enumerated() { flows.append(try FlowNode(json: flow, path: "flows[\(index)]")) }
    } else if let flow = json["flow"] {
      flows = [try FlowNode(json: flow)]
      let options = json["queuesOptions"] ?? .null
      guard let queues = options == .null ? [] : options.members else {
        throw .invalid(node: "queuesOptions", reason: "is not an object")
      }
      for member in queues {
        // BullMQ's shape has the options under defaultJobOptions; the options alone are taken, too.
        guard let options = JobOptions(member.value["defaultJobOptions"] ?? member.value) else {
          throw .invalid(node: "queuesOptions.\(member.name)", reason: "is not an object")
        }
        queuesOptions[member.name] = options
      }
    } else {
      flows = [try FlowNode(json: json)]
    }
  }
}

extension JobNode {
  /// `{id, name, queueName, prefix, children}`, as `add` prints it.
  var added: JSON {
    [
      "id": .string(job.id), "name": .string(job.name), "queueName": .string(job.key.queue.name),
      "prefix": .string(job.key.queue.prefix), "children": .array(children.map(\.added)),
    ]
  }
}
