/// The keys that a person has chosen for actions, in place of the usual ones. An action is called the same in all views,
/// and its keys are the same in all of them.
public struct KeyBindings: Sendable, Hashable {
  private var chosen: [String: [KeyName]] = [:]

  /// The usual keys.
  public init() {}

  /// Keys that cannot be had.
  public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, in one line.
    public let description: String
  }

  /// What actions are called.
  public static let actions: [String] = Set(usual.keys).sorted()

  /// Gives an action other keys. Whether another action has them is asked when all are chosen: see `conflict(of:)`.
  ///
  /// - Parameters:
  ///   - action: its name.
  ///   - keys: as people write them, such as `T`, `ctrl-d` or `page-down`.
  /// - Throws: `Fault`.
  public mutating func bind(_ action: String, to keys: [String]) throws(Fault) {
    guard Self.usual[action] != nil else {
      throw Fault(description: "no action is called '\(action)'; there are \(Self.actions.joined(separator: ", "))")
    }
    guard !keys.isEmpty else { throw Fault(description: "'\(action)' is left without a key") }
    var names: [KeyName] = []
    for key in keys {
      guard let name = KeyName(key) else { throw Fault(description: "'\(key)' is no key to choose: \(KeyName.advice)") }
      names.append(name)
    }
    chosen[action] = names
  }

  /// Which other action has a key of an action, where both are heard.
  ///
  /// - Returns: a sentence; `nil` where its keys are its own.
  public func conflict(of action: String) -> String? {
    let events = Set((chosen[action] ?? []).flatMap(\.events))
    for table in Self.heardTogether {
      guard table.contains(where: { $0.name == action }) else { continue }
      for other in table where other.name != action {
        guard let event = keys(of: other).first(where: events.contains) else { continue }
        let key = chosen[action]?.first { $0.events.contains(event) }?.shown ?? "the key"
        return "'\(key)' is the key of '\(other.name)' (\(other.does)) already; give that another one, too"
      }
    }
    return nil
  }

  var isEmpty: Bool { chosen.isEmpty }

  /// The keys chosen for an action; `nil` where it has its usual ones.
  subscript(action: String) -> [InputEvent]? { chosen[action]?.flatMap(\.events) }

  /// A line of the help, with the keys that were chosen.
  func applied(to line: KeyHelp) -> KeyHelp {
    guard let names = chosen[line.name] else { return line }
    var line = line
    line.keys = names.flatMap(\.events)
    line.shown = names.map(\.shown).joined(separator: " ")
    return line
  }

  /// The key of an action, for sentences: `?`.
  func shown(_ action: String) -> String { Self.usual[action].map { applied(to: $0).shortest } ?? "?" }

  private func keys(of line: KeyHelp) -> [InputEvent] { self[line.name] ?? line.keys }

  /// The tables of keys that are heard at the same time.
  static let heardTogether: [[KeyHelp]] =
    ViewID.allCases.map { DashboardModel.help(in: $0) } + [
      DashboardModel.helpOfFinding, DashboardModel.helpOfTimeline, DashboardModel.helpInDetail, ActionsPanel.keys.help,
      WhyFocus.keys.help,
    ]

  private static let usual: [String: KeyHelp] = Dictionary(
    heardTogether.joined().map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
}

extension Scene {
  /// The key of an action, for sentences.
  func key(_ action: String) -> String { setup.keys.shown(action) }
}
