import Foundation
import Redis

/// What a worker asks of Redis for each job: to be given one, and to have it ended.
struct WorkerCycle: Sendable {
  let queue: QueueKey
  let redis: RedisClient
  let token: String
  let configuration: WorkerConfiguration

  /// What there was to take.
  enum Taken {
    case job(Job)
    /// Nothing; when the next delayed job is due, in milliseconds since 1970; 0 for none.
    case nothing(nextDue: Int)
  }

  /// Takes the next job, which is then ours until its lock runs out.
  func take() async throws -> Taken {
    let reply = try await redis.run(
      Scripts.takeJob, keys: [queue.description],
      arguments: [
        .init(milliseconds(of: Date())), .text(token), .init(configuration.lockDuration.milliseconds),
        .text(configuration.name ?? ""),
      ]
    )
    guard let parts = reply.array, parts.count == 2 else {
      throw RedisError.unexpectedReply(command: Scripts.takeJob.name)
    }
    guard let id = parts[0].string else { return .nothing(nextDue: parts[1].int ?? 0) }
    let key = JobKey(queue: queue, id: id)
    return .job(Job(JobSnapshot(key: key, reply: parts[1]) ?? JobSnapshot(key: key), redis: redis))
  }

  /// Ends a job that was taken.
  ///
  /// - Returns: why it could not be ended, in words; `nil` where it was.
  func finish(_ job: JobSnapshot, as outcome: Outcome) async throws -> String? {
    let reply = try await redis.run(
      Scripts.finishJob, keys: [queue.description],
      arguments: outcome.arguments(of: job, token: token, now: milliseconds(of: Date()))
    )
    return reply.int.flatMap { $0 == 0 ? nil : Outcome.refusal($0) }
  }
}
