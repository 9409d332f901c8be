import FlowMonitor
import Foundation
import QueueClient

extension FlowsPanel {
  /// Whether keys are letters of a search now.
  var isTyping: Bool { search.origin != nil }

  mutating func type(_ input: InputEvent, in scene: Scene) -> [Request] {
    guard let origin = search.origin else { return [] }
    switch TypedKey(input) {
    case .enter:
      search.origin = nil
      return search.text.isEmpty || selectedRow.map({ matches($0, in: scene) }) == true
        ? [] : findMatch(step: 1, in: scene)
    case .escape:
      search = Search()
      move(to: origin)
    case .erase:
      if search.text.isEmpty { search.origin = nil } else { search.text.removeLast() }
      moveToMatch(from: origin, in: scene)
    case .letter(let character):
      search.text.append(character)
      moveToMatch(from: origin, in: scene)
    case nil:
      break
    }
    return []
  }

  private mutating func moveToMatch(from origin: Int, in scene: Scene) {
    guard !search.text.isEmpty else { return move(to: origin) }
    let order = Array(rows.indices.dropFirst(origin)) + Array(rows.indices.prefix(origin))
    if let index = order.first(where: { matches(rows[$0], in: scene) }) { move(to: index) }
  }

  mutating func findMatch(step: Int, in scene: Scene) -> [Request] {
    guard !search.text.isEmpty, !rows.isEmpty else { return [] }
    let (ahead, behind) = ways(step)
    if let index = ahead.first(where: { matches(rows[$0], in: scene) }) {
      move(to: index)
      return []
    }
    if let index = behind.last(where: { matches(rows[$0], in: scene) }) {
      move(to: index)
      return [.say("no more among \(loaded); on from the \(step > 0 ? "first" : "last")")]
    }
    let isHere = matches(rows[cursor], in: scene)
    return [
      .say(isHere ? "no other among \(loaded)" : "nothing among \(loaded) matches '\(search.text)'", isError: !isHere)
    ]
  }

  /// The rows that come next one way, and those that come next the other way.
  private func ways(_ step: Int) -> (ahead: [Int], behind: [Int]) {
    let (below, above) = (Array(rows.indices.dropFirst(cursor + 1)), Array(rows.indices.prefix(cursor).reversed()))
    return step > 0 ? (below, above) : (above, below)
  }

  /// What can be searched.
  private var loaded: String {
    let count = rows.indices.count { if case .more = rows[$0].id { false } else { true } }
    return "the \(Formatting.count(count, "row")) loaded"
  }

  /// Whether a row is what is searched for.
  func matches(_ row: Outline.Row, in scene: Scene) -> Bool {
    guard !search.text.isEmpty else { return false }
    let texts: [String?]
    switch row.id {
    case .job(let key):
      let job = scene.picture.jobs[key]
      texts = [job?.name, key.description, job?.failedReason]
    case .group(let key): texts = [key.group.name, key.group.reason, key.group.state.rawValue]
    case .more: texts = []
    }
    return texts.contains { $0.map(isSought) ?? false }
  }

  /// Whether what is searched for is in a text.
  func isSought(in text: String) -> Bool { text.range(of: search.text, options: .caseInsensitive) != nil }

  mutating func setFilter(_ filter: FlowFilter) {
    window.filter = filter
    startOver()
  }

  mutating func setOrder(_ order: FlowOrder) {
    window.order = order
    startOver()
  }

  /// Another list: it is looked at from its beginning.
  private mutating func startOver() {
    (window.anchor, window.offset) = (.first, 0)
    (top, cursor, wish, owed, hasChosen) = (0, 0, nil, 0, false)
    selection = rows.isEmpty ? nil : rows[0].id
  }

  /// Esc: one step back, from what was found to what was marked to what was filtered.
  mutating func back(in scene: Scene) {
    if !search.text.isEmpty {
      search = Search()
    } else if !marks.isEmpty {
      marks = []
    } else if window.filter != .all {
      setFilter(.all)
    }
  }
}
