import FlowMonitor
import QueueClient

/// What a row says a job has returned, or its children.
enum RowValue {
  /// The words; `nil` where there is nothing to show.
  static func text(of job: FlowJob, _ picture: Picture) -> String? {
    if job.state == .completed, let value = job.returnvalue, value != .null { return Formatting.value(value) }
    if job.state == .completed, let size = job.longReturnvalue { return "… \(Formatting.bytes(size))" }
    return picture.families[job.key]?.sum.map { Glyphs.sum + Formatting.number($0) }
  }
}
