import FlowMonitor
import QueueClient

/// Why a job is not done, and what one can do about it: all causes where they were looked for, else what the rows show.
struct WhyPage {
  let key: JobKey
  let explanation: Explanation?
  /// What was done about it, in words.
  let done: WhyFocus.Done?
  let scene: Scene
  let width: Int

  private(set) var lines: [DetailPage.Line] = []
  /// What can be chosen, in the order of the lines.
  private(set) var items: [WhyItem] = []
  private var fixes = 0

  /// So many causes are told; there are hardly ever more.
  private static let mostCauses = 30
  /// Of a longer way, the jobs in between are left out.
  private static let mostLinks = 12

  init(key: JobKey, explanation: Explanation?, done: WhyFocus.Done?, scene: Scene, width: Int) {
    (self.key, self.explanation, self.done, self.scene, self.width) = (key, explanation, done, scene, width)
    let causes = causes
    addDone(needing: causes.contains(where: \.needsPerson))
    for (index, cause) in causes.prefix(Self.mostCauses).enumerated() {
      if index > 0 { lines.append(.init("")) }
      add(cause)
    }
    if causes.count > Self.mostCauses {
      lines.append(.init("… and \(Formatting.count(causes.count - Self.mostCauses)) causes more", .faint))
    }
    if causes.isEmpty { addState() }
  }

  private var causes: [Cause] {
    let picture = scene.picture
    return explanation?.causes
      ?? picture.trouble(of: key)?.cause(of: key, nameOf: picture.name).map { [$0] } ?? []
  }

  // MARK: Where nothing keeps it

  private mutating func addState() {
    guard let job = scene.picture.jobs[key] else {
      lines.append(
        scene.picture.gone.contains(key) || explanation != nil
          ? .init("the job is gone", .faint) : .init("reading …", .faint))
      return
    }
    let name = scene.picture.name(of: key)
    lines.append(.init("\(name): \(StateText(of: job, scene: scene).main)", Style(job.state).role))
    if job.isFinished { return }
    lines.append(
      explanation == nil ? .init("looking for what keeps it …", .faint) : .init("nothing seems wrong", .good))
  }

  /// What was done, and what came of it as far as the flow was looked at since.
  private mutating func addDone(needing needsPerson: Bool) {
    guard let done else { return }
    let after: String
    if done.isError {
      after = ""
    } else if !done.hasLooked {
      after = "; looking again …"
    } else {
      after = needsPerson ? "; this is left:" : "; nothing is left that needs somebody"
    }
    lines.append(.init(done.words + after, done.isError ? .error : .good))
    lines.append(.init(""))
  }

  // MARK: Causes

  private mutating func add(_ cause: Cause) {
    let words = CauseWords(cause)
    // The sign tells without colours, too, what does not end by itself.
    lines.append(.init((cause.needsPerson ? "! " : "- ") + words.sentence, cause.needsPerson ? .error : .text))
    let details = words.details(at: scene.clock)
    if !details.isEmpty { lines.append(.init("  " + details.joined(separator: ", "), .faint)) }
    for fix in cause.fixes where !items.contains(.fix(fix)) { add(fix) }
    addWay(of: cause)
  }

  private mutating func add(_ fix: Cause.Fix) {
    fixes += 1
    let item = items.count
    items.append(.fix(fix))
    let key = fix.action?.verb.keyName.map { "  (\(scene.key($0)))" } ?? ""
    let number = fixes <= 9 ? "\(fixes)" : " "
    let words = "  \(number)  \(fix.words)\(key)"
    let command = fix.commandLine
    if words.count + 3 + command.count <= width {
      lines.append(.init("\(words)   \(command)", .key, item: item))
    } else {
      lines.append(.init(words, .key, item: item))
      lines.append(.init("     \(command)", .faint, item: item))
    }
  }

  /// The way from the root to the job that is to blame, each of them a link.
  private mutating func addWay(of cause: Cause) {
    let chain = cause.chain
    guard chain.count > 1 || chain.first.map({ $0 != key }) ?? false, !items.contains(.job(chain)) else { return }
    for (place, job) in chain.enumerated() {
      if chain.count > Self.mostLinks, place >= Self.mostLinks / 3, place < chain.count - Self.mostLinks * 2 / 3 {
        if place == Self.mostLinks / 3 {
          lines.append(.init("    … \(Formatting.count(chain.count - Self.mostLinks)) in between", .faint))
        }
        continue
      }
      let item = items.count
      items.append(.job(Array(chain[...place])))
      let indent = "  " + (place == 0 ? "" : String(repeating: "  ", count: min(place, 8) - 1) + "└ ")
      let isHere = job == key ? "  (this one)" : ""
      lines.append(.init("\(indent)\(name(of: job, in: cause))\(isHere)", .title, item: item))
    }
  }

  private func name(of job: JobKey, in cause: Cause) -> String {
    let place = "\(job.queue.name)/\(job.id)"
    let evidence = cause.evidence
    let known =
      job == cause.job ? evidence.name : job == evidence.parent ? evidence.parentName : scene.picture.jobs[job]?.name
    guard let known, !known.isEmpty else { return place }
    return "\(JobName.shown(known, of: job))  \(place)"
  }
}
