import QueueClient
import Redis

/// What the detail pane shows of one job beyond its row. Its log and its children are read page by page (`JobPart`).
public struct JobDetail: Sendable, Hashable {
  /// The job's hash, without its long texts.
  public var snapshot: JobSnapshot
  /// Which fields are left out because they are too long, and how many bytes each has.
  public var long: [String: Int]
  /// Of those texts the first pieces, where pieces can be had.
  public var pieces: [JobField: TextPiece]

  /// A detail from its parts.
  public init(snapshot: JobSnapshot, long: [String: Int] = [:], pieces: [JobField: TextPiece] = [:]) {
    self.snapshot = snapshot
    self.long = long
    self.pieces = pieces
  }

  /// Texts longer than this are read by pieces.
  static let textLimit = 256 * 1024
  /// The texts that are shown by pieces.
  private static let piecewise: [JobField] = [.data, .opts, .returnvalue, .failedReason, .stacktrace]

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
    let values = short.isEmpty ? [] : try await redis.send(RedisCommand("HMGET", [key.description] + short)).array ?? []
    var fields: [String: String] = [:]
    for (name, value) in zip(short, values) { fields[name] = value.string }
    let long = zip(names, sizes).filter { $1 > textLimit }
    var detail = JobDetail(
      snapshot: JobSnapshot(key: key, fields: fields), long: Dictionary(long) { first, _ in first })
    for field in piecewise where detail.long[field.rawValue] != nil {
      detail.pieces[field] = try await TextPiece.read(field, of: key, from: 0, by: redis)
    }
    return detail
  }
}
