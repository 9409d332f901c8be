import FlowMonitor
import QueueClient

/// Which part of the page that says why is chosen, while the keys are its.
struct WhyFocus: Sendable, Equatable {
  /// Whether keys go to the page.
  var isOn = false
  /// What can be chosen.
  private(set) var items: [WhyItem] = []
  private(set) var cursor = 0
  /// What was done about a flow.
  private(set) var done: Done?

  /// What became of an action, in words, and whether the flow was looked at since.
  struct Done: Sendable, Hashable {
    var words: String
    var isError: Bool
    var hasLooked = false
    /// The flow that was shown then.
    var root: JobKey?
  }

  enum Command: KeyCommand {
    case up, down, choose, number
  }

  static let group = "Why"

  /// Its keys, as long as it has something to choose.
  static let keys = KeyTable<Command>([
    .init(.up, group, "↑ k", "up", .key(.up), .character("k")),
    .init(.down, group, "↓ j", "down", hint: "choose", .key(.down), .character("j")),
    .init(
      .choose, group, "Enter", "do it, or go to the job", hint: "do it", .key(.enter), .character("\r"),
      .character("\n")),
    .init(
      .number, group, "1-9", "do what has that number", .character("1"), .character("2"), .character("3"),
      .character("4"), .character("5"), .character("6"), .character("7"), .character("8"), .character("9")),
  ])

  var selected: WhyItem? { items.indices.contains(cursor) ? items[cursor] : nil }

  /// - Returns: what is asked for; `nil` where the key means nothing here.
  mutating func perform(_ command: Command, key: InputEvent) -> [Request]? {
    guard !items.isEmpty else { return nil }
    switch command {
    case .up: cursor = max(0, cursor - 1)
    case .down: cursor = min(items.count - 1, cursor + 1)
    case .choose: return selected?.requests ?? []
    case .number:
      guard case .character(let digit) = key, let number = digit.wholeNumberValue else { return [] }
      let fixes = items.indices.filter { if case .fix = items[$0] { true } else { false } }
      guard fixes.indices.contains(number - 1) else { return [.say("there is no proposal \(number) here")] }
      cursor = fixes[number - 1]
      return items[cursor].requests
    }
    return []
  }

  /// Takes what there is to choose now; what was chosen stays chosen.
  mutating func arrange(_ items: [WhyItem]) {
    let before = selected
    self.items = items
    if items.indices.contains(cursor), items[cursor] == before { return }
    cursor = before.flatMap { items.firstIndex(of: $0) } ?? max(0, min(cursor, items.count - 1))
  }

  /// Another flow is shown: it begins at the top.
  mutating func restart() { cursor = 0 }

  mutating func choose(_ item: Int) { if items.indices.contains(item) { cursor = item } }

  // MARK: What was done

  mutating func note(_ words: String, isError: Bool, root: JobKey?) {
    done = Done(words: words, isError: isError, root: root)
  }

  /// The flow was looked at again.
  mutating func noteLook() { done?.hasLooked = true }

  mutating func forget() { done = nil }
}
