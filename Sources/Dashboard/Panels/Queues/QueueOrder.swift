import FlowMonitor
import QueueClient

/// The order of the queues: by name from A on, by numbers the largest first. Pure.
struct QueueOrder: Sendable, Equatable {
  var column: Column
  var isReversed: Bool

  /// What the queues can be sorted by: the columns, from the left.
  enum Column: String, Sendable, CaseIterable {
    case name, wait, active, delayed, children, failed, done, oldest, workers

    var next: Column {
      let all = Column.allCases
      return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
    }
  }

  /// The queues in order; of equals, by name.
  func sorted(_ keys: [QueueKey], _ overview: QueueOverview) -> [QueueKey] {
    let byName = keys.sorted()
    guard column != .name else { return isReversed ? byName.reversed() : byName }
    let values = byName.map { overview.lines[$0].map(value) ?? .min }
    let order = byName.indices.sorted { left, right in
      if values[left] == values[right] { return left < right }
      return isReversed ? values[left] < values[right] : values[left] > values[right]
    }
    return order.map { byName[$0] }
  }

  private func value(_ line: QueueOverview.Line) -> Int {
    let counts = line.status.counts
    return switch column {
    case .name: 0
    case .wait: line.ready
    case .active: counts[.active] ?? 0
    case .delayed: counts[.delayed] ?? 0
    case .children: counts[.waitingChildren] ?? 0
    case .failed: counts[.failed] ?? 0
    case .done: line.rate(of: .completed)?.perMinute ?? -1
    // What was added first has waited longest.
    case .oldest: line.inspected.nextAddedOn.map { -$0 } ?? .min
    case .workers: line.workers ?? -1
    }
  }
}

extension QueueOverview.Line {
  /// How many jobs are ready to run.
  var ready: Int { (status.counts[.waiting] ?? 0).addingClamped(status.counts[.prioritized] ?? 0) }

  /// How fast jobs end.
  struct Rate: Sendable, Equatable {
    /// The heights of a row of bars, the newest last.
    var bars: [Int]
    var perMinute: Int
    /// Whether it is reckoned from what we saw ourselves, in seconds.
    var isSampled: Bool
  }

  /// Who looks for less than this, in milliseconds, and sees no job end, knows no rate.
  private static let leastSampled = 5000

  /// How fast jobs complete, or fail: by the workers' counters, else by the jobs that are kept, else by what was seen;
  /// `nil` where none of them says it.
  func rate(of state: JobState) -> Rate? {
    let counts = sampled.map { state == .failed ? $0.failed : $0.completed }
    let ended = counts.reduce(0) { $0.addingClamped($1) }
    if let minutes = state == .failed ? inspected.failed : inspected.completed {
      // The current minute has only begun. Counters that stand still while jobs end are nobody's any more.
      let perMinute = minutes.suffix(2).max() ?? 0
      if perMinute > 0 || ended == 0 { return Rate(bars: minutes, perMinute: perMinute, isSampled: false) }
    }
    let time = sampled.reduce(0) { $0.addingClamped($1.milliseconds) }
    if let kept = lately.map({ state == .failed ? $0.failed : $0.completed }), kept > 0, kept >= ended {
      return Rate(bars: counts, perMinute: kept, isSampled: false)
    }
    guard time > 0, ended > 0 || time >= Self.leastSampled else { return nil }
    let perMinute = Int(clamping: (Double(ended) * 60_000 / Double(time)).rounded())
    return Rate(bars: counts, perMinute: perMinute, isSampled: true)
  }

  /// What holds it up, or would, in words; whether somebody should mind.
  func limits(at now: Int) -> (text: String, isWarning: Bool) {
    var words: [String] = []
    if status.isPaused { words.append("paused") }
    if workers == 0 { words.append("no worker") }
    if let rest = inspected.limitedFor { words.append("held \(Formatting.duration(milliseconds: rest))") }
    if let limit = status.limit {
      let span = limit.milliseconds == 1000 ? "s" : Formatting.duration(milliseconds: limit.milliseconds)
      words.append("\(Formatting.count(limit.jobs))/\(span)")
    }
    if let most = status.concurrency { words.append("\(Formatting.count(most)) at once") }
    let waits = ready > 0 || (status.counts[.delayed] ?? 0) > 0
    return (words.joined(separator: ", "), waits && (status.isPaused || workers == 0))
  }
}
