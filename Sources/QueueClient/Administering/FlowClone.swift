import Redis

/// Makes of a flow in Redis one that can be added again.
public struct FlowClone: Sendable {
  private let redis: RedisClient

  /// For the flows of a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// What a clone does not take over: what names a job, its place, or keeps others like it out.
  private static let left: Set = [
    "jobId", "parent", "repeat", "timestamp", "prevMillis", "repeatJobKey", "deduplication",
  ]

  /// The flow below a root, with its data and options, without its ids.
  ///
  /// - Returns: `nil` where there is no such job; children that are gone are left out.
  /// - Throws: `RedisError`, `FlowError`.
  public func node(of root: JobKey) async throws -> FlowNode? {
    let producer = FlowProducer(connection: redis, prefix: root.queue.prefix)
    guard
      let tree = try await producer.getFlow(
        queueName: root.queue.name, id: root.id, depth: .max, maxChildren: .max)
    else { return nil }
    return try Self.node(of: tree)
  }

  /// From the leaves up, with a list of our own: a flow may be very deep.
  private static func node(of tree: JobNode) throws -> FlowNode {
    var order: [(node: JobNode, parent: Int?)] = []
    var pending: [(node: JobNode, parent: Int?)] = [(tree, nil)]
    while let next = pending.popLast() {
      for child in next.node.children { pending.append((child, order.count)) }
      order.append(next)
    }
    var below = [[FlowNode]](repeating: [], count: order.count)
    for index in order.indices.reversed() {
      let (node, parent) = order[index]
      let made = try flowNode(of: node.job, children: below[index])
      below[index] = []
      guard let parent else { return made }
      below[parent].append(made)
    }
    return try flowNode(of: tree.job, children: [])
  }

  private static func flowNode(of job: Job, children: [FlowNode]) throws -> FlowNode {
    let members = (job.snapshot.opts.members ?? []).compactMap { member -> JSON.Member? in
      let name = ShortOption(rawValue: member.name)?.longName ?? member.name
      // Options that were stored although nobody gave them say nothing.
      if (name == "delay" || name == "attempts" || name == "priority") && member.value.int == 0 { return nil }
      return left.contains(name) ? nil : JSON.Member(name, member.value)
    }
    return FlowNode(
      name: job.name, queueName: job.key.queue.name, data: try JSON(parsing: job.snapshot.data),
      prefix: job.key.queue.prefix, opts: JobOptions(.object(members)) ?? [:], children: children)
  }
}
