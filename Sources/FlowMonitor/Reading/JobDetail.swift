import QueueClient
import Redis

/// What the detail pane shows of one job beyond its row.
public struct JobDetail: Sendable, Hashable {
  /// The job's hash, without its long texts.
  public var snapshot: JobSnapshot
  /// Which fields are left out because they are too long, and how many bytes each has.
  public var long: [String: Int]
  /// The newest rows of its log, oldest first.
  public var logs: [String]
  /// How many rows the log has in all.
  public var logCount: Int

  /// A detail from its parts.
  public init(snapshot: JobSnapshot, long: [String: Int] = [:], logs: [String] = [], logCount: Int = 0) {
    self.snapshot = snapshot
    self.long = long
    self.logs = logs
    self.logCount = logCount
  }

  /// Texts longer than this are not fetched.
  static let textLimit = 256 * 1024
  /// How many log rows are fetched.
  static let logLimit = 500

  /// Reads a job's detail.
  ///
  /// - Returns: `nil` when there is no such job.
  public static func read(_ key: JobKey, from redis: RedisClient) async throws -> JobDetail? {
    let names = try await redis.send(["HKEYS", .text(key.description)]).strings
    guard !names.isEmpty else { return nil }
    let sizes = try await redis.rawReplies(to: names.map { ["HSTRLEN", .text(key.description), .text($0)] }).map {
      $0.int ?? 0
    }
    let short = zip(names, sizes).filter { $1 <= textLimit }.map(\.0)
    let replies = try await redis.rawReplies(to: [
      RedisCommand("HMGET", [key.description] + short),
      ["LRANGE", .text(key[.logs]), .init(-logLimit), "-1"], ["LLEN", .text(key[.logs])],
    ])
    var fields: [String: String] = [:]
    for (name, value) in zip(short, replies[0].array ?? []) { fields[name] = value.string }
    let long = zip(names, sizes).filter { $1 > textLimit }
    return JobDetail(
      snapshot: JobSnapshot(key: key, fields: fields), long: Dictionary(long) { first, _ in first },
      logs: replies[1].strings, logCount: replies[2].int ?? 0)
  }
}
