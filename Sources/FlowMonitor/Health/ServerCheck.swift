import QueueClient
import Redis

/// What is looked at every two seconds, in one small pipeline: whether the server still announces changes, whether it
/// is the same one, and whether it still holds the same data. Pure.
struct ServerCheck: Sendable, Equatable {
  /// Whether the server's setting suffices; `nil` where we may not look.
  var isSufficient: Bool?
  /// Changes with every start of the server.
  var runID: String?
  /// How many keys the database has.
  var keyCount: Int?
  /// Queues that were asked about and exist.
  var existing: Set<QueueKey> = []
  /// Queues that were asked about and do not exist any more.
  var missing: Set<QueueKey> = []
  /// How many jobs have ever been added to the queues asked about.
  var added: [QueueKey: Int] = [:]
  /// Some keys, drawn at random: one of them may be of a queue that nothing has told of.
  var drawn: [String] = []

  /// So many keys are drawn.
  private static let draws = 8

  /// What to ask.
  static func commands(_ queues: [QueueKey]) -> [RedisCommand] {
    [["CONFIG", "GET", "notify-keyspace-events"], ["INFO", "server"], ["DBSIZE"]]
      + (0..<draws).map { _ in ["RANDOMKEY"] }
      + queues.flatMap { queue -> [RedisCommand] in
        [["EXISTS", .text(queue[.meta])], ["GET", .text(queue[.id])]]
      }
  }

  /// What the replies tell.
  init(_ replies: [RESPValue], queues: [QueueKey]) {
    let head = 3 + Self.draws
    guard replies.count >= head else { return }
    drawn = replies[3..<head].compactMap(\.string)
    if replies[0].errorLine == nil {
      isSufficient = NotificationSetting(letters: replies[0].pairs.first?.value.string ?? "").isSufficient
    }
    runID = replies[1].string?.split(whereSeparator: \.isNewline).first { $0.hasPrefix("run_id:") }
      .map { String($0.dropFirst("run_id:".count)) }
    keyCount = replies[2].int
    for (queue, start) in zip(queues, stride(from: head, to: replies.count - 1, by: 2)) {
      switch replies[start].int {
      case 0: missing.insert(queue)
      case nil: break
      default: existing.insert(queue)
      }
      added[queue] = replies[start + 1].int
    }
  }

  /// Whether the data seem to be others than at the check before: most of the keys, or of the queues, are gone, or a
  /// queue counts fewer jobs than it had.
  func isReplaced(since before: ServerCheck?) -> Bool {
    if let now = keyCount, let then = before?.keyCount, then > 0, now < then / 2 { return true }
    if let before, added.contains(where: { queue, count in before.added[queue].map { count < $0 } ?? false }) {
      return true
    }
    return !missing.isEmpty && missing.count >= existing.count && missing.isSubset(of: before?.existing ?? [])
  }
}
