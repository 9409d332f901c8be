import FlowMonitor
import QueueClient

/// The keys of the frame around the panels: the views, problems, and what is the same everywhere.
extension DashboardModel {
  /// What the keys of the frame ask for.
  enum Command: KeyCommand {
    case view(ViewID)
    case nextProblem, previousProblem, filterProblems
    case timeline, palette, enableNotifications, theme, help, back, quit

    var name: String {
      switch self {
      case .view(let view): view.title.lowercased()
      case .palette: "command"
      default: Self.spelled("\(self)")
      }
    }
  }

  static let problemGroup = "Problems"

  static let keys = KeyTable<Command>([
    .init(.view(.flows), "Views", "1", "flows", .character("1")),
    .init(.view(.queues), "Views", "2", "queues", .character("2")),
    .init(.view(.jobs), "Views", "3", "jobs of a queue", .character("3")),
    .init(.view(.workers), "Views", "4", "workers", .character("4")),
    .init(.view(.schedulers), "Views", "5", "job schedulers", .character("5")),
    .init(.view(.events), "Views", "6", "events", .character("6")),
    .init(.timeline, "Views", "T", "timeline of the flow", hint: "timeline", .character("T")),
    .init(.nextProblem, problemGroup, "]", "to the next problem", hint: "next problem", .character("]")),
    .init(.previousProblem, problemGroup, "[", "to the problem before", .character("[")),
    .init(.filterProblems, problemGroup, "!", "only flows with problems", hint: "problems", .character("!")),
    .init(.palette, "Other", ":", "a command, such as find", hint: "command", .character(":")),
    .init(.theme, "Other", "t", "next theme", .character("t")),
    .init(.enableNotifications, "Other", "E", "turn notifications on", .character("E")),
    .init(.help, "Other", "? F1", "this help", hint: "help", .character("?"), .key(.f1)),
    .init(.back, "Other", "Esc", "back, one step at a time", .key(.escape)),
    .init(.quit, "Other", "q Ctrl-C", "quit", hint: "quit", .character("q"), .character("\u{03}")),
  ])

  mutating func perform(_ command: Command, in scene: Scene) -> [Request] {
    switch command {
    case .view(let view):
      timeline.close()
      show(view)
      if finding.isOpen { return finding.close() }
    case .nextProblem: return showFlows() + flows.goToProblem(step: 1, in: scene)
    case .previousProblem: return showFlows() + flows.goToProblem(step: -1, in: scene)
    case .filterProblems:
      let isShown = front == .flows
      let closing = showFlows()
      flows.setFilter(isShown && flows.window.filter == .problems ? .all : .problems)
      return closing
    case .timeline: return toggleTimeline()
    case .palette: palette.open()
    case .enableNotifications:
      guard !scene.setup.isReadOnly else {
        return [.say("--read-only forbids changing the server's setting", isError: true)]
      }
      if scene.picture.status == .live { return [.say("notifications are on already")] }
      return [.perform(.enableNotifications)]
    case .theme:
      guard let next = themeNames.first else { return [] }
      themeNames.append(themeNames.removeFirst())
      let name = themeNames.first ?? next
      return [.perform(.useTheme(name)), .say("theme \(name)")]
    case .help:
      helpPage = 0
    case .back:
      if actions.running != nil { return [.perform(.stopChange)] }
      if detail.back() {
        break
      } else if detail.tab != nil {
        detail.close()
        fitLists()
      } else {
        switch front {
        case .timeline: timeline.close()
        case .found: return finding.close()
        case .list: backFromList()
        case .flows: flows.back(in: scene)
        }
      }
    case .quit:
      return [.perform(.quit)]
    }
    return []
  }
}
