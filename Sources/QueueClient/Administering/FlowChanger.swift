import Foundation
import Redis

/// The ways out for a flow that stands still, as a whole: what would be done is read first, and done only where the jobs
/// are still as they were seen.
///
/// ```swift
/// let changer = FlowChanger(connection: redis)
/// let plan = try await changer.plan(.release, of: JobKey("bull:renovate:root")!)
/// for step in plan.steps { print(step.action, step.job, step.reason) }
/// let outcome = try await changer.apply(plan)
/// ```
///
/// A plan is carried out in bounded steps, each atomic: no job is ever left half changed. Whoever is interrupted plans
/// again and goes on.
public struct FlowChanger: Sendable {
  let redis: RedisClient

  /// A changer of the flows of a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// What a change of a flow would do. Nothing is changed.
  ///
  /// - Parameters:
  ///   - verb: which change.
  ///   - key: the job from which on the flow is changed: all below it; a retry goes on to those above it that failed
  ///     through it.
  ///   - only: of a release, the one child whose dependency is dropped.
  /// - Throws: `JobError.missing`, `RedisError`, `CancellationError`.
  public func plan(_ verb: FlowVerb, of key: JobKey, only: JobKey? = nil) async throws -> FlowChangePlan {
    let exists = try await redis.send(["EXISTS", .text(key.description)]).int ?? 0
    guard exists == 1 else { throw JobError.missing(key) }
    switch verb {
    case .release:
      let reader = FlowGraphReader(redis: redis, kinds: [.unprocessed]) { !$0.hasEnded }
      var planner = ReleasePlanner(graph: try await reader.read(from: key), only: only)
      return planner.plan()
    case .retry:
      let reader = FlowGraphReader(redis: redis, kinds: [.unprocessed, .failed, .ignored]) { $0.state != .completed }
      let graph = try await reader.read(from: key)
      var planner = RetryPlanner(graph: graph, ancestors: try await ancestors(of: graph.nodes[key]))
      return planner.plan()
    case .cancel:
      // Below a completed job, too: one whose failure it ignored may have left jobs that wait.
      let reader = FlowGraphReader(redis: redis, kinds: Set(FamilyInspector.Kind.allCases))
      var planner = CancelPlanner(graph: try await reader.read(from: key))
      return planner.plan()
    case .clone:
      return try await ClonePlanner(redis: redis).plan(key)
    }
  }

  /// Does what was planned, as far as the jobs are still as they were seen.
  ///
  /// - Throws: `RedisError`, `FlowError` of a clone, `CancellationError`; what was done by then is done, and to plan
  ///   again goes on.
  @discardableResult
  public func apply(_ plan: FlowChangePlan) async throws -> FlowChangeOutcome {
    switch plan.verb {
    case .release: try await ReleaseRun(plan: plan, redis: redis).run()
    case .retry: try await RetryRun(plan: plan, redis: redis).run()
    case .cancel: try await CancelRun(plan: plan, redis: redis).run()
    case .clone: try await clone(plan)
    }
  }

  /// The jobs above one: as far up as each failed, and the first that did not.
  private func ancestors(of job: FlowGraph.Node?) async throws -> [RetryPlanner.Ancestor] {
    var result: [RetryPlanner.Ancestor] = []
    var seen: Set<JobKey> = []
    var below = job
    while let child = below, let key = child.parentKey, seen.insert(child.key).inserted, !seen.contains(key) {
      try Task.checkCancellation()
      let inspection = try await JobInspector(connection: redis).inspect([key])
      guard var node = inspection.jobs.first.map(FlowGraph.Node.init), node.exists else { break }
      node.note(inspection.wrongTyped)
      let answers = try await redis.rawReplies(to: [
        ["ZSCORE", .text(key[.unsuccessful]), .text(child.key.description)],
        ["HEXISTS", .text(key[.failed]), .text(child.key.description)],
        ["ZRANGE", .text(key[.unsuccessful]), "0", "1"],
      ])
      let others = answers[2].strings.filter { $0 != child.key.description }
      result.append(
        RetryPlanner.Ancestor(
          node: node, notesChild: answers[0].double != nil || answers[1].int == 1,
          otherFailedChild: others.first.flatMap { JobKey($0, namedBy: key.queue) }))
      below = node.state == .failed ? node : nil
    }
    return result
  }

  private func clone(_ plan: FlowChangePlan) async throws -> FlowChangeOutcome {
    guard let flow = plan.flow else { return FlowChangeOutcome() }
    var outcome = FlowChangeOutcome()
    outcome.added = try await FlowProducer(connection: redis, prefix: plan.job.queue.prefix).add(flow)
    outcome.done = plan.changes
    return outcome
  }
}
