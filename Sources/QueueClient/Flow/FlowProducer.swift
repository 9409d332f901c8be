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
  let redis: RedisClient
  let prefix: String
  var limits = StagedFlow.Limits()

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
  ///   - flow: the root; its `opts.parent` attaches the flow to a job that exists.
  ///   - queuesOptions: default options by queue name, which a node's own options override.
  /// - Returns: the tree of jobs, with the ids given to nodes that had none.
  /// - Throws: `FlowError`, `RedisError`.
  @discardableResult
  public func add(_ flow: FlowNode, queuesOptions: [String: JobOptions] = [:]) async throws -> JobNode {
    try await addBulk([flow], queuesOptions: queuesOptions)[0]
  }

  /// Adds several flows: all of their jobs or none.
  ///
  /// - Throws: `FlowError`, `RedisError`.
  @discardableResult
  public func addBulk(_ flows: [FlowNode], queuesOptions: [String: JobOptions] = [:]) async throws -> [JobNode] {
    guard !flows.isEmpty else { return [] }
    let plan = try FlowPlan(flows, prefix: prefix, queuesOptions: queuesOptions)
    return JobNode.trees(of: try await add(plan), parents: plan.jobs.map(\.parent))
  }

  /// Adds what was planned: all of it or nothing.
  func add(_ plan: FlowPlan) async throws -> [Job] {
    StagedFlow.isNeeded(for: plan, limits: limits) ? try await addInSteps(plan) : try await addAtOnce(plan)
  }

  /// Adds what was planned in one call, however much it is.
  func addAtOnce(_ plan: FlowPlan) async throws -> [Job] {
    let now = milliseconds(of: Date())
    return try await run(AddFlowCall(plan, hashes: JobHash.all(of: plan, now: now), now: now), plan)
  }

  private func run(_ call: AddFlowCall, _ plan: FlowPlan) async throws -> [Job] {
    let reply = try await redis.run(Scripts.addFlow, keys: call.keys, arguments: call.arguments)
    return try call.jobs(after: reply, plan: plan, redis: redis)
  }

  private func addInSteps(_ plan: FlowPlan) async throws -> [Job] {
    let now = milliseconds(of: Date())
    let hashes = JobHash.all(of: plan, now: now)
    let staged = StagedFlow(plan: plan, hashes: hashes, name: "staged-" + RandomIDs.one(), redis: redis)
    do {
      try await staged.write()
    } catch {
      await staged.discard()
      throw error
    }
    do {
      return try await run(AddFlowCall(plan, hashes: hashes, now: now, staged: staged.name), plan)
    } catch let error as FlowError {
      // Refused. After any other error nobody knows: what was written ahead may be jobs by now.
      await staged.discard()
      throw error
    }
  }
}
