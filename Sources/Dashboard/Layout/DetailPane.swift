import FlowMonitor
import Foundation
import QueueClient

/// The lower part: one job in full, page by page.
struct DetailPane {
  let state: DashboardState

  func draw(into frame: inout Frame) {
    let area = state.areas.detail
    guard let tab = state.detailTab, !area.isEmpty else { return }
    frame.fill(state.glyphs.line, row: area.lowerBound, style: Style(.border))
    var column = 1
    for each in DashboardState.DetailTab.allCases {
      let text = each == tab ? "[\(each.rawValue)]" : " \(each.rawValue) "
      column = frame.put(text, row: area.lowerBound, column: column, style: Style(each == tab ? .title : .faint))
    }
    let title = state.selection.map { " \($0.key) " } ?? ""
    if column + 4 < frame.size.columns {
      frame.put(
        title, row: area.lowerBound, endingAt: frame.size.columns - 1,
        limit: frame.size.columns - column - 4, style: Style(.faint)
      )
    }
    let lines = lines(of: tab, width: max(10, frame.size.columns - 3))
    let room = area.count - 1
    let top = max(0, min(state.detailTop, lines.count - room))
    for (row, line) in zip(area.dropFirst(), lines.dropFirst(top)) {
      frame.put(line.text, row: row, column: 2, limit: frame.size.columns - 3, style: line.style)
    }
    if lines.count > room, area.count > 2 {
      let place = " \(top + 1)-\(min(top + room, lines.count)) of \(lines.count), J K scroll "
      frame.put(place, row: area.upperBound - 1, endingAt: frame.size.columns - 1, limit: 40, style: Style(.faint))
    }
  }

  private typealias Line = (text: String, style: Style)

  private func lines(of tab: DashboardState.DetailTab, width: Int) -> [Line] {
    guard let key = state.selection?.key else { return [("nothing is selected", Style(.faint))] }
    if tab == .why { return why(key) }
    guard let job = state.forest.jobs[key] else { return [("the job is gone", Style(.faint))] }
    if tab == .children { return children(of: job) }
    guard let detail = state.details[key] else { return [("reading", Style(.faint))] }
    let snapshot = detail.snapshot
    switch tab {
    case .data:
      return pretty(snapshot.data) + [("", Style(.text)), ("options", Style(.faint))] + pretty(snapshot.opts.text)
    case .result:
      return snapshot.returnvalue.map(pretty) ?? [("no result yet", Style(.faint))]
    case .error:
      guard let reason = snapshot.failedReason else { return [("no error", Style(.faint))] }
      let stack = snapshot.stacktrace.last.map { $0.split(separator: "\n", omittingEmptySubsequences: false) } ?? []
      return split(reason, Style(.error)) + stack.map { (String($0), Style(.text)) }
    case .logs:
      if detail.logs.isEmpty { return [("no logs", Style(.faint))] }
      let left = detail.logCount - detail.logs.count
      return (left > 0 ? [("\(left) older rows are not shown", Style(.faint))] : [])
        + detail.logs.flatMap { split($0, Style(.text)) }
    case .timeline:
      return timeline(snapshot, job)
    case .children, .why:
      return []
    }
  }

  private func split(_ text: String, _ style: Style) -> [Line] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { (String($0), style) }
  }

  private func children(of job: FlowJob) -> [Line] {
    guard job.isParent else { return [("no children", Style(.faint))] }
    let counts = job.counts
    var lines: [Line] = [
      (
        "\(counts.processed) processed, \(counts.unprocessed) unprocessed, \(counts.ignored) ignored, \(counts.failed) failed",
        Style(.text)
      )
    ]
    if let sum = job.sumOfValues { lines.append((state.glyphs.sum + Wording.number(sum), Style(.value))) }
    for child in job.children {
      let known = state.forest.jobs[child.key]
      let childState = known?.state ?? (child.kind == .processed ? .completed : .unknown)
      let value = job.values[child.key].map { " = " + Wording.value($0) } ?? ""
      let name = known.map { "\($0.name)  " } ?? ""
      lines.append(
        ("\(state.glyphs.state(childState)) \(childState.rawValue)  \(name)\(child.key)\(value)", Style(childState))
      )
    }
    if job.unreadChildren > 0 { lines.append(("\(job.unreadChildren) more are not shown", Style(.faint))) }
    return lines
  }

  private func timeline(_ snapshot: JobSnapshot, _ job: FlowJob) -> [Line] {
    func line(_ what: String, _ time: Int?) -> Line? {
      time.map { time in
        let date = Date(timeIntervalSince1970: Double(time) / 1000)
        let ago = Wording.duration(milliseconds: Int(clamping: state.now * 1000) - time)
        return (
          "\(what.padding(toLength: 12, withPad: " ", startingAt: 0))\(date.ISO8601Format())   \(ago) ago", Style(.text)
        )
      }
    }
    let times = [
      line("added", snapshot.timestamp), line("taken", snapshot.processedOn), line("ended", snapshot.finishedOn),
    ]
    var lines = times.compactMap { $0 }
    lines.append(
      (
        "attempts    \(snapshot.attemptsMade) made of \(snapshot.attempts), started \(snapshot.attemptsStarted)",
        Style(.text)
      ))
    if snapshot.stalledCounter > 0 { lines.append(("stalled     \(snapshot.stalledCounter) times", Style(.warning))) }
    if let worker = snapshot.processedBy { lines.append(("worker      \(worker)", Style(.text))) }
    if let parent = snapshot.parentKey { lines.append(("parent      \(parent)", Style(.text))) }
    if let policy = snapshot.failurePolicy { lines.append(("on failure  \(policy.rawValue)", Style(.text))) }
    return lines
  }

  private func why(_ key: JobKey) -> [Line] {
    switch Diagnosis(of: key, in: state.forest) {
    case .fine:
      guard let job = state.forest.jobs[key] else { return [("the job is gone", Style(.faint))] }
      return [(JobStatus(job: job, state: state).words, Style(job.state)), ("nothing seems wrong", Style(.good))]
    case .failed(let reason):
      return [("it failed: \(reason)", Style(.error)), ("mend the cause, then retry it", Style(.text))]
    case .blockedByFailedChild(let child, _, let reason):
      return [
        ("it waits for \(child), which failed:", Style(.error)), (reason, Style(.error)),
        ("that child has no failure policy, so its parent waits for ever:", Style(.text)),
        ("retry the child, remove it, or remove its dependency", Style(.text)),
      ]
    case .completedStillPending, .waitsForNothing:
      return [(Diagnosis(of: key, in: state.forest).words, Style(.error))]
    case .withoutLock:
      return [
        ("it is active, but no worker holds its lock: its worker has probably died", Style(.warning)),
        ("a running worker of \(key.queue) puts it back within about 30 s; is there one?", Style(.text)),
      ]
    case .missingChild(let child):
      return [
        ("it waits for \(child), which does not exist any more", Style(.error)),
        ("remove that dependency, and it goes on", Style(.text)),
      ]
    case .queuePaused:
      return [("its queue \(key.queue) is paused", Style(.paused)), ("resume the queue, and it runs", Style(.text))]
    }
  }

  /// JSON with a member a line; other text as it is.
  private func pretty(_ text: String) -> [Line] {
    guard let json = try? JSON(parsing: text) else { return split(text, Style(.value)) }
    var lines: [String] = []
    Self.write(json, indent: "", prefix: "", suffix: "", to: &lines)
    return lines.map { ($0, Style(.value)) }
  }

  private static func write(_ json: JSON, indent: String, prefix: String, suffix: String, to lines: inout [String]) {
    // A screen has no use for more, and a job's data may be long.
    guard lines.count < 5000 else { return }
    switch json {
    case .object(let members) where !members.isEmpty:
      lines.append(indent + prefix + "{")
      for (index, member) in members.enumerated() {
        let comma = index < members.count - 1 ? "," : ""
        write(
          member.value, indent: indent + "  ", prefix: "\(JSON.string(member.name).text): ", suffix: comma, to: &lines)
      }
      lines.append(indent + "}" + suffix)
    case .array(let elements) where !elements.isEmpty:
      lines.append(indent + prefix + "[")
      for (index, element) in elements.enumerated() {
        write(element, indent: indent + "  ", prefix: "", suffix: index < elements.count - 1 ? "," : "", to: &lines)
      }
      lines.append(indent + "]" + suffix)
    default:
      lines.append(indent + prefix + json.text + suffix)
    }
  }
}
