import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// What is filtered or searched is marked where it stands, one way in all lists; and views are chosen by a click.
@Suite struct MatchTests {
  /// What is marked in a picture, row by row.
  private func marked(_ model: DashboardModel) -> [String] {
    let frame = model.draw()
    return (0..<frame.size.rows).compactMap { row in
      let text = frame.row(row).filter { $0.style.role == .match }.map(\.text).joined()
      return text.isEmpty ? nil : text
    }
  }

  @Test(arguments: [
    (ViewID.queues, "INVO", ["invo"]), (.workers, "w-9", ["w-9"]), (.schedulers, "dail", ["dail"]),
    (.jobs, "pain", Array(repeating: "painpain", count: 20)), (.flows, "launch", ["launch"]),
  ])
  func `matches are marked as one types`(view: ViewID, typed: String, shown: [String]) {
    var model = view == .flows ? Sample.model() : ListSample.model(view, rows: 24)
    model.press("/" + typed)
    let found = marked(model)
    #expect(view == .jobs ? !found.isEmpty && found.allSatisfy { $0.hasPrefix("pain") } : found == shown, "\(found)")
    model.press(.key(.escape))
    #expect(marked(model).isEmpty)
  }

  @Test func `the jobs of a page are filtered, and pages are turned as without a filter`() {
    var model = ListSample.model(.jobs, rows: 24)
    model.press("/nothing-like-it\n")
    #expect(model.draw().text.contains("nothing here has 'nothing-like-it' in it"))
    #expect(model.lines[1].contains("0 of the"))
    let first = model.lists.jobs.first
    model.press(.key(.pageDown))
    #expect(model.lists.jobs.first == first + model.lists.jobs.table.height)
  }

  @Test func `of wide characters both cells are marked, and of none too many`() {
    var frame = Frame(size: Frame.Size(rows: 1, columns: 20))
    frame.put("ab칠하기cd칠", row: 0, column: 0, style: Style(.text))
    frame.mark("하기C", row: 0, columns: 0..<20)
    #expect(frame.row(0).enumerated().filter { $1.style.role == .match }.map(\.offset) == [4, 5, 6, 7, 8])
    frame.mark("", row: 0, columns: 0..<20)
    frame.mark("x", row: 5, columns: 0..<20)
    frame.mark(String(repeating: "y", count: 50), row: 0, columns: 0..<20)
  }

  @Test(arguments: [(24, 80), (40, 120), (24, 40)]) func `a click on the name of a view shows it`(size: (Int, Int)) {
    var model = Sample.model(rows: size.0, columns: size.1)
    for view in ViewID.allCases.reversed() {
      let line = model.lines[1]
      guard let place = line.range(of: view.title) else { continue }
      model.press(.click(row: 1, column: line.distance(from: line.startIndex, to: place.lowerBound)))
      #expect(model.view == view)
    }
    let before = model.view
    model.press(.click(row: 1, column: size.1 - 2))
    #expect(model.view == before)
  }
}
