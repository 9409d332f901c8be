import Foundation

/// A flow made ready for Redis: its jobs in the order of adding, each with its id and its parent.
///
/// Pure: everything that can be refused without asking Redis is refused here.
struct FlowPlan {
  /// One job to add.
  struct Job {
    var name: String
    /// The data as JSON text.
    var data: String
    var path: String
    var key: JobKey
    var opts: JobOptions
    var hasChildren: Bool
    /// The parent's place in the plan; `nil` for roots.
    var parent: Int?
    /// The parent's key, in the plan or in Redis already.
    var parentKey: JobKey?
  }

  private(set) var jobs: [Job] = []
  private let defaultPrefix: String
  private let queuesOptions: [String: JobOptions]

  init(
    _ flows: [FlowNode], prefix: String, queuesOptions: [String: JobOptions], makeID: () -> String = Self.uuid
  ) throws(FlowError) {
    defaultPrefix = prefix
    self.queuesOptions = queuesOptions
    // A stack of our own: a chain of many thousand levels must not end ours.
    var stack: [(node: FlowNode, path: String, parent: Int?)] = []
    for (index, flow) in flows.enumerated().reversed() {
      stack.append((flow, flows.count == 1 ? "flow" : "flows[\(index)]", nil))
    }
    while let (node, path, parent) = stack.popLast() {
      try add(node, path: path, parent: parent, makeID: makeID)
      let place = jobs.count - 1
      for (index, child) in node.children.enumerated().reversed() {
        stack.append((child, "\(path).children[\(index)]", place))
      }
    }
  }

  /// A random id, as BullMQ gives to the jobs of a flow: a UUID in lower case.
  static func uuid() -> String { UUID().uuidString.lowercased() }

  private mutating func add(
    _ node: FlowNode, path: String, parent: Int?, makeID: () -> String
  ) throws(FlowError) {
    var opts = node.opts
    if let defaults = queuesOptions[node.queueName] { opts = defaults.overlaid(with: opts) }
    let data = node.data.text
    if let reason = FlowRules.fault(in: node, opts: opts, data: data, isChild: parent != nil) {
      throw .invalid(node: path, reason: reason)
    }
    let queue = QueueKey(prefix: node.prefix ?? defaultPrefix, name: node.queueName)
    let parentKey = parent.map { jobs[$0].key } ?? opts.parent
    opts.parent = parentKey
    jobs.append(
      Job(
        name: node.name, data: data, path: path, key: JobKey(queue: queue, id: opts.jobId ?? makeID()), opts: opts,
        hasChildren: !node.children.isEmpty, parent: parent, parentKey: parentKey
      )
    )
  }
}
