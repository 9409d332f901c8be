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
    var key: JobKey
    /// Whether the id was given, and may be somebody else's already.
    var isIDGiven: Bool
    /// The options, those of its queue's defaults included; where its parent is, `parentKey` says.
    var opts: JobOptions
    var hasChildren: Bool
    /// The parent's place in the plan; `nil` for roots.
    var parent: Int?
    /// Which of its parent's children it is, or which of the flows.
    var position: Int
    /// The parent's key, in the plan or in Redis already.
    var parentKey: JobKey?
  }

  /// Where jobs get their ids from that have none.
  enum IDs { case random, counter }

  private(set) var jobs: [Job] = []
  private let noun: String
  private let isBulk: Bool
  private let ids: IDs
  private let defaultPrefix: String
  private let queuesOptions: [String: JobOptions]

  init(
    _ flows: [FlowNode], prefix: String, queuesOptions: [String: JobOptions] = [:], ids: IDs = .random,
    noun: String = "flow"
  ) throws(FlowError) {
    self.ids = ids
    self.noun = noun
    var random = RandomIDs()
    isBulk = flows.count > 1
    defaultPrefix = prefix
    self.queuesOptions = queuesOptions
    // A stack of our own: a chain of many thousand levels must not end ours.
    var stack: [(node: FlowNode, position: Int, parent: Int?)] = []
    for (index, flow) in flows.enumerated().reversed() { stack.append((flow, index, nil)) }
    while let (node, position, parent) = stack.popLast() {
      try add(node, position: position, parent: parent, random: &random)
      let place = jobs.count - 1
      for (index, child) in node.children.enumerated().reversed() { stack.append((child, index, place)) }
    }
  }

  private mutating func add(
    _ node: FlowNode, position: Int, parent: Int?, random: inout RandomIDs
  ) throws(FlowError) {
    var opts = node.opts
    if let defaults = queuesOptions[node.queueName] {
      opts = defaults.overlaid(with: opts)
      // An id is one job's own.
      opts["jobId"] = node.opts["jobId"]
    }
    let data = node.data.text
    if let reason = FlowRules.fault(in: node, opts: opts, data: data, isChild: parent != nil) {
      throw .invalid(node: path(position: position, parent: parent), reason: reason)
    }
    let queue = QueueKey(prefix: node.prefix ?? defaultPrefix, name: node.queueName)
    let parentKey = parent.map { jobs[$0].key } ?? opts.parent
    let given = opts.jobId
    jobs.append(
      Job(
        name: node.name, data: data, key: JobKey(queue: queue, id: given ?? (ids == .counter ? "" : random.next())),
        isIDGiven: given != nil,
        opts: opts, hasChildren: !node.children.isEmpty, parent: parent, position: position, parentKey: parentKey
      )
    )
  }

  /// A plan of single jobs, as several of so many at the most.
  func portions(of size: Int) -> [FlowPlan] {
    stride(from: 0, to: jobs.count, by: size).map { first in
      var portion = self
      portion.jobs = Array(jobs[first..<min(first + size, jobs.count)])
      return portion
    }
  }

  // MARK: Paths

  /// A job's path in the tree, as in `flow.children[1]`.
  func path(of job: Int) -> String { path(position: jobs[job].position, parent: jobs[job].parent) }

  private func path(position: Int, parent: Int?) -> String {
    var steps: [String] = []
    var (position, parent) = (position, parent)
    while let above = parent {
      steps.append(".children[\(position)]")
      (position, parent) = (jobs[above].position, jobs[above].parent)
    }
    return (isBulk ? "\(noun)s[\(position)]" : noun) + steps.reversed().joined()
  }
}
