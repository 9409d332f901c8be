import FlowMonitor

/// One row's bar: for each column what stands there. Pure.
struct TimelineBar: Sendable, Equatable {
  private(set) var cells: [TimelineSign?]

  /// - Parameter now: up to where that goes which lasts.
  init(_ spans: [JobSpan], scale: TimeScale, now: Int, isCritical: Bool) {
    cells = Array(repeating: nil, count: scale.width)
    for span in spans {
      let (first, end) = Self.columns(of: span, scale, now)
      guard first < end, let sign = TimelineSign(span, isCritical: isCritical) else { continue }
      for column in first..<end { cells[column] = sign }
    }
    // What is too short for a column is seen all the same, where a worker ran.
    for span in spans where span.kind == .active || span.kind == .blocked {
      let column = scale.column(of: span.start)
      guard column == scale.column(of: span.end ?? now), cells.indices.contains(column) else { continue }
      cells[column] = TimelineSign(span, isCritical: isCritical)
    }
    for span in spans where span.kind == .active && span.isFailure {
      guard let end = span.end else { continue }
      let (first, behind) = (scale.column(of: span.start), scale.column(of: end))
      let column = max(first, behind - 1)
      if cells.indices.contains(column), behind >= 0 { cells[column] = TimelineSign.failure }
    }
  }

  /// Columns next to each other with the same sign.
  var runs: [(columns: Range<Int>, sign: TimelineSign)] {
    var runs: [(columns: Range<Int>, sign: TimelineSign)] = []
    for (column, cell) in cells.enumerated() {
      guard let cell else { continue }
      if let last = runs.last, last.columns.upperBound == column, last.sign == cell {
        runs[runs.count - 1].columns = last.columns.lowerBound..<column + 1
      } else {
        runs.append((column..<column + 1, cell))
      }
    }
    return runs
  }

  private static func columns(of span: JobSpan, _ scale: TimeScale, _ now: Int) -> (Int, Int) {
    (max(0, scale.column(of: span.start)), min(scale.width, scale.column(of: span.end ?? now)))
  }
}
