import Foundation
import Redis

/// A job in Redis: what it was when it was read, and what can be asked of it and done with it.
///
/// ```swift
/// if let job = try await Job.read(key, from: redis), try await job.getState() == .waitingChildren {
///   print(job.name, try await job.getDependenciesCount().unprocessed, "children to go")
/// }
/// ```
///
/// The fields of its ``JobSnapshot`` are its own: `job.name`, `job.attemptsMade`, `job.parentKey`.
@dynamicMemberLookup
public struct Job: Sendable {
  /// The job's hash as it was read.
  public var snapshot: JobSnapshot { content.snapshot }
  /// The connection the job was read from.
  var redis: RedisClient { content.redis }

  // A snapshot is large: whoever hands on a thousand jobs hands on references.
  private final class Content: Sendable {
    let snapshot: JobSnapshot
    let redis: RedisClient
    let token: String?

    init(snapshot: JobSnapshot, redis: RedisClient, token: String?) {
      self.snapshot = snapshot
      self.redis = redis
      self.token = token
    }
  }

  private let content: Content

  /// A job around a snapshot.
  public init(_ snapshot: JobSnapshot, redis: RedisClient) {
    self.init(snapshot, redis: redis, token: nil)
  }

  init(_ snapshot: JobSnapshot, redis: RedisClient, token: String?) {
    content = Content(snapshot: snapshot, redis: redis, token: token)
  }

  /// The token of the lock under which this attempt has the job in hand; `nil` outside of a processor.
  public var token: String? { content.token }

  /// A field of the job, as it was read.
  public subscript<Value>(dynamicMember field: KeyPath<JobSnapshot, Value>) -> Value {
    content.snapshot[keyPath: field]
  }

  /// Where the job is.
  public var key: JobKey { content.snapshot.key }

  /// The job's id.
  public var id: String { key.id }

  /// The name of its queue.
  public var queueName: String { key.queue.name }

  /// Reads a job.
  ///
  /// - Returns: `nil` when there is none at that key.
  /// - Throws: `RedisError`.
  public static func read(_ key: JobKey, from redis: RedisClient) async throws -> Job? {
    let reply = try await redis.send(["HGETALL", .text(key.description)])
    return JobSnapshot(key: key, reply: reply).map { Job($0, redis: redis) }
  }

  /// The job's data as a type of one's own.
  ///
  /// - Throws: `DecodingError`, or `JSON.SyntaxError` where the data is no JSON.
  public func decodeData<Value: Decodable>(as type: Value.Type) throws -> Value {
    try JSON(parsing: snapshot.data).decoded(as: type)
  }

  /// The return value as a type of one's own; `nil` while there is none.
  ///
  /// - Throws: `DecodingError`, or `JSON.SyntaxError` where the value is no JSON.
  public func decodeReturnvalue<Value: Decodable>(as type: Value.Type) throws -> Value? {
    try snapshot.returnvalue.map { try JSON(parsing: $0).decoded(as: type) }
  }
}

/// Milliseconds since 1970, Redis's and BullMQ's clock; of a date beyond it, its end.
func milliseconds(of date: Date) -> Int { Int(clamping: (date.timeIntervalSince1970 * 1000).rounded(.down)) }
