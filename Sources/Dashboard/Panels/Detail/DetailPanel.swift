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
  /// Whether keys are the page's, and where in it they are.
  var focus = DetailFocus()
  /// What is open and folded on the pages.
  var folding = Folding()
  /// Whether the secrets of this job are shown.
  var showsSecrets = false
  /// The job's log and its children, as far as they were read.
  var logs = LogView()
  var children = ChildView()
  /// The part that is to be read next.
  var wish: JobPart?

  /// What was read of a job; no contents where it is gone.
  var read: (key: JobKey, contents: JobContents?)?
  /// The job that is being read, and whether it has changed since that began.
  private var reading: JobKey?
  private var isOutdated = false
  /// The subject's row when it was read last.
  private var seen: FlowJob?
  /// The part that is being read, and when one was asked for last.
  private var readingPart: JobPart?
  private var partAskedAt = -Double.infinity
  /// So many seconds later a log or the children are looked at again.
  private static let partAge = 2.0
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
    var look: DetailPage.Look
    var readings: Int
    var picture: Int
    var done: WhyFocus.Done?
  }
  /// Changes with everything that is read.
  var readings = 0

  enum Command: KeyCommand {
    case nextTab, previousTab, lineDown, lineUp, pageDown, pageUp, secrets, pager, editor

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
    .init(.secrets, "Detail", "M", "show or hide secrets", .character("M")),
    .init(.pager, "Detail", "o", "open in $PAGER", .character("o")),
    .init(.editor, "Detail", "O", "open a copy in $EDITOR", .character("O")),
  ])

  mutating func perform(_ command: Command, in scene: Scene) -> [Request] {
    switch command {
    case .nextTab: return turn(by: 1)
    case .previousTab: return turn(by: -1)
    case .lineDown: top += 1
    case .lineUp: top -= 1
    case .pageDown: top += 5
    case .pageUp: top -= 5
    case .secrets: return toggleSecrets(in: scene)
    case .pager: return openOutside(by: .pager, in: scene)
    case .editor: return openOutside(by: .editor, in: scene)
    }
    return []
  }

  private mutating func turn(by step: Int) -> [Request] {
    let all = DetailTab.allCases
    guard let tab, let index = all.firstIndex(of: tab) else { return [.showDetail(nil)] }
    show(all[(index + step + all.count) % all.count])
    return []
  }

  /// Shows a page from its beginning.
  mutating func show(_ tab: DetailTab) {
    if self.tab != tab {
      // Whoever went into the detail stays in it.
      why.isOn = focus.isOn && tab == .why
      (focus.cursor, focus.search, focus.typing) = (0, "", nil)
      // What the page before asked for keeps this one waiting no longer.
      (readingPart, partAskedAt, wish) = (nil, -.infinity, nil)
    }
    self.tab = tab
    top = 0
  }

  /// Opens on a page, or closes where that one is open; without a page, on the one that fits, or goes into the one that is
  /// open.
  mutating func toggle(_ wanted: DetailTab?, hasProblem: Bool) {
    if wanted == .why { return toggleWhy() }
    if let wanted {
      if tab == wanted { close() } else { show(wanted) }
    } else if tab == nil {
      show(hasProblem ? .why : .data)
    } else if tab == .why {
      why.isOn = true
    } else {
      focus.isOn = true
      focus.cursor = top
    }
  }

  mutating func close() {
    tab = nil
    explaining = nil
    why.isOn = false
    why.forget()
    focus = DetailFocus()
    hideSecrets()
  }

  mutating func scroll(by distance: Int, area: Area) { top = clamp(top + distance, area: area) }

  func clamp(_ top: Int, area: Area) -> Int { max(0, min(top, page.lines.count - max(1, room(in: area)))) }

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
      startOver()
      effects += stop()
    }
    if let key = subject?.job {
      let job = scene.picture.jobs[key]
      if reading == key {
        if job != seen { isOutdated = true }
      } else if read?.key != key || job != seen {
        effects.append(startReading(key, in: scene))
      }
      if let part = wantedPart(of: key, in: scene) {
        (readingPart, partAskedAt, wish) = (part, scene.now, nil)
        effects.append(.readPart(key, part))
      }
    }
    if tab == .why, let key = inquiry, explaining != key, needsExplanation(of: key, at: scene.now) {
      explaining = key
      effects.append(.explain(key))
    }
    make(tab, in: scene, area: area)
    return effects
  }

  /// Another job: what was shown of the one before is forgotten.
  private mutating func startOver() {
    (focus.cursor, focus.search, focus.typing) = (0, "", nil)
    folding = Folding()
    (logs, children) = (LogView(), ChildView())
    (readingPart, partAskedAt, wish) = (nil, -.infinity, nil)
    hideSecrets()
  }

  /// The part that is to be read now: what somebody asks for, what the page shows and is not there, or what is old.
  private func wantedPart(of key: JobKey, in scene: Scene) -> JobPart? {
    if let wish { return wish }
    guard readingPart == nil, scene.now - partAskedAt >= Self.partAge else { return nil }
    switch tab {
    case .logs where logs.isFollowing: return .logs(before: nil)
    case .children where children.page == nil: return .children(nil)
    case .children:
      let isOver = scene.picture.jobs[key]?.isFinished == true && children.page?.counts.unprocessed == 0
      return isOver ? nil : .children(children.place)
    default: return nil
    }
  }

  /// Makes the page, where anything has changed of what it tells.
  private mutating func make(_ tab: DetailTab, in scene: Scene, area: Area) {
    // Pages of a job's own texts need not be made again for each picture; those of its row and its children do.
    let isOfPicture = tab == .why || tab == .children || tab == .timeline
    let look = DetailPage.Look(
      width: max(10, area.width - 4), folding: folding, search: focus.typing == .filter ? "" : focus.search)
    let ingredients = Ingredients(
      tab: tab, subject: subject, look: look, readings: readings,
      picture: isOfPicture ? pictureMark(of: scene, includingTime: tab == .timeline) : 0, done: why.done)
    if made != ingredients {
      let isSame = made?.tab == tab && made?.subject == subject
      made = ingredients
      let read = read.flatMap { $0.key == subject?.job ? $0 : nil }
      let before = page
      page = DetailPage(
        tab: tab, subject: subject, isRead: read != nil, contents: read?.contents, logs: logs, children: children,
        explanation: covers(subject?.job) ? explained?.explanation : nil, done: why.done, scene: scene,
        masking: masking(in: scene), look: look)
      why.arrange(page.items)
      if isSame, focus.typing == .search {
        moveToFirstMatch(area: area)
      } else if isSame {
        keepPlace(from: before, area: area)
      }
    }
    top = clamp(top, area: area)
    // Whatever scrolled, what is selected is on the screen.
    focus.cursor = max(top, min(focus.cursor, top + max(1, room(in: area)) - 1, page.lines.count - 1))
  }

  private func needsExplanation(of key: JobKey, at now: Double) -> Bool {
    guard let explained, covers(key) else { return true }
    return now - explained.at >= Self.explanationAge
  }

  /// Has the flow of a job explained beside the page, where that is not at hand and not asked for already.
  mutating func explain(_ key: JobKey, at now: Double) -> [Effect] {
    guard tab != .why || inquiry != key, explaining != key, needsExplanation(of: key, at: now) else { return [] }
    explaining = key
    return [.explain(key)]
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
    partAskedAt = -.infinity
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
    readingPart = nil
    guard reading != nil else { return [] }
    reading = nil
    return [.stopReadingDetail]
  }

  /// Takes what was read; where the job has changed meanwhile, it is read again.
  mutating func take(_ key: JobKey, _ detail: JobDetail?, in scene: Scene) -> [Effect] {
    guard reading == key else { return [] }
    reading = nil
    readings += 1
    var contents = detail.map { JobContents($0, masking: masking(in: scene)) }
    if let read, read.key == key, let before = read.contents { contents?.keepPieces(of: before) }
    read = (key, contents)
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

  /// Takes a part that was read; `nil` for one that is not there.
  mutating func take(_ key: JobKey, _ part: JobPart, _ answer: JobPart.Answer?, in scene: Scene) {
    guard subject?.job == key, readingPart == part else { return }
    readingPart = nil
    readings += 1
    switch (part, answer) {
    case (.text(let field, _), .text(let piece)): read?.contents?.take(piece, of: field)
    case (.logs(let before), .logs(let page)):
      logs.take(page, isEnd: before == nil, masking: masking(in: scene))
    case (.children(let place), .children(let page)): children.take(page, at: place)
    default: break
    }
  }

  /// - Returns: whether anybody still waits for it.
  mutating func fail(_ key: JobKey, _ part: JobPart) -> Bool {
    guard subject?.job == key, readingPart == part else { return false }
    readingPart = nil
    return true
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
