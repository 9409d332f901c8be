import Foundation

/// A flow made ready for Redis: its jobs in the order of adding, each with its id and its parent.
///
/// Pure: everything that can be refused without asking Redis is refused here.
struct FlowPlan {
  /// One job to add.
  struct Job {
    var node: FlowNode
    var path: String
    var key: JobKey
    var opts: JobOptions
    var hasChildren: Bool
    /// The parent's place in the plan; `nil` for roots.
    var parent: Int?
    /// A parent that stands in Redis already.
    var outerParent: JobKey?
  }

  private(set) var jobs: [Job] = []
  private let defaultPrefix: String
  private let queuesOptions: [String: JobOptions]

  init(
    _ flows: [FlowNode], prefix: String, queuesOptions: [String: JobOptions], makeID: () -> String = Self.uuid
  ) throws(FlowError) {
    defaultPrefix = prefix
    self.queuesOptions = queuesOptions
    for (index, flow) in flows.enumerated() {
      try add(flow, path: flows.count == 1 ? "flow" : "flows[\(index)]", parent: nil, prefix: prefix, makeID: makeID)
    }
  }

  static func uuid() -> String { UUID().uuidString.lowercased() }

  private mutating func add(
    _ node: FlowNode, path: String, parent: Int?, prefix: String, makeID: () -> String
  ) throws(FlowError) {
    var opts = (queuesOptions[node.queueName] ?? [:]).overlaid(with: node.opts)
    if let reason = Self.fault(in: node, opts: opts) { throw .invalid(node: path, reason: reason) }
    let prefix = node.prefix ?? prefix
    let key = JobKey(queue: QueueKey(prefix: prefix, name: node.queueName), id: opts.jobId ?? makeID())
    var outer: JobKey?
    if let parent {
      let above = jobs[parent].key
      opts["parent"] = ["id": .string(above.id), "queue": .string(above.queue.description)]
    } else if let given = opts["parent"] {
      guard let id = given["id"]?.string, let queue = given["queue"]?.string.flatMap({ QueueKey(qualifiedName: $0) })
      else { throw .invalid(node: path, reason: "opts.parent needs an id and a queue written as prefix:name") }
      outer = JobKey(queue: queue, id: id)
    }
    let place = jobs.count
    jobs.append(
      Job(
        node: node, path: path, key: key, opts: opts, hasChildren: !node.children.isEmpty, parent: parent,
        outerParent: outer
      )
    )
    for (index, child) in node.children.enumerated() {
      try add(child, path: "\(path).children[\(index)]", parent: place, prefix: prefix, makeID: makeID)
    }
  }

  /// The rule of BullMQ that a node breaks, in words.
  private static func fault(in node: FlowNode, opts: JobOptions) -> String? {
    if node.queueName.isEmpty { return "queueName is empty" }
    if node.queueName.contains(":") { return "queueName '\(node.queueName)' holds a colon" }
    if let given = opts["jobId"] {
      guard let id = given.string else { return "jobId is not a string" }
      if id.isEmpty { return "jobId is empty" }
      if Int(id) != nil { return "jobId '\(id)' is an integer; those are for generated ids" }
      if id.contains(":"), id.split(separator: ":", omittingEmptySubsequences: false).count != 3 {
        return "jobId '\(id)' holds a colon"
      }
    }
    let policies = opts.failurePolicies
    if policies.count > 1 {
      return policies.map(\.rawValue).joined(separator: " and ") + " exclude each other"
    }
    if let priority = opts["priority"] {
      guard let number = priority.int, (0...2_097_151).contains(number) else {
        return "priority \(priority.text) is not a whole number in 0...2097151"
      }
    }
    if let delay = opts["delay"], delay.int ?? -1 < 0 { return "delay \(delay.text) is not a number of milliseconds" }
    if let limit = opts["sizeLimit"]?.int, node.data.text.utf8.count > limit {
      return "data is \(node.data.text.utf8.count) bytes, over its sizeLimit of \(limit)"
    }
    return nil
  }
}
