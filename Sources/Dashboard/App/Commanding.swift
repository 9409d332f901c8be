import FlowMonitor
import QueueClient

extension DashboardModel {
  /// What can be typed behind the colon, beside the numbers and names of the views.
  enum PaletteVerb: Sendable, Hashable, CaseIterable {
    case find, problems, only, sort, ctx, theme, help, quit
    case view(ViewID)

    static var allCases: [PaletteVerb] {
      [.find] + ViewID.allCases.map { .view($0) } + [.problems, .only, .sort, .ctx, .theme, .help, .quit]
    }

    var name: String {
      switch self {
      case .view(let view): view.title.lowercased()
      default: "\(self)"
      }
    }

    /// The verb of a word: its name, the beginning of it that no other has, in whatever case, a view's number, or `q`.
    init?(_ word: String) {
      let word = word.lowercased()
      if let number = Int(word), let view = ViewID(rawValue: number) {
        self = .view(view)
        return
      }
      if word == "q" {
        self = .quit
        return
      }
      let all = Self.allCases.filter { $0.name.hasPrefix(word) }
      guard let verb = all.first(where: { $0.name == word }) ?? (all.count == 1 ? all[0] : nil) else { return nil }
      self = verb
    }
  }

  /// Does what was typed behind the colon.
  mutating func run(_ line: String) -> [Request] {
    let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
    // Completion leaves a blank behind.
    let rest = parts.count > 1 ? parts[1].split(separator: " ").joined(separator: " ") : ""
    guard let word = parts.first, let verb = PaletteVerb(word) else {
      palette.refuse(line, "no such command; there are \(PaletteVerb.allCases.map(\.name).joined(separator: ", "))")
      return []
    }
    switch verb {
    case .find: return find(rest, line: line)
    case .view(.jobs) where !rest.isEmpty: return showJobs(rest, line: line)
    case .view(let view): return perform(.view(view), in: scene)
    case .problems: return setFilter("problems", line: line)
    case .only: return setFilter(rest, line: line)
    case .sort:
      guard let order = FlowOrder(rawValue: rest) else {
        palette.refuse(line, "orders are \(FlowOrder.allCases.map(\.rawValue).joined(separator: ", "))")
        return []
      }
      let closing = showFlows()
      flows.setOrder(order)
      return closing
    case .ctx: return switchProfile(rest, line: line)
    case .theme: return useTheme(rest, line: line)
    case .help: return perform(.help, in: scene)
    case .quit: return [.perform(.quit)]
    }
  }

  /// `jobs QUEUE`, `jobs QUEUE STATE`.
  private mutating func showJobs(_ words: String, line: String) -> [Request] {
    let words = words.split(separator: " ").map(String.init)
    let named = scene.knownQueues.filter { $0.name == words[0] }
    let state = words.count > 1 ? JobState(rawValue: words[1]) : nil
    if words.count > 1, state.map({ !JobsPanel.states.contains($0) }) ?? true {
      palette.refuse(line, "states are \(JobsPanel.states.map(\.rawValue).joined(separator: ", "))")
      return []
    }
    guard let queue = named.first else {
      palette.refuse(line, "no queue is called '\(words[0])'")
      return []
    }
    let closing = finding.isOpen ? finding.close() : []
    return closing + [.showJobs(queue, state)]
  }

  private mutating func setFilter(_ name: String, line: String) -> [Request] {
    guard let filter = FlowFilter.all(named: name) else {
      palette.refuse(line, "filters are \(FlowFilter.names.joined(separator: ", "))")
      return []
    }
    let closing = showFlows()
    flows.setFilter(filter)
    return closing
  }

  /// `ctx NAME`; alone it lists.
  private mutating func switchProfile(_ name: String, line: String) -> [Request] {
    let profiles = scene.setup.profiles
    if profiles.isEmpty {
      palette.refuse(line, "the settings have no profiles, as in [profiles.prod]")
    } else if name.isEmpty {
      return [
        .say("profiles: \(profiles.map { $0 == scene.setup.name ? "\($0) (here)" : $0 }.joined(separator: ", "))")
      ]
    } else if !profiles.contains(name) {
      palette.refuse(line, "profiles are \(profiles.joined(separator: ", "))")
    } else if actions.running != nil {
      palette.refuse(line, "one change still runs; Esc stops it")
    } else {
      return [.say("connecting to \(name) …"), .perform(.switchProfile(name))]
    }
    return []
  }

  private mutating func find(_ query: String, line: String) -> [Request] {
    timeline.close()
    if query.isEmpty, !finding.query.isEmpty {
      // What was found last.
      finding.isOpen = true
      fitFinding()
      return []
    }
    do {
      let filter = try JobFilter(query, prefix: scene.setup.prefix, saved: scene.setup.filters)
      defer { fitFinding() }
      return finding.begin(query, filter, in: scene)
    } catch {
      palette.refuse(line, error.description)
      return []
    }
  }

  /// The list of what was found has as many rows as the screen leaves it.
  mutating func fitFinding() {
    finding.table.resize(to: FindPanel.rowCount(in: layout.list, hasHeadings: layout.hasHeadings))
  }

  private mutating func useTheme(_ name: String, line: String) -> [Request] {
    guard let index = themeNames.firstIndex(of: name) else {
      palette.refuse(line, "themes are \(themeNames.sorted().joined(separator: ", "))")
      return []
    }
    themeNames.insert(themeNames.remove(at: index), at: 0)
    return [.perform(.useTheme(name)), .say("theme \(name)")]
  }

  /// Shows a job in its flow.
  ///
  /// - Parameter chain: the way from the root to it.
  mutating func showFlow(_ chain: [JobKey]) -> [Request] {
    let closing = showFlows()
    flows.go(to: chain, in: scene)
    return closing
  }

  /// Shows the flows, whatever was shown; the detail stays as it is.
  mutating func showFlows() -> [Request] {
    timeline.close()
    let tab = detail.tab
    if view != .flows { show(.flows) }
    detail.tab = tab
    fitLists()
    return finding.isOpen ? finding.close() : []
  }

  /// Goes to a job in its flow, from wherever somebody is.
  mutating func goToJob(_ key: JobKey) -> [Request] {
    detail.focus.isOn = false
    return finding.goToFlow(of: key)
  }

  // MARK: Keys and clicks of what was found

  /// All keys of what is on the screen, those of the views first.
  var keysOnScreen: [KeyHelp] {
    let applied = scene.setup.keys.applied
    let usual = (detail.focus.isOn ? Self.helpInDetail : helpOfFront).map(applied)
    guard detail.hasWhyFocus else { return usual }
    // Where two want the same key, the page has it.
    let own = WhyFocus.keys.help.map(applied)
    let taken = Set(own.flatMap(\.keys))
    return own + usual.filter { taken.isDisjoint(with: $0.keys) }
  }

  private var helpOfFront: [KeyHelp] {
    switch front {
    case .timeline: Self.helpOfTimeline
    case .found: Self.helpOfFinding
    case .list, .flows: help
    }
  }

  /// All keys of what was found.
  static let helpOfFinding = FindPanel.keys.help + DetailPanel.keys.help + keys.help

  /// All keys of the timeline.
  static let helpOfTimeline = TimelinePanel.keys.help + DetailPanel.keys.help + keys.help

  /// All keys within the detail.
  static let helpInDetail = DetailFocus.keys.help + DetailPanel.keys.help + keys.help

  /// What the help shows: the keys of what is on the screen, those of questions, and those of typed commands.
  var helpLines: [KeyHelp] {
    keysOnScreen + ActionsPanel.keys.help.map(scene.setup.keys.applied) + PalettePanel.help
  }

  mutating func clickFinding(row: Int) -> [Request] {
    let first = layout.list.rows.upperBound - finding.table.height
    let index = finding.table.top + row - first
    guard row >= first, finding.jobs.indices.contains(index) else { return [] }
    if index == finding.table.cursor { return finding.perform(.open, in: scene) }
    finding.table.move(to: index)
    return []
  }
}
