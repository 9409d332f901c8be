import FlowMonitor
import Foundation
import QueueClient

/// The lines of one page of the detail: bounded, whatever the job holds.
struct DetailPage: Sendable, Equatable {
  struct Line: Sendable, Equatable {
    var text: String
    var style: Style
    /// Which of the things that can be chosen it is about.
    var item: Int?

    init(_ text: String, _ role: Style.Role = .text, item: Int? = nil) {
      self.text = text
      style = Style(role)
      self.item = item
    }
  }

  /// Nobody scrolls through more.
  static let limit = 5000

  private(set) var lines: [Line] = []
  /// What can be chosen on it.
  private(set) var items: [WhyItem] = []

  init() {}

  /// - Parameters:
  ///   - isRead: whether the job's detail has been read.
  ///   - detail: what was read; `nil` when there was no such job.
  ///   - explanation: why its flow is not done, where that was found already.
  ///   - done: what was done about that.
  ///   - width: longer lines are broken.
  init(
    tab: DetailTab, subject: Outline.ID?, isRead: Bool, detail: JobDetail?,
    explanation: Explanation?, done: WhyFocus.Done? = nil, scene: Scene, width: Int
  ) {
    let lines: [Line]
    switch subject {
    case nil: lines = [Line("nothing is selected", .faint)]
    case .group(let key), .more(let key): lines = Self.group(key, scene)
    case .job(let key):
      switch tab {
      case .why:
        let why = WhyPage(key: key, explanation: explanation, done: done, scene: scene, width: width)
        (lines, items) = (why.lines, why.items)
      case .children: lines = ChildrenPage(key: key, scene: scene).lines
      default:
        if !isRead {
          lines = [Line("reading …", .faint)]
        } else if let detail {
          lines = Self.texts(tab, detail, scene)
        } else {
          lines = [Line("there is no such job any more", .faint)]
        }
      }
    }
    self.lines = Self.wrap(lines, width: width, isASCII: scene.setup.isASCII)
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
    if let reason = key.group.reason { lines.append(Line(reason, .error)) }
    return lines + [Line(""), Line("Enter opens or folds the group", .faint)]
  }

  private static func texts(_ tab: DetailTab, _ detail: JobDetail, _ scene: Scene) -> [Line] {
    let snapshot = detail.snapshot
    /// A word on a text that was left out.
    func long(_ field: JobField) -> [Line]? {
      detail.long[field.rawValue].map { [Line("\(Formatting.bytes($0)), too long to show here", .faint)] }
    }
    switch tab {
    case .data:
      return (long(.data) ?? PrettyJSON.lines(of: snapshot.data)) + [Line(""), Line("options", .faint)]
        + (long(.opts) ?? PrettyJSON.lines(of: snapshot.opts.text))
    case .result:
      return long(.returnvalue) ?? snapshot.returnvalue.map { PrettyJSON.lines(of: $0) }
        ?? [Line("no result yet", .faint)]
    case .error:
      let reason = long(.failedReason) ?? snapshot.failedReason.map { split($0, .error) }
      guard let reason else { return [Line("no error", .faint)] }
      return reason + (long(.stacktrace) ?? snapshot.stacktrace.last.map { split($0, .text) } ?? [])
    case .logs:
      if detail.logs.isEmpty { return [Line("no logs", .faint)] }
      let left = detail.logCount - detail.logs.count
      return (left > 0 ? [Line("\(Formatting.count(left)) older rows are not shown", .faint)] : [])
        + detail.logs.flatMap { split($0, .text) }
    case .timeline:
      return timeline(snapshot, scene)
    case .why, .children:
      return []
    }
  }

  static func split(_ text: String, _ role: Style.Role) -> [Line] {
    text.split(separator: "\n", maxSplits: limit, omittingEmptySubsequences: false).map { Line(String($0), role) }
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

  /// Breaks lines that are too long for the width.
  static func wrap(_ lines: [Line], width: Int, isASCII: Bool) -> [Line] {
    var result: [Line] = []
    for line in lines {
      guard result.count < limit else {
        result.append(Line("… the rest is not shown", .faint))
        break
      }
      if line.text.utf8.count <= width {
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
        result.append(Line(String(rest[..<end]), line.style.role, item: line.item))
        rest = rest[end...]
        if !rest.isEmpty, !indent.isEmpty { rest = indent + rest }
      }
    }
    return result
  }
}

/// JSON with a member a line; other text as it is.
enum PrettyJSON {
  static func lines(of text: String) -> [DetailPage.Line] {
    guard let json = try? JSON(parsing: text) else { return DetailPage.split(text, .value) }
    var lines: [String] = []
    write(json, indent: "", prefix: "", suffix: "", to: &lines)
    return lines.map { DetailPage.Line($0, .value) }
  }

  private static func write(_ json: JSON, indent: String, prefix: String, suffix: String, to lines: inout [String]) {
    // A screen has no use for more, and a job's data may be long or deep.
    guard lines.count < DetailPage.limit, indent.count < 120 else { return }
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
