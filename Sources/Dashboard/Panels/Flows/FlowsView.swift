import FlowMonitor
import QueueClient

extension FlowsPanel {
  func draw(into frame: inout Frame, area: Area, scene: Scene) {
    guard !area.isEmpty else { return }
    // Columns count from the area's left edge.
    let columns = FlowColumns(panel: self, width: area.width, scene: scene).shifted(by: area.columns.lowerBound)
    var area = area
    if area.height > window.height {
      if !rows.isEmpty { drawHeadings(columns, into: &frame, row: area.rows.lowerBound) }
      area = area.droppingRows(area.height - window.height)
    }
    guard !rows.isEmpty else { return EmptyState(scene: scene, window: window).draw(into: &frame, area: area) }
    for (row, index) in zip(area.rows, top..<max(top, rows.count)) {
      RowView(panel: self, index: index, scene: scene, columns: columns).draw(into: &frame, at: row)
      if scene.isStale { frame.dim(row: row, columns: area.columns) }
      if index == cursor { frame.select(row: row, columns: area.columns) }
      if matches(rows[index], in: scene) { frame.mark(search.text, row: row, columns: area.columns) }
    }
  }

  private func drawHeadings(_ columns: FlowColumns, into frame: inout Frame, row: Int) {
    func put(_ text: String, _ range: Range<Int>) {
      frame.put(text, row: row, column: range.lowerBound, limit: range.count, style: Style(.faint))
    }
    put("  FLOW", columns.flow)
    put("QUEUE/ID", columns.id)
    put("STATE", columns.state)
    put("PROGRESS", columns.progress)
    frame.put("AGE", row: row, endingAt: columns.age.upperBound, limit: columns.age.count, style: Style(.faint))
    put("VALUE", columns.value)
  }
}

extension FlowColumns {
  func shifted(by distance: Int) -> FlowColumns {
    var copy = self
    for path in FlowColumn.allCases.map(\.place)
    where !copy[keyPath: path].isEmpty {
      let range = copy[keyPath: path]
      copy[keyPath: path] = range.lowerBound + distance..<range.upperBound + distance
    }
    return copy
  }
}

/// One row of the list.
struct RowView {
  let panel: FlowsPanel
  let index: Int
  let scene: Scene
  let columns: FlowColumns

  private var row: Outline.Row { panel.rows[index] }
  private var parent: JobKey? { panel.rows.parents[index] }

  func draw(into frame: inout Frame, at line: Int) {
    let column = drawTree(into: &frame, at: line)
    let name = RowName(row, parent: parent, scene: scene)
    // Where it is not its name that matches, but its key, that is to be seen, too.
    let isOtherMatch = panel.matches(row, in: scene) && !panel.isSought(in: name.name)
    let role: Style.Role = isOtherMatch ? .match : name.isFaint ? .faint : row.depth == 0 ? .title : .text
    let end = columns.flow.upperBound
    var next = frame.put(name.name, row: line, column: column, limit: max(0, end - column), style: Style(role))
    // Of a hint that is cut, a few letters say nothing.
    if let hint = name.hint, next + 2 + min(frame.width(of: hint), 12) <= end {
      next = frame.put(hint, row: line, column: next + 2, limit: end - next - 2, style: Style(.faint))
    }
    if panel.marks.contains(row.id) {
      frame.put(Glyphs.mark, row: line, column: columns.flow.lowerBound - 1, style: Style(.mark))
    }
    switch row.id {
    case .job(let key): drawJob(key, into: &frame, at: line)
    case .group(let key): drawGroup(key, into: &frame, at: line)
    case .more: break
    }
  }

  /// The lines of the tree, the fold's sign and the state's.
  private func drawTree(into frame: inout Frame, at line: Int) -> Int {
    var column = columns.flow.lowerBound
    let end = columns.flow.upperBound
    func put(_ text: String, _ style: Style) {
      column = frame.put(text, row: line, column: column, limit: max(0, end - column), style: style)
    }
    let fold = row.hasChildren ? (row.isOpen ? Glyphs.open : Glyphs.folded) : " "
    if row.depth == 0 {
      put(fold + " ", Style(.faint))
    } else {
      let shown = FlowColumns.shown(row, in: columns.flow.count)
      put(shown < row.depth ? FlowColumns.depthMark(row) : "  ", Style(.border))
      for guide in row.guides.suffix(shown - 1) { put(guide ? Glyphs.trunk : "  ", Style(.border)) }
      put(row.isLast ? "└" : "├", Style(.border))
      put(fold, Style(.faint))
    }
    if let (sign, style) = sign {
      put(sign, style)
      put(" ", Style(.text))
    }
    return column
  }

  private var sign: (String, Style)? {
    switch row.id {
    case .job(let key):
      if let job = scene.picture.jobs[key] {
        let isPaused = job.state == .waiting && scene.isPaused(key.queue)
        return isPaused ? (Glyphs.paused, Style(.paused)) : (Glyphs.state(job.state), Style(job.state))
      }
      let state: JobState =
        switch kind(of: key) {
        case .processed: .completed
        case .ignored, .failed: .failed
        case .unprocessed, nil: .unknown
        }
      return (Glyphs.state(state), Style(state))
    case .group(let key): return (Glyphs.state(key.group.state), Style(key.group.state))
    case .more: return nil
    }
  }

  /// What became of a child, by what its parent holds.
  private func kind(of key: JobKey) -> Family.Kind? {
    guard let family = parent.flatMap({ scene.picture.families[$0] }) else { return nil }
    return family.children.first { $0.key == key }?.kind
      ?? (family.revealed?.key == key ? family.revealed?.kind : nil)
      ?? family.groups.first { $0.members.contains(key) || $0.last.contains(key) }?.id.kind
  }

  // MARK: Jobs

  private func drawJob(_ key: JobKey, into frame: inout Frame, at line: Int) {
    frame.put(
      "\(key.queue.name)/\(key.id)", row: line, column: columns.id.lowerBound, limit: columns.id.count,
      style: Style(.faint))
    guard let job = scene.picture.jobs[key] else {
      let isGone = scene.picture.gone.contains(key)
      StateText(ofAbsent: kind(of: key), isGone: isGone).draw(into: &frame, row: line, columns: columns.state)
      if let value = parent.flatMap({ scene.picture.families[$0]?.values[key] }) {
        drawValue(Formatting.value(value), into: &frame, at: line)
      }
      return
    }
    drawState(of: job, into: &frame, at: line)
    drawProgress(of: job, into: &frame, at: line)
    drawAge(of: job, into: &frame, at: line)
    guard let value = RowValue.text(of: job, scene.picture) else { return }
    let isTooLong = job.state == .completed && job.returnvalue == nil && job.longReturnvalue != nil
    frame.put(
      value, row: line, column: columns.value.lowerBound, limit: columns.value.count,
      style: Style(isTooLong ? .faint : .value))
  }

  /// The state; where the bar has no column of its own, it stands in it.
  private func drawState(of job: FlowJob, into frame: inout Frame, at line: Int) {
    var text = StateText(of: job, scene: scene)
    // A flow's root names a parent only where that does not exist: else it would not be the root.
    if row.depth == 0, job.parentKey != nil, !job.isFinished { text.details.insert("its parent is gone", at: 0) }
    let range = columns.state
    let bar = StackedBar(job: job, picture: scene.picture)
    guard columns.progress.isEmpty, job.state == .waitingChildren, text.role != .error, bar.total > 0 else {
      return text.draw(into: &frame, row: line, columns: range)
    }
    let share = "\(Formatting.count(job.counts.processed))/\(Formatting.count(job.counts.total))"
    let whole = frame.width(of: text.main)
    let short = whole + 7 <= range.count ? text.main : share
    let end = frame.put(short, row: line, column: range.lowerBound, limit: range.count, style: Style(text.role))
    // Bars below each other begin in one column, where the words leave room for that.
    let column = max(end + 1, min(range.lowerBound + 25, range.upperBound - 10))
    let room = range.upperBound - column
    if room >= 4 { bar.draw(into: &frame, row: line, column: column, width: min(10, room)) }
  }

  private func drawProgress(of job: FlowJob, into frame: inout Frame, at line: Int) {
    let range = columns.progress
    guard !range.isEmpty else { return }
    let width = range.count - FlowColumns.failedWidth
    // A parent at work itself is past its children.
    let percent = job.state == .active && job.counts.unprocessed == 0 ? StateText.percent(job) : nil
    if job.counts.total > 0, percent == nil {
      let bar = StackedBar(job: job, picture: scene.picture)
      // Of finished flows the word says it all.
      if job.state == .completed, bar.failed == 0 { return }
      bar.draw(into: &frame, row: line, column: range.lowerBound, width: width)
      guard bar.failed > 0 else { return }
      frame.put(
        "\(Glyphs.state(.failed))\(Formatting.count(bar.failed))", row: line, column: range.lowerBound + width + 1,
        limit: FlowColumns.failedWidth - 1, style: Style(JobState.failed))
    } else if let percent {
      let full = percent * width / 100
      frame.fill(
        Glyphs.done, row: line, columns: range.lowerBound..<range.lowerBound + full, style: Style(.bar))
      frame.fill(
        Glyphs.waiting, row: line, columns: range.lowerBound + full..<range.lowerBound + width, style: Style(.border))
    }
  }

  private func drawAge(of job: FlowJob, into frame: inout Frame, at line: Int) {
    guard let age = Age(of: job, at: scene.clock) else { return }
    frame.put(
      age.text(room: columns.age.count), row: line, endingAt: columns.age.upperBound, limit: columns.age.count,
      style: Style(.faint))
  }

  private func drawValue(_ text: String, into frame: inout Frame, at line: Int) {
    frame.put(
      text, row: line, column: columns.value.lowerBound, limit: columns.value.count, style: Style(.value))
  }

  // MARK: Groups

  private func drawGroup(_ key: GroupKey, into frame: inout Frame, at line: Int) {
    let group = scene.picture.families[key.parent]?.groups.first { $0.id == key.group }
    let shown = (group ?? ChildGroup(id: key.group, count: KnownCount(0, isExact: false))).shown(
      by: scene.setup.masking)
    StateText(of: shown)
      .draw(into: &frame, row: line, columns: columns.state)
  }
}
