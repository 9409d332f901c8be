import FlowMonitor
import QueueClient

extension FindPanel {
  func draw(into frame: inout Frame, area: Area, scene: Scene) {
    guard !area.isEmpty else { return }
    let inner = area.columns.lowerBound + 1..<max(area.columns.lowerBound + 2, area.columns.upperBound - 1)
    title.draw(into: &frame, row: area.rows.lowerBound, columns: inner)
    let rows = area.droppingRows(area.height - table.height)
    let columns = columns(width: area.width, scene: scene).shifted(by: area.columns.lowerBound)
    if area.height - table.height > 1, !jobs.isEmpty {
      drawHeadings(columns, into: &frame, row: area.rows.lowerBound + 1)
    }
    if jobs.isEmpty, let first = rows.rows.first {
      frame.put(emptyWords, row: first, column: inner.lowerBound + 1, limit: inner.count - 1, style: Style(.faint))
    }
    for (row, index) in zip(rows.rows, table.top..<max(table.top, jobs.count)) {
      draw(jobs[index], columns, into: &frame, at: row, scene: scene)
      if scene.isStale { frame.dim(row: row, columns: area.columns) }
      if index == table.cursor { frame.select(row: row, columns: area.columns) }
    }
  }

  /// How many rows of an area are left for jobs.
  static func rowCount(in area: Area, hasHeadings: Bool) -> Int { max(1, area.height - (hasHeadings ? 2 : 1)) }

  /// What is looked for, how many were found, and how far the search has come.
  var title: Line {
    let count = progress.matches
    let part =
      count > jobs.count && !jobs.isEmpty
      ? "first \(Formatting.count(jobs.count)) of " : ""
    var right = [
      Line.Part("\(part)\(isRunning ? Glyphs.atLeast : "")\(Formatting.count(count)) found", .text, weight: 6)
    ]
    if !table.marks.isEmpty { right.append(Line.Part("\(table.marks.count) marked", .mark, weight: 5)) }
    if progress.unread > 0 {
      right.append(Line.Part("\(Formatting.count(progress.unread)) too long to tell", .warning, weight: 3))
    }
    right.append(Line.Part(far, .faint, weight: 4))
    if let trouble {
      right.append(Line.Part(trouble, .error, weight: 5, least: 12))
    } else if isRunning {
      right.append(Line.Part(Formatting.percent(progress.progress.fraction), .warning, weight: 7))
    } else if !progress.isComplete {
      right.append(Line.Part("stopped", .warning, weight: 7))
    }
    return Line(left: [Line.Part("find \(query)", .title, weight: 8, least: 10)], right: right)
  }

  private var far: String {
    let queues = Formatting.count(progress.queues, "queue")
    guard filter.soleID == nil else { return "in \(queues)" }
    let total = progress.total
    return isRunning
      ? "looked at \(Formatting.count(progress.looked)) of \(Formatting.count(total, "job"))"
      : "of \(Formatting.count(progress.looked, "job")) in \(queues)"
  }

  private var emptyWords: String {
    if isRunning { return "nothing found yet; Esc stops" }
    if trouble != nil { return "the search has ended before its end" }
    guard progress.isComplete else { return "nothing found before it was stopped" }
    guard let id = filter.soleID else { return "no job matches" }
    return "no job has the id '\(id)'; name~TEXT and error~TEXT look elsewhere"
  }

  private func columns(width: Int, scene: Scene) -> FlowColumns {
    var need = FlowColumns.Need()
    for job in visible {
      need.flow = max(
        need.flow,
        4 + TextCleaner.width(JobName.shown(job.name, of: job.key), isASCII: scene.setup.isASCII, most: width))
      let state = StateText(of: job, scene: scene).main
      need.state = max(need.state, TextCleaner.width(state, isASCII: scene.setup.isASCII, most: width))
    }
    var columns = FlowColumns(width: width, need: need, showsIDs: true)
    // Reasons get the room of what no job on the screen has.
    if !columns.progress.isEmpty, !visible.contains(where: Self.hasBar) {
      columns.state = columns.state.lowerBound..<columns.progress.upperBound
      columns.progress = 0..<0
    }
    if !columns.value.isEmpty, columns.progress.isEmpty, !visible.contains(where: Self.hasValue) {
      let room = columns.value.upperBound - columns.age.upperBound
      columns.state = columns.state.lowerBound..<columns.state.upperBound + room
      columns.age = columns.age.lowerBound + room..<columns.value.upperBound
      columns.value = 0..<0
    }
    return columns
  }

  private static func hasBar(_ job: FlowJob) -> Bool { job.counts.total > 0 && job.state != .completed }

  private static func hasValue(_ job: FlowJob) -> Bool {
    job.state == .completed && job.returnvalue.map { $0 != .null } == true
  }

  private func drawHeadings(_ columns: FlowColumns, into frame: inout Frame, row: Int) {
    for (text, range) in [
      ("  JOB", columns.flow), ("QUEUE/ID", columns.id), ("STATE", columns.state), ("PROGRESS", columns.progress),
      ("VALUE", columns.value),
    ] {
      frame.put(text, row: row, column: range.lowerBound, limit: range.count, style: Style(.faint))
    }
    frame.put("AGE", row: row, endingAt: columns.age.upperBound, limit: columns.age.count, style: Style(.faint))
  }

  private func draw(_ job: FlowJob, _ columns: FlowColumns, into frame: inout Frame, at row: Int, scene: Scene) {
    let isGone = gone.contains(job.key)
    let sign = isGone ? JobState.unknown : job.state
    if table.marks.contains(.job(job.key)) {
      frame.put(Glyphs.mark, row: row, column: columns.flow.lowerBound - 1, style: Style(.mark))
    }
    let start = columns.flow.lowerBound + 2
    frame.put(Glyphs.state(sign), row: row, column: start, limit: 1, style: Style(sign))
    frame.put(
      JobName.shown(job.name, of: job.key), row: row, column: start + 2,
      limit: max(0, columns.flow.upperBound - start - 2),
      style: Style(isGone ? .faint : .text))
    frame.put(
      "\(job.key.queue.name)/\(job.key.id)", row: row, column: columns.id.lowerBound, limit: columns.id.count,
      style: Style(.faint))
    let state = isGone ? StateText("gone since it was found", .faint) : StateText(of: job, scene: scene)
    state.draw(into: &frame, row: row, columns: columns.state)
    if Self.hasBar(job), !columns.progress.isEmpty {
      StackedBar(job: job, picture: scene.picture).draw(
        into: &frame, row: row, column: columns.progress.lowerBound,
        width: columns.progress.count - FlowColumns.failedWidth)
    }
    if let since = job.finishedOn ?? job.timestamp {
      let age = scene.clock.subtractingReportingOverflow(since)
      let text = Formatting.duration(milliseconds: age.overflow ? 0 : age.partialValue, isRunning: true)
      frame.put(text, row: row, endingAt: columns.age.upperBound, limit: columns.age.count, style: Style(.faint))
    }
    if job.state == .completed, let value = job.returnvalue, value != .null {
      frame.put(
        Formatting.value(value), row: row, column: columns.value.lowerBound, limit: columns.value.count,
        style: Style(.value))
    }
  }
}
