import FlowMonitor
import QueueClient

/// The line that commands are typed into: `:find state:failed`.
struct PalettePanel: Sendable {
  /// What is typed; `nil` while the line is closed.
  var text: String?
  /// What was wrong with it.
  var trouble: String?
  /// What was entered before, the newest last.
  private var history: [String] = []
  /// How far back in that the person has gone.
  private var back = 0
  /// What was typed before the person went back.
  private var draft = ""

  /// Its keys, for people.
  static let help: [KeyHelp] = [
    ("Tab", "complete what is typed"), ("↑ ↓", "what was typed before"), ("Ctrl-U", "begin anew"),
    ("Enter", "do it"), ("Esc", "leave it"),
  ].map { KeyHelp(name: "", group: "Commands", shown: $0.0, does: $0.1, hint: nil, keys: []) }

  var isTyping: Bool { text != nil }

  mutating func open(_ text: String = "") {
    self.text = text
    trouble = nil
    back = 0
  }

  mutating func close() { text = nil }

  /// Opens again with what was wrong.
  mutating func refuse(_ text: String, _ trouble: String) {
    self.text = text
    self.trouble = trouble
  }

  mutating func type(_ input: InputEvent, in scene: Scene) -> [Request] {
    guard var text else { return [] }
    trouble = nil
    switch TypedKey(input) {
    case .enter:
      close()
      guard !text.allSatisfy(\.isWhitespace) else { return [] }
      history.removeAll { $0 == text }
      history.append(text)
      return [.command(text)]
    case .escape:
      close()
      return []
    case .erase:
      guard !text.isEmpty else {
        close()
        return []
      }
      text.removeLast()
    case .letter(let character): text.append(character)
    case nil: edit(&text, by: input, in: scene)
    }
    self.text = text
    return []
  }

  /// What keys do that type nothing.
  private mutating func edit(_ text: inout String, by input: InputEvent, in scene: Scene) {
    switch input {
    case .key(.up), .key(.down):
      if back == 0 { draft = text }
      back = max(0, min(history.count, back + (input == .key(.up) ? 1 : -1)))
      text = back > 0 ? history[history.count - back] : draft
    case .key(.tab), .character("\t"):
      text = PaletteCompletion(text, scene: scene).completed
    case .character("\u{15}"): text = ""
    default: break
    }
  }

  func draw(into frame: inout Frame, row: Int, room: Int, scene: Scene) {
    guard let text else { return }
    // Of a long line its end is seen.
    var shown = text
    while frame.width(of: shown) > max(1, room - 3), !shown.isEmpty { shown.removeFirst() }
    let end = frame.put(":\(shown)_", row: row, column: 1, limit: room, style: Style(.title))
    let words = trouble ?? PaletteCompletion(text, scene: scene).candidates.joined(separator: " ")
    guard end + 3 < room else { return }
    frame.put(words, row: row, column: end + 2, limit: room - end - 2, style: Style(trouble == nil ? .faint : .error))
  }
}

/// What may come next in a command that is typed. Pure.
struct PaletteCompletion: Sendable, Equatable {
  /// What was typed, without its last word.
  private var head: Substring
  /// The words that begin like the last one.
  private(set) var candidates: [String]
  private var last: Substring

  init(_ text: String, scene: Scene) {
    let place = text.lastIndex(of: " ").map { text.index(after: $0) } ?? text.startIndex
    (head, last) = (text[..<place], text[place...])
    let last = last
    let verb = text.split(separator: " ", maxSplits: 1).first.map(String.init) ?? ""
    let words: [String]
    switch (head.isEmpty, verb) {
    case (true, _): words = DashboardModel.PaletteVerb.allCases.map(\.name)
    case (false, "find"): words = Self.terms(last, scene)
    default: words = Self.arguments(of: verb, place: head.split(separator: " ").count, scene)
    }
    candidates = Array(words.filter { $0.hasPrefix(last) && $0 != last }.prefix(40))
  }

  /// What was typed, with as much of its last word as all candidates agree on.
  var completed: String {
    guard var common = candidates.first else { return String(head + last) }
    for word in candidates { common = common.commonPrefix(with: word) }
    let isWhole = candidates.count == 1 && !":~=<>.".contains(common.last ?? " ")
    return head + common + (isWhole ? " " : "")
  }

  /// What may stand behind a verb, at the first place or at a later one.
  private static func arguments(of verb: String, place: Int, _ scene: Scene) -> [String] {
    switch (DashboardModel.PaletteVerb(verb), place) {
    case (.theme, 1): scene.themes
    case (.ctx, 1): scene.setup.profiles
    case (.view(.jobs), 1): scene.knownQueues.map(\.name)
    case (.view(.jobs), 2): JobsPanel.states.map(\.rawValue)
    case (.only, 1): FlowFilter.names
    case (.sort, 1): FlowOrder.allCases.map(\.rawValue)
    default: []
    }
  }

  private static func terms(_ word: Substring, _ scene: Scene) -> [String] {
    if word.hasPrefix("state:") { return JobState.allCases.filter { $0 != .unknown }.map { "state:\($0.rawValue)" } }
    if word.hasPrefix("queue:") { return scene.picture.queues.keys.map { "queue:\($0.name)" }.sorted() }
    let fields = JobFilter.fieldNames.map { name, hasPath in
      hasPath ? "\(name)." : name == "error" ? "error~" : "\(name):"
    }
    return fields + scene.setup.filters.keys.sorted().map { "@\($0)" }
  }
}
