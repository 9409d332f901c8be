import Redis

/// A page of a job's log, however long that is.
public struct LogPage: Sendable, Hashable {
  /// The rows, the oldest first; of very long ones the beginning.
  public var rows: [Row]
  /// The place of the first of them in the log, from 0.
  public var first: Int
  /// How many rows the log has.
  public var total: Int

  /// A row.
  public struct Row: Sendable, Hashable {
    /// Its text, or the beginning of it.
    public var text: String
    /// How many bytes the whole row has.
    public var size: Int

    /// A row from its parts.
    public init(text: String, size: Int) {
      self.text = text
      self.size = size
    }

    /// Whether no more than its beginning is here.
    public var isCut: Bool { text.utf8.count < size }
  }

  /// A page from its parts.
  public init(rows: [Row], first: Int, total: Int) {
    self.rows = rows
    self.first = first
    self.total = total
  }

  /// Whether there are rows behind these.
  public var hasLater: Bool { first.addingClamped(rows.count) < total }

  /// So many rows are a page.
  public static let most = 200
  private static let rowLimit = 16 * 1024
  private static let limit = 192 * 1024
  /// Where no script may run, nobody can tell how long rows are: then fewer are read.
  private static let mostUnmeasured = 50

  /// Reads a page of a job's log.
  ///
  /// - Parameter before: how many rows of the log lie before the first one that is not wanted; `nil` for its end.
  /// - Throws: `RedisError`.
  public static func read(of key: JobKey, before: Int?, by redis: RedisClient) async throws -> LogPage {
    do {
      let reply = try await redis.run(
        ReadScripts.readLogs, keys: [key[.logs]],
        arguments: [.init(before.map { max(0, $0) } ?? -1), .init(most), .init(rowLimit), .init(limit)])
      guard let parts = reply.array, parts.count == 4 else { return LogPage(rows: [], first: 0, total: 0) }
      let sizes = (parts[3].array ?? []).map { $0.int ?? 0 }
      let rows = zip(parts[2].strings, sizes).map { Row(text: $0, size: $1) }
      return LogPage(rows: rows.reversed(), first: parts[1].int ?? 0, total: parts[0].int ?? 0)
    } catch let error as RedisError where error.isScriptRefused {
      let total = try await redis.send(["LLEN", .text(key[.logs])]).int ?? 0
      let end = min(total, before.map { max(0, $0) } ?? total)
      let first = max(0, end - mostUnmeasured)
      guard end > 0 else { return LogPage(rows: [], first: 0, total: total) }
      let rows = try await redis.send(["LRANGE", .text(key[.logs]), .init(first), .init(end - 1)]).strings
      return LogPage(
        rows: rows.map { Row(text: String($0.prefix(rowLimit)), size: $0.utf8.count) }, first: first, total: total)
    }
  }
}
