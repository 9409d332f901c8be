import FlowMonitor
import QueueClient

/// One job in full, page by page.
struct DetailPanel: Panel {
  /// The page that is shown; `nil` while the detail is closed.
  var tab: DetailTab?
  /// The row whose detail this is.
  var subject: Outline.ID?
  /// The first line shown.
  var top = 0
  /// The page's lines; worked out when what they tell changes, not for each frame.
  var page = DetailPage()
  /// What is chosen on the page that says why.
  var why = WhyFocus()

  /// What was read of a job; no job where it is gone.
  private var read: (key: JobKey, detail: JobDetail?)?
  /// The job that is being read, and whether it has changed since that began.
  private var reading: JobKey?
  private var isOutdated = false
  /// The subject's row when it was read last.
  private var seen: FlowJob?
  /// Why the flow of a job is not done, as it was found last.
  private var explained: (key: JobKey, explanation: Explanation?, at: Double)?
  /// The job whose flow is being looked at for that.
  private var explaining: JobKey?
  /// The job by which the flow of the subject is asked about.
  private var inquiry: JobKey?
  /// Whether something was changed since that began.
  private var isExplanationOld = false
  /// So many seconds later it is looked at again.
  private static let explanationAge = 5.0
  /// What the page was made of.
  private var made: Ingredients?

  private struct Ingredients: Equatable {
    var tab: DetailTab
    var subject: Outline.ID?
    var width: Int
    var readings: Int
    var picture: Int
    var done: WhyFocus.Done?
  }
  private var readings = 0

  enum Command: KeyCommand {
    case nextTab, previousTab, lineDown, lineUp, pageDown, pageUp

    var name: String {
      switch self {
      case .pageDown: "half-page-down"
      case .pageUp: "half-page-up"
      default: Self.spelled("\(self)")
      }
    }
  }

  static let keys = KeyTable<Command>([
    .init(.nextTab, "Detail", "Tab", "next page", .key(.tab), .character("\t")),
    .init(.previousTab, "Detail", "Shift-Tab", "page before", .key(.backTab)),
    .init(.lineDown, "Detail", "J", "scroll down", .character("J")),
    .init(.lineUp, "Detail", "K", "scroll up", .character("K")),
    .init(.pageDown, "Detail", "Ctrl-D", "scroll half a page down", .character("\u{04}")),
    .init(.pageUp, "Detail", "Ctrl-U", "scroll half a page up", .character("\u{15}")),
  ])

  mutating func perform(_ command: Command, in scene: Scene) -> [Request] {
    switch command {
    case .nextTab: return turn(by: 1)
    case .previousTab: return turn(by: -1)
    case .lineDown: top += 1
    case .lineUp: top -= 1
    case .pageDown: top += 5
    case .pageUp: top -= 5
    }
    return []
  }

  private mutating func turn(by step: Int) -> [Request] {
    let all = DetailTab.allCases
    guard let tab, let index = all.firstIndex(of: tab) else { return [.showDetail(nil)] }
    self.tab = all[(index + step + all.count) % all.count]
    top = 0
    return []
  }

  /// Opens on a page, or closes where that one is open; without a page, on the one that fits, or closes.
  mutating func toggle(_ wanted: DetailTab?, hasProblem: Bool) {
    if wanted == .why { return toggleWhy() }
    why.isOn = false
    if let wanted {
      tab = tab == wanted ? nil : wanted
    } else {
      tab = tab == nil ? (hasProblem ? .why : .data) : nil
    }
    top = 0
  }

  mutating func close() {
    tab = nil
    explaining = nil
    why.isOn = false
    why.forget()
  }

  mutating func scroll(by distance: Int, area: Area) { top = clamp(top + distance, area: area) }

  private func clamp(_ top: Int, area: Area) -> Int { max(0, min(top, page.lines.count - max(1, area.height - 1))) }

  mutating func click(row: Int, column: Int, area: Area) -> [Request] {
    guard row == area.rows.lowerBound else { return clickWhy(row: row, area: area) }
    if let tab = tabPlaces(in: area).first(where: { $0.columns.contains(column) })?.tab {
      self.tab = tab
      top = 0
    }
    return []
  }

  // MARK: Following the selection

  /// Takes what is selected now and how the world is; asks for what is missing.
  ///
  /// - Parameter flow: the root of the flow that the selected row stands in, where that is known.
  mutating func follow(_ selection: Outline.ID?, of flow: JobKey? = nil, in scene: Scene, area: Area) -> [Effect] {
    guard let tab else { return stop() }
    var effects: [Effect] = []
    // Of a job that does not exist, its flow tells why it is waited for.
    inquiry = selection?.job.map { scene.picture.gone.contains($0) ? flow ?? $0 : $0 }
    if subject != selection {
      if !covers(selection?.job) {
        top = 0
        why.restart()
        why.forget()
      }
      if tab != .why { top = 0 }
      subject = selection
      effects += stop()
    }
    if let key = subject?.job {
      let job = scene.picture.jobs[key]
      if reading == key {
        if job != seen { isOutdated = true }
      } else if read?.key != key || job != seen {
        effects.append(startReading(key, in: scene))
      }
    }
    if tab == .why, let key = inquiry, explaining != key, needsExplanation(of: key, at: scene.now) {
      explaining = key
      effects.append(.explain(key))
    }
    // Pages of a job's own texts need not be made again for each picture; those of its row and its children do.
    let isOfPicture = tab == .why || tab == .children || tab == .timeline
    let ingredients = Ingredients(
      tab: tab, subject: subject, width: max(10, area.width - 4), readings: readings,
      picture: isOfPicture ? pictureMark(of: scene, includingTime: tab == .timeline) : 0, done: why.done)
    if made != ingredients {
      made = ingredients
      let detail = read.flatMap { $0.key == subject?.job ? $0 : nil }
      page = DetailPage(
        tab: tab, subject: subject, isRead: detail != nil, detail: detail?.detail,
        explanation: covers(subject?.job) ? explained?.explanation : nil, done: why.done, scene: scene,
        width: ingredients.width)
      why.arrange(page.items)
    }
    top = clamp(top, area: area)
    return effects
  }

  private func needsExplanation(of key: JobKey, at now: Double) -> Bool {
    guard let explained, covers(key) else { return true }
    return now - explained.at >= Self.explanationAge
  }

  /// Takes in why a flow is not done.
  mutating func take(_ explanation: Explanation?, of key: JobKey, at now: Double) {
    guard explaining == key else { return }
    explaining = nil
    // What was asked before something was done tells nothing of what came of it.
    explained = (key, explanation, isExplanationOld ? -.infinity : now)
    if !isExplanationOld { why.noteLook() }
    isExplanationOld = false
    readings += 1
  }

  /// Whether what was found last is about the flow of a job: jobs of one flow have their causes in common.
  private func covers(_ key: JobKey?) -> Bool {
    guard let explained, let key else { return false }
    if explained.key == key || explained.key == inquiry { return true }
    guard let explanation = explained.explanation else { return false }
    return explanation.root == key || explanation.causes.contains { $0.chain.contains(key) }
  }

  /// The root of the flow that was explained last.
  var explainedRoot: JobKey? { explained.map { $0.explanation?.root ?? $0.key } }

  /// What the explanation of a job's flow proposes; before there is one, what its row shows.
  func fixes(for key: JobKey, in scene: Scene) -> [Cause.Fix] {
    if let explained, covers(key), let explanation = explained.explanation {
      return explanation.causes.flatMap(\.fixes)
    }
    return scene.picture.trouble(of: key)?.cause(of: key, nameOf: scene.picture.name)?.fixes ?? []
  }

  /// Something was changed: what is shown is to be found out again.
  mutating func lookAgain() {
    explained?.at = -.infinity
    isExplanationOld = explaining != nil
  }

  /// Changes whenever something changes that the page shows of the picture.
  private func pictureMark(of scene: Scene, includingTime: Bool) -> Int {
    var hasher = Hasher()
    let picture = scene.picture
    hasher.combine(scene.hasPicture)
    if includingTime { hasher.combine(scene.clock / 1000) }
    if let key = subject?.job {
      hasher.combine(picture.jobs[key])
      hasher.combine(picture.gone.contains(key))
      hasher.combine(picture.trouble(of: key))
      guard let family = picture.families[key] else { return hasher.finalize() }
      hasher.combine(family)
      for child in family.children { hasher.combine(picture.jobs[child.key]) }
    } else if case .group(let key) = subject {
      hasher.combine(picture.families[key.parent]?.groups.first { $0.id == key.group })
    }
    return hasher.finalize()
  }

  private mutating func startReading(_ key: JobKey, in scene: Scene) -> Effect {
    reading = key
    isOutdated = false
    seen = scene.picture.jobs[key]
    return .readDetail(key)
  }

  private mutating func stop() -> [Effect] {
    guard reading != nil else { return [] }
    reading = nil
    return [.stopReadingDetail]
  }

  /// Takes what was read; where the job has changed meanwhile, it is read again.
  mutating func take(_ key: JobKey, _ detail: JobDetail?, in scene: Scene) -> [Effect] {
    guard reading == key else { return [] }
    reading = nil
    readings += 1
    read = (key, detail)
    return isOutdated ? [startReading(key, in: scene)] : []
  }

  /// - Returns: whether anybody still waits for it.
  mutating func fail(_ key: JobKey) -> Bool {
    guard reading == key else { return false }
    reading = nil
    // Not asked for again until it changes or is selected again: whoever refused it would again.
    read = (key, nil)
    return true
  }

  // MARK: Drawing

  func draw(into frame: inout Frame, area: Area, scene: Scene) {
    guard let tab, !area.isEmpty else { return }
    let first = area.rows.lowerBound
    let isBeside = area.columns.lowerBound > 0
    frame.fill(Glyphs.line, row: first, columns: area.columns, style: Style(.border))
    if isBeside {
      for row in area.rows { frame.put("│", row: row, column: area.columns.lowerBound, style: Style(.border)) }
    }
    for place in tabPlaces(in: area) where place.columns.upperBound < area.columns.upperBound {
      frame.put(
        " \(place.tab.rawValue) ", row: first, column: place.columns.lowerBound,
        style: Style(place.tab == tab ? .tab : .faint))
    }
    drawTitle(into: &frame, area: area, scene: scene)
    let left = area.columns.lowerBound + 2
    for (row, index) in zip(area.rows.dropFirst(), page.lines.indices.dropFirst(top)) {
      let line = page.lines[index]
      frame.put(line.text, row: row, column: left, limit: max(0, area.columns.upperBound - left - 1), style: line.style)
      if scene.isStale { frame.dim(row: row, columns: left..<area.columns.upperBound) }
      guard hasWhyFocus, line.item == why.cursor else { continue }
      // The sign tells without colours, too, where the keys go.
      let isFirst = index == 0 || page.lines[index - 1].item != line.item
      if isFirst { frame.put(Glyphs.folded, row: row, column: left - 1, limit: 1, style: line.style) }
      frame.select(row: row, columns: left - 1..<area.columns.upperBound)
    }
  }

  /// Which job it is, and where the page stands: beside the tabs, so that no line of the page is hidden.
  private func drawTitle(into frame: inout Frame, area: Area, scene: Scene) {
    var end = area.columns.upperBound - 1
    let room = max(0, area.height - 1)
    if page.lines.count > room {
      let place = "\(top + 1)-\(min(top + room, page.lines.count))"
      let keys = "\(scene.key("line-down")) \(scene.key("line-up"))"
      let forms = [" \(place) of \(Formatting.count(page.lines.count))  \(keys) ", " \(place)  \(keys) ", " \(place) "]
      let fitting = forms.first { frame.width(of: $0) * 3 <= area.width } ?? forms[2]
      frame.put(fitting, row: area.rows.lowerBound, endingAt: end, limit: area.width, style: Style(.faint))
      end -= frame.width(of: fitting)
    }
    guard let key = subject?.job, let last = tabPlaces(in: area).last else { return }
    let left = end - last.columns.upperBound - 2
    guard left >= 12 else { return }
    frame.put(
      " \(key.queue.name)/\(key.id) ", row: area.rows.lowerBound, endingAt: end, limit: left, style: Style(.faint))
  }

  private func tabPlaces(in area: Area) -> [(tab: DetailTab, columns: Range<Int>)] {
    var column = area.columns.lowerBound + 1
    // Where the names are too long for the width, the first letters of all say more than the names of some.
    return DetailTab.allCases.map { tab in
      let width = tab.rawValue.count + 2
      defer { column += width }
      return (tab, column..<column + width)
    }
  }
}

/// The pages of the detail.
enum DetailTab: String, Sendable, Hashable, CaseIterable {
  case why = "Why"
  case data = "Data"
  case result = "Result"
  case children = "Children"
  case error = "Error"
  case logs = "Logs"
  case timeline = "Timeline"
}
