import FlowMonitor
import Foundation
import QueueClient

/// The lines of one page of the detail: bounded, whatever the job holds.
struct DetailPage: Sendable {
  struct Line: Sendable {
    var text: String
    var style: Style
    /// Which of the things that can be chosen it is about.
    var item: Int?
    /// How many cells it is moved in.
    var indent = 0
    /// What the text is the value of; empty for nothing.
    var label = ""
    /// What the line opens and folds.
    var fold: (id: FoldID, isOpen: Bool)?
    /// Where the value stands, in words that can be copied.
    var path: String?
    /// What is copied of it, where that is more than the line.
    var copied: String?
    /// The value that the line stands for, where that has more than one.
    var json: JSON?
    /// What Enter does here, beside folding.
    var action: Action?
    /// Whether it is cut where it is too long, and not broken.
    var isOneRow = false
    /// Whether a search has found it, by more than its text.
    var isMatch = false

    init(_ text: String, _ role: Style.Role = .text, item: Int? = nil) {
      self.text = text
      style = Style(role)
      self.item = item
    }
  }

  /// What Enter does on a line.
  enum Action: Sendable, Hashable {
    /// Shows more of a list or a text.
    case showMore(FoldID)
    /// Reads another part of the job.
    case read(PageStep)
    /// Goes to a job in its flow.
    case go(JobKey)
  }

  /// How lines are to be made.
  struct Look: Sendable, Equatable {
    /// Longer lines are broken.
    var width: Int
    var folding = Folding()
    /// What is looked for: it is shown, whatever is folded.
    var search = ""
  }

  /// Nobody scrolls through more.
  static let limit = 5000

  private(set) var lines: [Line] = []
  /// What can be chosen on it.
  private(set) var items: [WhyItem] = []

  init() {}

  /// - Parameters:
  ///   - isRead: whether the job's detail has been read.
  ///   - contents: what the job holds; `nil` when there was no such job.
  ///   - explanation: why its flow is not done, where that was found already.
  ///   - done: what was done about that.
  ///   - masking: what is hidden.
  init(
    tab: DetailTab, subject: Outline.ID?, isRead: Bool, contents: JobContents?, logs: LogView, children: ChildView,
    explanation: Explanation?, done: WhyFocus.Done? = nil, scene: Scene, masking: Masking, look: Look
  ) {
    let lines: [Line]
    switch subject {
    case nil: lines = [Line("nothing is selected", .faint)]
    case .group(let key), .more(let key): lines = Self.group(key, scene)
    case .job(let key):
      switch tab {
      case .why:
        let why = WhyPage(key: key, explanation: explanation, done: done, scene: scene, width: look.width)
        (lines, items) = (why.lines, why.items)
      case .children:
        lines =
          ChildrenPage(key: key, view: children, scene: scene, width: look.width, masking: masking).lines
      case .logs: lines = LogsPage(view: logs).lines
      default:
        if !isRead {
          lines = [Line("reading …", .faint)]
        } else if let contents {
          lines = Self.texts(tab, contents, scene, look)
        } else {
          lines = [Line("there is no such job any more", .faint)]
        }
      }
    }
    self.lines = Self.wrap(lines, width: look.width, isASCII: scene.setup.isASCII)
  }

  private static func group(_ key: GroupKey, _ scene: Scene) -> [Line] {
    let group = scene.picture.families[key.parent]?.groups.first { $0.id == key.group }
    let count = group.map { Formatting.count($0.count) } ?? "?"
    let state = key.group.state
    var lines = [
      Line("\(count) children of \(scene.picture.name(of: key.parent))", .title),
      Line("\(Glyphs.state(state)) \(state.rawValue)", Style(state).role),
    ]
    if let name = key.group.name { lines.append(Line("named \(JobName.shown(name))")) }
    if let reason = key.group.reason { lines.append(Line(scene.setup.masking.masked(reason: reason), .error)) }
    return lines + [Line(""), Line("Enter opens or folds the group", .faint)]
  }

  private static func texts(_ tab: DetailTab, _ contents: JobContents, _ scene: Scene, _ look: Look) -> [Line] {
    let isASCII = scene.setup.isASCII
    switch tab {
    case .data: return DataPage(contents: contents, look: look, isASCII: isASCII).lines
    case .result: return ResultPage(contents: contents, look: look, isASCII: isASCII).lines
    case .error: return ErrorPage(contents: contents, look: look).lines
    case .timeline: return timeline(contents.detail.snapshot, scene)
    case .why, .children, .logs: return []
    }
  }

  /// - Parameter copied: what is copied of each line, where that is the whole.
  static func split(_ text: String, _ role: Style.Role, copied: String? = nil) -> [Line] {
    text.split(separator: "\n", maxSplits: limit, omittingEmptySubsequences: false).map {
      var line = Line(String($0), role)
      line.copied = copied
      return line
    }
  }

  private static func timeline(_ snapshot: JobSnapshot, _ scene: Scene) -> [Line] {
    func entry(_ what: String, _ text: String, _ role: Style.Role = .text) -> Line {
      Line(what.padding(toLength: 12, withPad: " ", startingAt: 0) + text, role)
    }
    func moment(_ what: String, _ time: Int?) -> Line? {
      time.map { time in
        let ago = scene.clock.subtractingReportingOverflow(time)
        let words = Formatting.duration(milliseconds: ago.overflow ? 0 : ago.partialValue, isRunning: true)
        return entry(what, "\(Date(timeIntervalSince1970: Double(time) / 1000).ISO8601Format())   \(words) ago")
      }
    }
    var lines = [
      moment("added", snapshot.timestamp), moment("taken", snapshot.processedOn), moment("ended", snapshot.finishedOn),
    ].compactMap { $0 }
    lines.append(
      entry("attempts", "\(snapshot.attemptsMade) made of \(snapshot.attempts), started \(snapshot.attemptsStarted)"))
    if snapshot.stalledCounter > 0 { lines.append(entry("stalled", "\(snapshot.stalledCounter) times", .warning)) }
    if let worker = snapshot.processedBy { lines.append(entry("worker", worker)) }
    if let parent = snapshot.parentKey { lines.append(entry("parent", "\(parent)")) }
    if let policy = snapshot.failurePolicy { lines.append(entry("on failure", policy.rawValue)) }
    return lines
  }

  /// Breaks lines that are too long for the width; a line that folds, or stands for a value, stays one.
  static func wrap(_ lines: [Line], width: Int, isASCII: Bool, limit: Int = limit) -> [Line] {
    var result: [Line] = []
    for line in lines {
      guard result.count < limit else {
        result.append(Line("… the rest is not shown", .faint))
        break
      }
      let width = max(8, width - line.indent)
      if line.isOneRow || !line.label.isEmpty || line.fold != nil || line.text.utf8.count <= width {
        result.append(line)
        continue
      }
      // What belongs together stands below each other; texts that are long anyhow begin at the edge.
      let indent = line.text.utf8.count < 2000 ? line.text.prefix(width / 3).prefix { $0 == " " } : ""
      var rest = Substring(line.text)
      while !rest.isEmpty, result.count < limit {
        var taken = 0
        var end = rest.startIndex
        while end < rest.endIndex {
          let cells = TextCleaner.width(String(rest[end]), isASCII: isASCII)
          if taken + cells > width, taken > 0 { break }
          taken += cells
          end = rest.index(after: end)
        }
        // At a blank, where one is near.
        if end < rest.endIndex, let blank = rest[..<end].lastIndex(of: " "),
          rest.distance(from: blank, to: end) < min(20, width / 2), blank > rest.startIndex
        {
          end = rest.index(after: blank)
        }
        var part = line
        part.text = String(rest[..<end])
        part.copied = line.copied ?? line.text
        result.append(part)
        rest = rest[end...]
        if !rest.isEmpty, !indent.isEmpty { rest = indent + rest }
      }
    }
    return result
  }
}
