import FlowMonitor
import QueueClient

extension DashboardModel {
  /// What can be typed behind the colon, beside the numbers and names of the views.
  enum PaletteVerb: Sendable, Hashable, CaseIterable {
    case find, problems, theme, help, quit
    case view(ViewID)

    static var allCases: [PaletteVerb] {
      [.find] + ViewID.allCases.map { .view($0) } + [.problems, .theme, .help, .quit]
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
    let rest = parts.count > 1 ? parts[1] : ""
    guard let word = parts.first, let verb = PaletteVerb(word) else {
      palette.refuse(line, "no such command; there are \(PaletteVerb.allCases.map(\.name).joined(separator: ", "))")
      return []
    }
    switch verb {
    case .find: return find(rest, line: line)
    case .view(let view): return perform(.view(view), in: scene)
    case .problems:
      let closing = perform(.view(.flows), in: scene)
      flows.setFilter(.problems)
      return closing
    case .theme: return useTheme(rest, line: line)
    case .help: return perform(.help, in: scene)
    case .quit: return [.perform(.quit)]
    }
  }

  private mutating func find(_ query: String, line: String) -> [Request] {
    timeline.close()
    let query = query.split(separator: " ").joined(separator: " ")
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
  mutating func showFlow(_ chain: [JobKey]) {
    if view != .flows { show(.flows) }
    flows.go(to: chain)
  }

  // MARK: Keys and clicks of what was found

  /// All keys of what is on the screen, those of the views first.
  var keysOnScreen: [KeyHelp] {
    if timeline.isOpen { return TimelinePanel.keys.help + DetailPanel.keys.help + DashboardModel.keys.help }
    return finding.isOpen ? FindPanel.keys.help + DetailPanel.keys.help + DashboardModel.keys.help : help
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
