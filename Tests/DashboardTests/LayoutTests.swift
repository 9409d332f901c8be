import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

@Suite struct LayoutTests {
  static let sizes: [(Int, Int)] = [(24, 80), (40, 120), (60, 200), (10, 40), (5, 20), (1, 1)]

  private func lines(_ state: DashboardState) -> [String] {
    state.layout().text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test(arguments: sizes, [false, true])
  func `at every size each row is exactly as wide as the screen, and nothing dangerous is in it`(
    size: (Int, Int), isASCII: Bool
  ) {
    var state = Sample.state(rows: size.0, columns: size.1, isASCII: isASCII)
    for keys in ["", "w", "\t", "?", "/"] {
      for key in keys { _ = state.update(.input(.character(key))) }
      let frame = state.layout()
      for row in 0..<size.0 {
        let cells = Array(frame.row(row))
        #expect(cells.count == size.1)
        for (index, cell) in cells.enumerated() {
          let width = cell.text.isEmpty ? 0 : TextCleaner.width(cell.text, isASCII: isASCII)
          // A wide character has its empty cell behind it, and an empty cell a wide one before it.
          #expect((width == 2) == (index + 1 < cells.count && cells[index + 1].text.isEmpty))
          #expect(cell.text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && $0.value != 0x202E })
          if isASCII { #expect(cell.text.allSatisfy { $0.isASCII }) }
        }
      }
    }
  }

  @Test(arguments: [80, 100, 120, 200]) func `columns are aligned, and none runs into the next`(width: Int) {
    let state = Sample.state(rows: 30, columns: width)
    let columns = TreeColumns(width: width)
    let frame = state.layout()
    for row in state.areas.tree.prefix(state.rows.count) {
      let cells = Array(frame.row(row))
      for column in [columns.key, columns.status, columns.duration, columns.value] where !column.isEmpty {
        #expect(cells[column.lowerBound - 1].text == " ", "row \(row), column \(column.lowerBound)")
      }
    }
    #expect(columns.value.upperBound <= width)
  }

  @Test func `a parent shows done, to go and the sum of its children's values`() throws {
    let line = try #require(lines(Sample.state()).first { $0.contains("renovate-interior") })
    #expect(line.contains("1 of 5 done, 4 to go"))
    #expect(line.contains("Σ 2500"))
  }

  @Test func `a state is a sign and a word, never colour alone`() {
    let text = lines(Sample.state())
    for (name, sign, word) in [("칠하기", "✓", "completed"), ("launch", "▶", "active"), ("convert", "✗", "failed")] {
      let line = text.first { $0.contains(name) } ?? ""
      #expect(line.contains(sign) && line.contains(word), "\(line)")
    }
  }

  @Test func `an active job shows its progress and which try it is`() {
    let line = lines(Sample.state()).first { $0.contains("launch") } ?? ""
    #expect(line.contains("██████") && line.contains("64%") && line.contains("try 2/3"))
  }

  @Test func `a flow that needs a person comes first, and says why`() {
    let text = lines(Sample.state())
    #expect(text[2].contains("monthly-report") && text[2].contains("stuck: child bad failed"))
  }

  @Test func `the header tells how true the picture is`() {
    var state = Sample.state()
    let forest = Sample.forest
    #expect(lines(state)[0].contains("● live"))
    _ = state.update(
      .monitor(
        FlowMonitor.Update(forest: forest, status: .stale(since: 0, reason: "connection refused"), isComplete: true)))
    #expect(lines(state)[0].contains("○ stale since"))
    _ = state.update(
      .monitor(
        FlowMonitor.Update(
          forest: forest, status: .followingStreams(reason: "notifications are off in this Redis"), isComplete: true)))
    let text = lines(state)
    #expect(text[0].contains("streams"))
    #expect(text.last?.contains("E") == true && text.last?.contains("notifications are off") == true)
  }

  @Test(arguments: Theme.builtIn) func `every theme says how each role looks`(theme: Theme) {
    for role in Style.Role.allCases where role != .text {
      #expect(theme.looks[role] != nil, "\(theme.name) \(role.rawValue)")
    }
    let ansi = Sample.state().layout().ansi(theme: theme)
    #expect(ansi.contains("\u{1B}["))
  }

  @Test func `the help names every key that does something`() {
    var state = Sample.state(rows: 60, columns: 120)
    _ = state.update(.input(.character("?")))
    let text = state.layout().text
    for binding in Keymap.bindings { #expect(text.contains(binding.shown), "\(binding.shown)") }
  }
}
