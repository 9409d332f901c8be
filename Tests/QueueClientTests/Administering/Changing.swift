import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// Plans a change of a flow and carries it out; the steps as short texts, `action job reason`.
struct Changing {
  let redis: RedisClient
  var changer: FlowChanger { FlowChanger(connection: redis) }

  func plan(_ verb: FlowVerb, _ key: String, only: String? = nil) async throws -> FlowChangePlan {
    try await changer.plan(
      verb, of: try #require(JobKey(key)), only: try only.map { try #require(JobKey($0)) })
  }

  @discardableResult
  func apply(_ verb: FlowVerb, _ key: String, only: String? = nil) async throws -> FlowChangeOutcome {
    try await changer.apply(try await plan(verb, key, only: only))
  }
}

/// A step in short.
func short(_ steps: [FlowStep]) -> [String] {
  steps.map { step in "\(step.action.rawValue) \(step.job.queue.name)/\(step.job.id) \(step.reason.rawValue)" }
}

/// Runs a test with real BullMQ beside us.
func withPeer(_ body: (RedisClient, Peer) async throws -> Void) async throws {
  try await withRedis { redis, server in try await body(redis, try await Peer(on: server.endpoint)) }
}

/// Waits until a job is in a state, by BullMQ's rule.
func reaches(_ redis: RedisClient, _ key: String, _ state: JobState) async throws -> Bool {
  let key = try #require(JobKey(key))
  return try await eventually(within: .seconds(20)) {
    try await Job(JobSnapshot(key: key), redis: redis).getState() == state
  } != nil
}
