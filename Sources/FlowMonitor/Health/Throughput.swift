import QueueClient

/// How many jobs ended in each of the last seconds, from the counters of the queues. Pure.
///
/// What was added and is in no unfinished state any more has ended, whether or not it was kept.
struct Throughput: Sendable, Equatable {
  /// The newest last.
  private(set) var perSecond: [Int] = []
  private var last: [QueueKey: (added: Int, unfinished: Int)] = [:]

  /// Of so many seconds something is remembered.
  static let limit = 16

  static func == (left: Throughput, right: Throughput) -> Bool { left.perSecond == right.perSecond }

  /// Takes counters in.
  ///
  /// - Parameters:
  ///   - added: how many jobs have ever been added, by queue.
  ///   - statuses: how the queues stand.
  ///   - elapsed: seconds since the last time.
  mutating func take(added: [QueueKey: Int], statuses: [QueueKey: QueueStatus], elapsed: Double) {
    var ended = 0
    for (queue, count) in added {
      guard let status = statuses[queue] else { continue }
      let unfinished = status.counts.reduce(0) { sum, entry in
        [.completed, .failed, .unknown].contains(entry.key) ? sum : Self.sum(sum, entry.value)
      }
      if let before = last[queue] {
        let (arrived, _) = count.subtractingReportingOverflow(before.added)
        let (waiting, _) = unfinished.subtractingReportingOverflow(before.unfinished)
        ended = Self.sum(ended, max(0, arrived.subtractingReportingOverflow(waiting).partialValue))
      }
      last[queue] = (count, unfinished)
    }
    let seconds = min(max(1, elapsed.rounded()), Double(Self.limit))
    guard seconds.isFinite else { return }
    let rate = (Double(ended) / seconds).rounded()
    perSecond += Array(repeating: Int(exactly: rate) ?? .max, count: Int(exactly: seconds) ?? 1)
    perSecond.removeFirst(max(0, perSecond.count - Self.limit))
  }

  /// Forgets the counters: the data are others.
  mutating func restart() { last = [:] }

  private static func sum(_ left: Int, _ right: Int) -> Int {
    let (sum, isOverflow) = left.addingReportingOverflow(right)
    return isOverflow ? .max : sum
  }
}
