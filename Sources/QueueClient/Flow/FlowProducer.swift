import Foundation
import Redis

/// Adds flows: trees of jobs in which a parent runs when its children have finished.
///
/// ```swift
/// let producer = FlowProducer()
/// let tree = try await producer.add(
///   FlowNode(name: "renovate-interior", queueName: "renovate", children: [
///     FlowNode(name: "paint", queueName: "steps", data: ["place": "ceiling"])
///   ])
/// )
/// ```
public struct FlowProducer: Sendable {
  private let redis: RedisClient
  private let prefix: String

  /// A producer.
  ///
  /// - Parameters:
  ///   - connection: the Redis to add to; without one, the local Redis.
  ///   - prefix: the prefix of queues that name none of their own.
  public init(connection: RedisClient = RedisClient(), prefix: String = QueueKey.defaultPrefix) {
    redis = connection
    self.prefix = prefix
  }

  /// Adds a flow: all of its jobs or none.
  ///
  /// - Parameters:
  ///   - flow: the root.
  ///   - queuesOptions: default options by queue name, which a node's own options override.
  /// - Returns: the tree as added, with the ids given to nodes that had none.
  /// - Throws: `FlowError`, `RedisError`.
  @discardableResult
  public func add(_ flow: FlowNode, queuesOptions: [String: JobOptions] = [:]) async throws -> AddedJob {
    try await addBulk([flow], queuesOptions: queuesOptions)[0]
  }

  /// Adds several flows: all of their jobs or none.
  @discardableResult
  public func addBulk(_ flows: [FlowNode], queuesOptions: [String: JobOptions] = [:]) async throws -> [AddedJob] {
    guard !flows.isEmpty else { return [] }
    let plan = try FlowPlan(flows, prefix: prefix, queuesOptions: queuesOptions)
    let call = AddFlowCall(plan, now: Date())
    let reply = try await redis.run(Scripts.addFlow, keys: call.keys, arguments: call.arguments)
    if let refusal = try AddFlowCall.refusal(reply, plan: plan) { throw refusal }
    return AddedJob.trees(of: plan)
  }
}

/// A job as it was added, and those below it.
public struct AddedJob: Sendable, Hashable {
  /// Where it is.
  public var key: JobKey
  /// Its name.
  public var name: String
  /// The jobs that must finish first.
  public var children: [AddedJob]

  static func trees(of plan: FlowPlan) -> [AddedJob] {
    var trees: [AddedJob?] = plan.jobs.map { AddedJob(key: $0.key, name: $0.node.name, children: []) }
    // Children stand behind their parents: from the end on, each is whole when its parent takes it.
    for index in plan.jobs.indices.reversed() {
      guard let parent = plan.jobs[index].parent, let tree = trees[index] else { continue }
      trees[parent]?.children.insert(tree, at: 0)
      trees[index] = nil
    }
    return trees.compactMap { $0 }
  }
}
