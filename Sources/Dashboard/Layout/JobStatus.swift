import FlowMonitor
import QueueClient

/// A job's state in words, with its progress.
struct JobStatus {
  let job: FlowJob
  let state: DashboardState

  func draw(into frame: inout Frame, row: Int, columns: Range<Int>) {
    let style = Style(job.state)
    guard job.state == .active, let progress = fraction else {
      frame.put(words, row: row, column: columns.lowerBound, limit: columns.count, style: style)
      return
    }
    let bar = columns.count >= 28 ? 10 : 5
    let full = Int(clamping: (progress * Double(bar)).rounded())
    var column = frame.put(
      String(repeating: state.glyphs.barFull, count: full), row: row, column: columns.lowerBound, style: Style(.bar)
    )
    column = frame.put(
      String(repeating: state.glyphs.barEmpty, count: bar - full), row: row, column: column, style: Style(.border)
    )
    let text = " active \(Int(clamping: (progress * 100).rounded()))%\(tries)"
    frame.put(text, row: row, column: column, limit: columns.upperBound - column, style: style)
  }

  /// Progress as 0...1, where it is a number.
  private var fraction: Double? {
    guard let number = job.progress?.double, number > 0 else { return nil }
    return min(1, number / 100)
  }

  /// The state in words.
  var words: String {
    let counts = job.counts
    let done = counts.processed
    switch job.state {
    case .waitingChildren:
      let failed = counts.failed + counts.ignored
      let trouble = Diagnosis(of: job.key, in: state.forest)
      if case .blockedByFailedChild(let child, _, _) = trouble { return "stuck: child \(child.id) failed" }
      if case .missingChild(let child) = trouble { return "stuck: child \(child.id) is missing" }
      return "waits: \(done) of \(counts.total) done, \(counts.unprocessed) to go"
        + (failed > 0 ? ", \(failed) failed" : "")
    case .failed:
      return "failed: " + (job.failedReason ?? "no reason given")
    case .active:
      if job.isWithoutLock { return "active, no worker holds it" }
      return "active" + tries + (job.progress.flatMap { $0.double == nil ? ", " + $0.text : nil } ?? "")
    case .delayed:
      let wait = job.dueOn.map { Wording.duration(milliseconds: $0 - Int(clamping: state.now * 1000)) }
      return "delayed" + (wait.map { ", due in \($0)" } ?? "") + tries
    case .completed:
      return "completed" + (counts.total > 0 ? ", \(done) of \(counts.total) done" : "")
    case .waiting, .prioritized:
      let paused = state.forest.queues[job.key.queue]?.isPaused == true ? ", queue paused" : ""
      return job.state.rawValue + paused + (counts.total > 0 ? ", \(done) of \(counts.total) done" : "") + tries
    case .unknown:
      return "unknown"
    }
  }

  private var tries: String {
    guard job.attempts > 1, job.attemptsMade > 0 else { return "" }
    return ", try \(min(job.attemptsMade + 1, job.attempts))/\(job.attempts)"
  }
}
