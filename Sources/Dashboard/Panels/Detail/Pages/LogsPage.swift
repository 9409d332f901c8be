import FlowMonitor
import QueueClient

/// What is shown of a job's log: a page of it, followed at its end.
struct LogView: Sendable {
  private(set) var page: LogPage?
  /// Whether it stands at the end, and new rows are shown as they come.
  private(set) var isFollowing = true
  /// Only rows with this text are shown.
  var filter = ""
  /// The rows without their secrets.
  private(set) var texts: [String] = []

  /// Where a step leads.
  func part(_ way: PageStep.Way) -> JobPart? {
    guard let page else { return nil }
    switch way {
    case .earlier: return page.first > 0 ? .logs(before: page.first) : nil
    case .later:
      guard page.hasLater else { return nil }
      let end = page.first.addingClamped(page.rows.count).addingClamped(LogPage.most)
      return .logs(before: end >= page.total ? nil : end)
    }
  }

  mutating func take(_ page: LogPage, isEnd: Bool, masking: Masking) {
    self.page = page
    isFollowing = isEnd
    mask(by: masking)
  }

  mutating func mask(by masking: Masking) { texts = page?.rows.map { masking.masked($0.text) } ?? [] }
}

/// The rows of a page of a log.
struct LogsPage {
  let view: LogView

  var lines: [DetailPage.Line] {
    guard let page = view.page else { return [.init("reading …", .faint)] }
    guard page.total > 0 else { return [.init("no logs", .faint)] }
    var lines: [DetailPage.Line] = []
    if page.first > 0 { lines.append(step("… \(Formatting.count(page.first)) earlier rows", .earlier)) }
    let shown = zip(page.rows, view.texts).filter { view.filter.isEmpty || JSONMatches.occurs(view.filter, in: $1) }
    for (row, text) in shown {
      lines += DetailPage.split(text, .text, copied: text)
      if row.isCut { lines.append(.init("… of \(Formatting.bytes(row.size))", .faint)) }
    }
    if !view.filter.isEmpty {
      let count = Formatting.count(page.rows.count)
      lines.append(
        .init("\(Formatting.count(shown.count)) of \(count) rows hold '\(view.filter)'; f changes it", .faint))
    }
    if page.hasLater {
      let later = page.total - page.first - page.rows.count
      lines.append(step("… \(Formatting.count(max(0, later))) later rows", .later))
    }
    return lines
  }

  private func step(_ text: String, _ way: PageStep.Way) -> DetailPage.Line {
    var line = DetailPage.Line(text, .key)
    line.action = .read(PageStep(subject: .logs, way: way))
    return line
  }
}
