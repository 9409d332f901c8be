import FlowMonitor
import QueueClient

/// The tree: only the rows that are visible are laid out.
struct TreeView {
  let state: DashboardState

  func draw(into frame: inout Frame) {
    let area = state.areas.tree
    guard !state.rows.isEmpty else { return drawEmpty(into: &frame) }
    let columns = TreeColumns(width: frame.size.columns)
    let selected = state.selectedIndex
    for (row, index) in zip(area, state.top..<state.rows.count) {
      TreeRowView(row: state.rows[index], state: state, columns: columns).draw(into: &frame, at: row)
      if index == selected { frame.select(row: row) }
    }
  }

  private func drawEmpty(into frame: inout Frame) {
    let area = state.areas.tree
    var lines: [String]
    switch state.status {
    case .connecting: lines = ["connecting to \(state.server) …"]
    case .stale(_, let reason): lines = [reason, "trying again by itself; q quits"]
    case .live, .followingStreams, .polling:
      if !state.isComplete {
        lines = ["looking for flows …"]
      } else if state.stateFilter != nil || state.problemsOnly {
        lines = ["no flow passes the filter; Esc shows all"]
      } else {
        lines = [
          "no flows here yet", "a flow added under the prefix '\(state.prefix)' appears at once",
          "try: bullflow demo",
        ]
      }
    }
    if state.isASCII { lines = lines.map { $0.replacing("…", with: "...") } }
    for (row, line) in zip(area.dropFirst(1), lines) {
      frame.put(line, row: row, column: 3, limit: frame.size.columns - 4, style: Style(.faint))
    }
  }
}

/// How a row's width is shared out.
struct TreeColumns: Equatable {
  var name: Range<Int>
  /// Empty where there is no room for it.
  var key: Range<Int>
  var status: Range<Int>
  var duration: Range<Int>
  var value: Range<Int>

  init(width: Int) {
    // From the right end on: each column takes what it is given, as long as there is any.
    var end = max(0, width - 1)
    func take(_ wanted: Int) -> Range<Int> {
      let range = max(0, end - wanted)..<end
      end = max(0, range.lowerBound - (wanted > 0 ? 1 : 0))
      return range
    }
    value = take(min(max(width / 6, 8), 28))
    duration = take(7)
    status = take(min(max(width * 3 / 10, 14), 52))
    key = take(width >= 100 ? min(max(width / 5, 18), 46) : 0)
    name = min(1, end)..<end
  }
}

/// One row of the tree.
struct TreeRowView {
  let row: TreeRow
  let state: DashboardState
  let columns: TreeColumns

  func draw(into frame: inout Frame, at line: Int) {
    let glyphs = state.glyphs
    var column = columns.name.lowerBound
    func put(_ text: String, _ style: Style) {
      column = frame.put(text, row: line, column: column, limit: max(0, columns.name.upperBound - column), style: style)
    }
    for trunk in row.trunks.dropLast() { put(trunk ? glyphs.trunk : "  ", Style(.border)) }
    if row.depth > 0 { put(row.isLast ? glyphs.lastBranch : glyphs.branch, Style(.border)) }
    switch row.kind {
    case .more(let count):
      put("\(count) more not shown", Style(.faint))
    case .gone(let kind):
      drawGone(kind, into: &frame, at: line, column: column)
    case .job:
      guard let job = state.forest.jobs[row.key] else { return }
      put(
        row.hasChildren ? (row.isOpen ? glyphs.open : glyphs.folded) + " " : row.depth == 0 ? "  " : "", Style(.faint))
      put(glyphs.state(job.state) + " ", Style(job.state))
      put(
        job.name.isEmpty ? job.key.id : job.name, Style(state.matches(row) ? .match : row.depth == 0 ? .title : .text))
      frame.put(
        "\(job.key.queue.name)/\(job.key.id)", row: line, column: columns.key.lowerBound, limit: columns.key.count,
        style: Style(.faint)
      )
      JobStatus(job: job, state: state).draw(into: &frame, row: line, columns: columns.status)
      drawTime(of: job, into: &frame, at: line)
      drawValue(of: job, into: &frame, at: line)
    }
  }

  private func drawGone(
    _ kind: FlowJob.Child.Kind, into frame: inout Frame, at line: Int, column: Int
  ) {
    let ended: JobState =
      switch kind {
      case .processed: .completed
      case .ignored, .failed: .failed
      case .unprocessed: .unknown
      }
    let end = frame.put(state.glyphs.state(ended) + " ", row: line, column: column, style: Style(ended))
    frame.put(row.key.id, row: line, column: end, limit: max(0, columns.name.upperBound - end), style: Style(.faint))
    frame.put(
      "\(row.key.queue.name)/\(row.key.id)", row: line, column: columns.key.lowerBound, limit: columns.key.count,
      style: Style(.faint)
    )
    let words = kind == .unprocessed ? "missing: its parent waits for it" : "\(ended.rawValue), removed"
    frame.put(words, row: line, column: columns.status.lowerBound, limit: columns.status.count, style: Style(ended))
    for parent in state.forest.jobs.values.lazy.filter({ $0.values[row.key] != nil }).prefix(1) {
      if let value = parent.values[row.key] { drawValue(value, into: &frame, at: line) }
    }
  }

  private func drawTime(of job: FlowJob, into frame: inout Frame, at line: Int) {
    guard let from = job.isFinished || job.state == .active ? job.processedOn ?? job.timestamp : job.timestamp else {
      return
    }
    // A parent has been under way since it was added, not since a worker took it.
    let start = job.isParent ? job.timestamp ?? from : from
    let end = job.isFinished ? job.finishedOn ?? start : Int(clamping: state.now * 1000)
    frame.put(
      Wording.duration(milliseconds: end - start), row: line, endingAt: columns.duration.upperBound,
      limit: columns.duration.count, style: Style(.faint)
    )
  }

  private func drawValue(of job: FlowJob, into frame: inout Frame, at line: Int) {
    if job.state == .completed, let value = job.returnvalue, value != .null {
      drawValue(value, into: &frame, at: line)
    } else if let sum = job.sumOfValues {
      let text = state.glyphs.sum + Wording.number(sum)
      frame.put(text, row: line, column: columns.value.lowerBound, limit: columns.value.count, style: Style(.value))
    }
  }

  private func drawValue(_ value: JSON, into frame: inout Frame, at line: Int) {
    frame.put(
      "= " + Wording.value(value), row: line, column: columns.value.lowerBound, limit: columns.value.count,
      style: Style(.value)
    )
  }
}
