import FlowMonitor

/// How long a job is as it is: waiting since it was added, active since a worker took it, failed since it failed. Of a
/// completed one that says nothing any more; there it is how long it took, and is told apart by a word.
struct Age: Sendable, Equatable {
  var milliseconds: Int
  /// Whether it is how long the job took.
  var isOver: Bool

  /// - Parameter now: milliseconds since 1970.
  init?(of job: FlowJob, at now: Int) {
    // A parent has been under way since it was added, not since a worker took it.
    let begin = job.isParent ? job.timestamp ?? job.processedOn : job.processedOn ?? job.timestamp
    let from: Int?
    switch job.state {
    case .completed, .active: from = begin
    case .failed: from = job.finishedOn ?? begin
    default: from = job.timestamp
    }
    guard let from else { return nil }
    isOver = job.state == .completed
    let (length, isTooLong) = (isOver ? job.finishedOn ?? from : now).subtractingReportingOverflow(from)
    milliseconds = isTooLong ? 0 : max(0, length)
  }

  /// The words: `4m12s`, `in 1.2s`.
  func text(room: Int) -> String {
    let span = Formatting.duration(milliseconds: milliseconds, isRunning: !isOver)
    return isOver && room >= Self.width ? "in \(span)" : span
  }

  /// So many cells the words take.
  static let width = 9
}
