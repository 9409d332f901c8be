import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// How the list stands among more flows than are loaded.
@Suite struct ScrollingTests {
  @Test func `scrolling names the flow at the top, so that the monitor loads around it`() {
    var model = Sample.model(picture: Sample.manyFlows(0..<100, of: 1000))
    #expect(model.window.anchor == .first)
    model.press(.key(.pageDown))
    model.press(.key(.pageDown))
    #expect(model.window.anchor == .flow(Sample.key("flows", "\(model.flows.top)")))
    #expect(model.flows.top > 30)
  }

  @Test(arguments: [("j", 200, 200), ("J", 10, 350)])
  func `keys in quick succession land where they say, as pages come`(key: String, times: Int, row: Int) {
    var model = Sample.model(picture: Sample.manyFlows(0..<72, of: 1000))
    for _ in 0..<times { model.press(key == "j" ? .character("j") : .key(.pageDown)) }
    for _ in 0..<20 {
      let top = model.flows.selectedJobKey.flatMap { Int($0.id) } ?? 0
      let window = model.window
      _ = model.update(
        .picture(Sample.manyFlows(max(0, top - 72)..<min(1000, top + 36), of: 1000, window: window)))
    }
    #expect(model.flows.selectedJobKey?.id == "\(row)" && model.flows.owed == 0)
    model.press("G")
    #expect(model.flows.owed == 0 && model.window.anchor == .last)
  }

  @Test func `where no more rows come than were read for a place, none is waited for`() {
    var model = Sample.model(picture: Sample.manyFlows(0..<72, of: 1000))
    for _ in 0..<200 { model.press("j") }
    #expect(model.flows.owed > 0)
    _ = model.update(.picture(Sample.manyFlows(0..<72, of: 1000, window: model.window)))
    #expect(model.flows.owed == 0 && model.flows.selectedJobKey?.id == "71")
  }

  @Test func `when another page comes, the flow at the top and the selected one stay where they are`() {
    var model = Sample.model(picture: Sample.manyFlows(0..<100, of: 1000))
    for _ in 0..<2 { model.press(.key(.pageDown)) }
    let (top, selection) = (model.lines[3], model.flows.selection)
    _ = model.update(.picture(Sample.manyFlows(30..<200, of: 1000, window: model.window)))
    #expect(model.lines[3] == top)
    #expect(model.flows.selection == selection)
  }

  @Test func `G asks for the end, and selects the last flow when it comes; g goes back`() {
    var model = Sample.model(picture: Sample.manyFlows(0..<100, of: 1000))
    model.press("G")
    #expect(model.window.anchor == .last)
    _ = model.update(.picture(Sample.manyFlows(900..<1000, of: 1000, window: model.window)))
    #expect(model.flows.selectedJobKey?.id == "999")
    #expect(model.lines[1].contains("-1,000 of 1,000"))
    model.press("g")
    #expect(model.window.anchor == .first)
    _ = model.update(.picture(Sample.manyFlows(0..<100, of: 1000, window: model.window)))
    #expect(model.flows.selectedJobKey?.id == "0")
    #expect(model.flows.top == 0)
  }

  @Test func `at the top of all flows, what is new comes into sight; further down nothing moves`() {
    var model = Sample.model(picture: Sample.manyFlows(10..<100, of: 100))
    var picture = Sample.manyFlows(10..<100, of: 100)
    picture.flows.isFirst = true
    _ = model.update(.picture(picture))
    model.press("jkj")
    #expect(model.window.anchor == .first)
    _ = model.update(.picture(Sample.manyFlows(0..<100, of: 100)))
    #expect(model.flows.top == 0)
    #expect(model.flows.selectedJobKey?.id == "11")
    for _ in 0..<3 { model.press(.key(.pageDown)) }
    let top = model.lines[3]
    var more = Sample.manyFlows(0..<100, of: 101)
    more.flows.roots.insert(Sample.key("flows", "new"), at: 0)
    _ = model.update(.picture(more))
    #expect(model.lines[3] == top)
  }

  @Test(arguments: [
    (0..<100, 1000, KnownCount?.some(KnownCount(0, isExact: true)), "1-36 of 1,000"),
    (500..<600, 1000, KnownCount(500, isExact: true), "501-536 of 1,000"),
    (500..<600, 1000, KnownCount(500, isExact: false), "≥ 501-536 of 1,000"),
    (500..<600, 1000, nil, "further down of 1,000"),
    (0..<20, 20, KnownCount(0, isExact: true), "1-20 of 20"),
  ])
  func `the position is told as exactly as it is known`(
    range: Range<Int>, count: Int, before: KnownCount?, words: String
  ) {
    var picture = Sample.manyFlows(range, of: count)
    picture.flows.before = before
    let model = Sample.model(picture: picture)
    #expect(Position(of: model.flows, in: picture).text == words)
  }

  @Test func `of a list by name it is said how many are sorted`() {
    var window = Window()
    window.order = .name
    var picture = Sample.manyFlows(0..<500, of: 9000, window: window)
    picture.flows.isLast = false
    let model = Sample.model(picture: picture)
    #expect(Position(of: model.flows, in: picture).text == "1-36 of the first 500")
  }

  @Test func `a job that stands twice, as circles make it, does not hold the cursor`() {
    var picture = Sample.picture
    picture.families[Sample.stuck]?.children.append(.init(key: Sample.bad, kind: .unprocessed))
    var model = Sample.model(picture: picture)
    model.press("jjjj")
    #expect(model.flows.cursor == 4)
    _ = model.update(.picture(picture))
    model.press("k")
    #expect(model.flows.cursor == 3)
    #expect(model.flows.selectedJobKey == Sample.bad)
    _ = model.update(.picture(picture))
    #expect(model.flows.cursor == 3)
  }

  /// What is asked for about the first row, which nobody has moved to.
  @Test(arguments: ["w", "\n", "a", "r"])
  func `whoever looks at a row, or acts on it, keeps it selected when another rises above it`(key: String) {
    var model = Sample.model()
    #expect(model.flows.selectedJobKey == Sample.stuck)
    model.press(key)
    var picture = Sample.picture
    picture.flows.roots = [Sample.wide, Sample.stuck]
    _ = model.update(.picture(picture))
    #expect(model.flows.selectedJobKey == Sample.stuck)
  }

  @Test func `until somebody has chosen one, the first row is selected, whichever that is`() {
    var model = Sample.model()
    var picture = Sample.picture
    picture.flows.roots = [Sample.wide, Sample.stuck]
    _ = model.update(.picture(picture))
    #expect(model.flows.selectedJobKey == Sample.wide)
  }
}
