import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

@Suite struct FrameTests {
  static let sizes: [(Int, Int)] = [
    (24, 80), (40, 120), (50, 160), (60, 200), (10, 40), (5, 20), (6, 21), (4, 19), (1, 1), (0, 0),
  ]

  @Test(arguments: sizes, [false, true])
  func `at every size each row is exactly as wide as the screen, and nothing dangerous is in it`(
    size: (Int, Int), isASCII: Bool
  ) {
    var model = Sample.model(rows: size.0, columns: size.1, isASCII: isASCII)
    for keys in ["", "w", "\t", "i", " ", "?", "x", "/"] {
      model.press(keys)
      let frame = model.draw()
      for row in 0..<size.0 {
        let cells = Array(frame.row(row))
        #expect(cells.count == size.1)
        for (index, cell) in cells.enumerated() {
          let width = cell.text.isEmpty ? 0 : TextCleaner.width(cell.text, isASCII: false)
          // A wide character has its empty cell behind it, and an empty cell a wide one before it.
          #expect((width == 2) == (index + 1 < cells.count && cells[index + 1].text.isEmpty))
          #expect(cell.text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && $0.value != 0x202E })
          if isASCII { #expect(cell.text.allSatisfy { $0.isASCII }) }
        }
      }
    }
  }

  @Test(arguments: [40, 60, 80, 100, 120, 160, 200], [false, true])
  func `columns are aligned, and none runs into the next`(width: Int, showsIDs: Bool) {
    var model = Sample.model(rows: 30, columns: width)
    if showsIDs { model.press("i") }
    let columns = FlowColumns(panel: model.flows, width: width, scene: model.scene)
    let frame = model.draw()
    let shown = [columns.flow, columns.id, columns.state, columns.progress, columns.age, columns.value].filter {
      !$0.isEmpty
    }
    for (left, right) in zip(shown, shown.dropFirst()) { #expect(left.upperBound < right.lowerBound) }
    for row in model.layout.listRows.rows.prefix(model.flows.rows.count) {
      let cells = Array(frame.row(row))
      for column in shown.dropFirst() { #expect(cells[column.lowerBound - 1].text == " ", "row \(row), \(column)") }
    }
    #expect(shown.last?.upperBound ?? 0 <= width)
  }

  @Test func `too small a screen says how much it needs`() {
    #expect(Sample.model(rows: 4, columns: 19).draw().text.contains("needs 20x5"))
    #expect(Sample.model(rows: 5, columns: 20).draw().text.contains("monthly-re"))
  }

  @Test func `the detail stands beside the list on wide screens, else below`() {
    let wide = ScreenLayout(size: Frame.Size(rows: 50, columns: 160), hasDetail: true)
    #expect(wide.isDetailBeside && wide.detail.rows == wide.list.rows)
    #expect(wide.list.columns.upperBound == wide.detail.columns.lowerBound && wide.detail.columns.upperBound == 160)
    let narrow = ScreenLayout(size: Frame.Size(rows: 24, columns: 80), hasDetail: true)
    #expect(narrow.detail.columns == 0..<80 && narrow.list.rows.upperBound == narrow.detail.rows.lowerBound)
    #expect(narrow.detail.rows.upperBound == narrow.footer)
  }

  @Test(arguments: 5...13) func `Enter shows the detail on every screen`(rows: Int) {
    var model = Sample.model(rows: rows, columns: 20)
    model.press("\n")
    #expect(model.draw().text.contains("Why"))
    #expect(model.layout.detail.height >= 3)
    model.press(.key(.escape))
    #expect(model.draw().text.contains("monthly-re"))
  }

  @Test func `in ASCII, too, each sign of the help means one thing`() {
    var meanings: [String: Set<String>] = [:]
    for sign in HelpView.signs { meanings[CleanText.line(sign.sign, isASCII: true), default: []].insert(sign.meaning) }
    for (sign, its) in meanings { #expect(its.count == 1, "\(sign): \(its)") }
  }

  @Test(arguments: Theme.builtIn) func `every theme says how each role looks, on a ground of its own`(theme: Theme) {
    for role in Style.Role.allCases { #expect(theme.looks[role] != nil, "\(theme.name) \(role.rawValue)") }
    for role in Style.Role.allCases {
      let look = theme.look(of: Style(role))
      #expect(look.background != .default && look.foreground != .default, "\(theme.name) \(role.rawValue)")
      #expect(look.background.nearest(of: 256) != look.foreground.nearest(of: 256), "\(theme.name) \(role.rawValue)")
    }
    #expect(Sample.model().draw().ansi(theme: theme).contains("\u{1B}["))
  }

  @Test func `only what changed of a picture is counted as written`() {
    var before = Frame(size: Frame.Size(rows: 10, columns: 80))
    before.put("waiting", row: 3, column: 10, style: Style(.text))
    #expect(before.bytesToShow(after: before) == 0)
    var after = before
    after.put("w", row: 3, column: 70, style: Style(.text))
    #expect(after.bytesToShow(after: before) == 8 + 24 + 1)
    after.put("r", row: 3, column: 10, style: Style(.text))
    #expect(after.bytesToShow(after: before) == 8 + 24 + 61)
    #expect(after.bytesToShow(after: nil) == 10 * (8 + 24 + 80))
  }
}
