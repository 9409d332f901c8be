import QueueClient
import Redis

/// A part of what belongs to a job and may be too much to be read at once.
public enum JobPart: Sendable, Hashable {
  /// A piece of a long text, from a byte on.
  case text(JobField, from: Int)
  /// A page of the log: the rows before a place, or the newest.
  case logs(before: Int?)
  /// A page of the children.
  case children(ChildPage.Place?)

  /// Reads it.
  ///
  /// - Returns: `nil` where it does not exist, or cannot be had.
  /// - Throws: `RedisError`.
  public func read(of key: JobKey, by redis: RedisClient) async throws -> Answer? {
    switch self {
    case .text(let field, let first): try await TextPiece.read(field, of: key, from: first, by: redis).map { .text($0) }
    case .logs(let before): .logs(try await LogPage.read(of: key, before: before, by: redis))
    case .children(let place): .children(try await ChildPage.read(of: key, at: place, by: redis))
    }
  }

  /// What was read.
  public enum Answer: Sendable, Hashable {
    /// A piece of a text.
    case text(TextPiece)
    /// A page of the log.
    case logs(LogPage)
    /// A page of the children.
    case children(ChildPage)
  }
}
