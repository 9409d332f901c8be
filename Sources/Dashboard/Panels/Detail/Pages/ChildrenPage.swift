import FlowMonitor
import QueueClient

/// The children of a job as a table: state, name, how long each took, and what it returned or why it failed.
struct ChildrenPage {
  let key: JobKey
  let view: ChildView
  let scene: Scene
  let width: Int
  /// What is hidden of values and reasons.
  let masking: Masking

  var lines: [DetailPage.Line] {
    guard let page = view.page else { return [.init("reading …", .faint)] }
    guard page.counts.total > 0 else { return [.init("no children", .faint)] }
    var lines = [head(page)]
    if let summary = summary(of: page) { lines.append(summary) }
    if !view.isFirst { lines.append(step("… the page before", .earlier)) }
    let children = view.children
    let nameWidth = min(24, max(8, width / 4), children.map { cells(name(of: $0)) }.max() ?? 0)
    let stateWidth = children.map { cells(state(of: $0)) }.max() ?? 0
    lines += children.map { line(of: $0, stateWidth: stateWidth, nameWidth: nameWidth) }
    if page.next != nil { lines.append(step("… more children", .later)) }
    return lines
  }

  private func head(_ page: ChildPage) -> DetailPage.Line {
    let counts = page.counts
    let parts = [
      (counts.processed, "processed"), (counts.unprocessed, "unprocessed"), (counts.ignored, "ignored"),
      (counts.failed, "failed"),
    ]
    let words = parts.filter { $0.0 > 0 }.map { "\(Formatting.count($0.0)) \($0.1)" }
    return .init(words.joined(separator: ", ") + "   sorted by \(view.order.rawValue)", .faint)
  }

  /// The sum of the values, the least and the greatest, where they are numbers.
  private func summary(of page: ChildPage) -> DetailPage.Line? {
    let numbers = page.children.compactMap { $0.kind == .processed ? $0.value?.double : nil }.filter(\.isFinite)
    guard let least = numbers.min(), let most = numbers.max() else { return nil }
    let isWhole = view.isFirst && page.next == nil
    let other = page.children.count { $0.kind == .processed } - numbers.count
    let sum = numbers.reduce(into: CompensatedSum()) { $0.add($1) }.value
    var words = isWhole ? "" : "of this page: "
    words += "\(Glyphs.sum)\(Formatting.number(sum))   least \(Formatting.number(least))"
    words += "   greatest \(Formatting.number(most))"
    if other > 0 { words += "   \(Formatting.count(other)) without a number" }
    if !isWhole, let all = scene.picture.families[key]?.sum { words += "   of all: \(Formatting.number(all))" }
    return .init(words, .value)
  }

  // MARK: Rows

  private func line(of child: ChildPage.Child, stateWidth: Int, nameWidth: Int) -> DetailPage.Line {
    let taken = child.duration.map { Formatting.duration(milliseconds: $0) } ?? ""
    let value = value(of: child)
    var line = DetailPage.Line(
      Glyphs.state(child.state) + " " + padded(state(of: child), stateWidth) + "  " + padded(name(of: child), nameWidth)
        + "  "
        + String(repeating: " ", count: max(0, 6 - cells(taken))) + taken + "  " + Formatting.firstLine(value),
      Style(child.state).role)
    line.isOneRow = true
    line.path = "\(child.key)"
    line.copied = value
    line.action = .go(child.key)
    return line
  }

  private func state(of child: ChildPage.Child) -> String {
    switch (child.kind, child.name) {
    case (.ignored, nil): "ignored, removed"
    case (.ignored, _): "ignored"
    case (.processed, nil): "completed, removed"
    case (.failed, nil): "failed, removed"
    case (.unprocessed, nil): "gone"
    default: child.state.rawValue
    }
  }

  private func name(of child: ChildPage.Child) -> String {
    child.name.map { JobName.shown($0, of: child.key) } ?? "\(child.key.queue.name)/\(child.key.id)"
  }

  /// What it returned, or why it failed.
  private func value(of child: ChildPage.Child) -> String {
    if child.kind != .processed, let reason = child.reason { return masking.masked(reason: reason) }
    if let value = child.value, child.kind == .processed { return Formatting.value(masking.masked(value)) }
    return child.longValue.map { "… \(Formatting.bytes($0))" } ?? ""
  }

  private func step(_ text: String, _ way: PageStep.Way) -> DetailPage.Line {
    var line = DetailPage.Line(text, .key)
    line.action = .read(PageStep(subject: .children, way: way))
    return line
  }

  private func cells(_ text: String) -> Int { TextCleaner.width(text, isASCII: scene.setup.isASCII, most: width) }

  /// A text of exactly so many cells.
  private func padded(_ text: String, _ width: Int) -> String {
    var text = String(text.prefix(width * 2))
    if cells(text) > width {
      while !text.isEmpty, cells(text) > width - 1 { text.removeLast() }
      text += "…"
    }
    return text + String(repeating: " ", count: max(0, width - cells(text)))
  }
}
