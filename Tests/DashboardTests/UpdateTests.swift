import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

@Suite struct UpdateTests {
  @Test func `no two actions share a key`() {
    let keys = DashboardModel.help(in: .flows).flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
  }

  @Test func `rows are walked with the vim keys, and the ends hold`() {
    var model = Sample.model()
    #expect(model.press("jj") == [])
    #expect(model.flows.cursor == 2)
    model.press("kkkkk")
    #expect(model.flows.cursor == 0)
    model.press("G")
    #expect(model.flows.cursor == model.flows.rows.count - 1)
    model.press("g")
    #expect(model.flows.cursor == 0)
  }

  /// What a person chooses, key by key: keys before, the row selected, keys, the row selected then.
  @Test(arguments: [
    ("", "monthly", "l", "bad"), ("l", "bad", "h", "monthly"), ("", "monthly", "hj", "a1"),
    ("", "monthly", "jj", "collect"), ("", "monthly", "/LAUNCH\n", "c2"), ("/launch\n", "c2", "N", "c2"),
    ("", "monthly", "-jj", "3f2a0000-0000-0000-0000-000000000001"), ("G", "i1", "[", "bad"),
  ])
  func `keys lead from row to row`(before: String, from: String, keys: String, to: String) {
    var model = Sample.model()
    model.press(before)
    #expect(model.flows.selectedJobKey?.id == from)
    model.press(keys)
    #expect(model.flows.selectedJobKey?.id == to)
  }

  @Test func `folding hides the children, unfolding asks for them, and what was folded stays so`() {
    var model = Sample.model()
    let before = model.flows.rows.count
    let told = model.update(.input(.key(.left)))
    #expect(model.flows.rows.count == before - 2)
    #expect(told == [.look(model.window)])
    #expect(model.window.folds == [Sample.stuck: false])
    _ = model.update(.picture(Sample.picture))
    #expect(model.flows.rows.count == before - 2)
    model.press(.key(.right))
    #expect(model.window.folds == [Sample.stuck: true])
    #expect(model.flows.rows.count == before)
  }

  @Test func `finished flows are one folded row, and open when asked`() {
    var model = Sample.model()
    #expect(model.flows.rows.rows.last?.isOpen == false)
    model.press("Gl")
    #expect(model.window.folds[Sample.done] == true)
  }

  @Test func `a group opens, and its members are asked for page by page as they are reached`() throws {
    var model = Sample.model()
    model.press("/171\n/econnreset\n")
    let group = GroupKey(parent: Sample.wide, group: Sample.failedGroup)
    #expect(model.flows.selection == .group(group))
    model.press("\n")
    #expect(model.window.openGroups[group] == 50)
    var picture = Sample.picture
    func load(_ count: Int) {
      let index = picture.families[Sample.wide]?.groups.firstIndex { $0.id == Sample.failedGroup } ?? 0
      picture.families[Sample.wide]?.groups[index].members = (0..<count).map { Sample.key("images", "\($0)") }
    }
    load(50)
    _ = model.update(.picture(picture))
    // The last of them is less than a screenful away: more are wanted.
    #expect(model.window.openGroups[group] == 100)
    load(100)
    _ = model.update(.picture(picture))
    #expect(model.window.openGroups[group] == 100)
    for _ in 0..<2 { model.press(.key(.pageDown)) }
    _ = model.update(.picture(picture))
    #expect(model.window.openGroups[group] == 150)
  }

  @Test func `all flows are folded, those that are not loaded among them, until all are unfolded`() {
    var model = Sample.model()
    model.press("hl-")
    #expect(model.window.isAllOpen == false && model.window.folds.isEmpty)
    #expect(model.flows.rows.count == 4)
    var picture = Sample.picture
    let new = Sample.key("reports", "another")
    picture.jobs[new] = Sample.job(new, "another", .waitingChildren) { $0.counts = DependenciesCount(unprocessed: 1) }
    var family = Family()
    family.children = [.init(key: Sample.key("steps", "its"), kind: .unprocessed)]
    picture.families[new] = family
    picture.flows.roots.append(new)
    _ = model.update(.picture(picture))
    #expect(model.flows.rows.count == 5)
    model.press("+")
    #expect(model.flows.rows.count == 15)
  }

  @Test func `a selected job stays selected when rows come and go above it`() {
    var model = Sample.model()
    model.press("G")
    let chosen = model.flows.selection
    var picture = Sample.picture
    let new = Sample.key("reports", "another")
    picture.jobs[new] = Sample.job(new, "another", .failed)
    picture.flows.roots.insert(new, at: 0)
    _ = model.update(.picture(picture))
    #expect(model.flows.selection == chosen)
    #expect(model.flows.cursor == model.flows.rows.count - 1)
  }

  @Test func `when the selected row is gone, what it stood below is selected, and that is said`() {
    var model = Sample.model()
    model.press("l")
    #expect(model.flows.selectedJobKey == Sample.bad)
    var picture = Sample.picture
    picture.families[Sample.stuck]?.children.removeFirst()
    _ = model.update(.picture(picture))
    #expect(model.flows.selectedJobKey == Sample.stuck)
    #expect(model.notice?.text == "convert is no longer here; what it stood below is selected")
  }

  @Test func `until somebody has chosen, the first row is selected, whichever that is`() {
    var model = Sample.model()
    var picture = Sample.picture
    picture.flows.roots.reverse()
    _ = model.update(.picture(picture))
    #expect(model.flows.selectedJobKey == Sample.done)
  }

  @Test func `a search finds as it is typed, goes on with n, is left with Esc, and says when there is nothing`() {
    var model = Sample.model()
    model.press("/steps/")
    model.press(.key(.backspace))
    #expect(model.flows.isTyping)
    model.press("\n")
    model.press("/bull:steps\n")
    let first = model.flows.selection
    model.press("n")
    #expect(model.flows.selection != first)
    model.press("N")
    #expect(model.flows.selection == first)
    model.press("/launch")
    #expect(model.flows.selectedJobKey?.id == "c2")
    model.press(.key(.escape))
    #expect(model.flows.selection == first)
    model.press("/nowhere\n")
    #expect(model.notice?.text.contains("nowhere") == true)
  }

  @Test func `what is found no more among the loaded rows is said, and no longer than until the next key`() {
    var model = Sample.model()
    let count = model.flows.rows.count
    model.press("/launch\nn")
    #expect(model.notice?.text == "no other among the \(count) rows loaded")
    model.press("/bull:steps\n")
    #expect(model.notice == nil)
    while model.notice == nil { model.press("n") }
    #expect(model.notice?.text == "no more among the \(count) rows loaded; on from the first")
    #expect(model.flows.selectedJobKey == Sample.bad)
    model.press("N")
    #expect(model.notice?.text == "no more among the \(count) rows loaded; on from the last")
    model.press(.key(.escape))
    #expect(model.notice == nil)
  }

  @Test func `filters and the sort are the monitor's to apply, and always visible`() {
    var model = Sample.model()
    #expect(model.update(.input(.character("!"))) == [.look(model.window)])
    #expect(model.window.filter == .problems)
    #expect(model.lines[1].contains("problems"))
    model.press("f")
    #expect(model.window.filter == .state(.failed))
    model.press("s")
    #expect(model.window.order == .newest && model.lines[1].contains("sort newest"))
    model.press(.key(.escape))
    #expect(model.window.filter == .all)
  }

  @Test func `marks are set with Space, shown, and taken back with Esc`() {
    var model = Sample.model()
    model.press("  ")
    #expect(model.flows.marks.count == 2)
    #expect(model.lines[1].contains("2 marked"))
    model.press(.key(.escape))
    #expect(model.flows.marks.isEmpty)
  }

  @Test func `quit, Ctrl-C and the end of the terminal all end it`() {
    var model = Sample.model()
    #expect(model.press("q") == [.quit])
    #expect(model.press("\u{03}") == [.quit])
    #expect(model.press(.end) == [.quit])
    model.press("/")
    #expect(model.press(.end) == [.quit])
  }

  @Test func `read-only forbids changing the server's setting`() {
    var picture = Sample.picture
    picture.status = .followingStreams(reason: "off")
    var model = Sample.model(picture: picture)
    #expect(model.press("E") == [.enableNotifications])
    model = Sample.model(isReadOnly: true, picture: picture)
    #expect(model.press("E") == [])
    #expect(model.notice?.isError == true)
  }

  @Test func `a click selects, on a fold's sign it opens, and the wheel scrolls`() {
    var model = Sample.model(rows: 12)
    let row = model.layout.listRows.rows.lowerBound
    model.press(.click(row: row + 1, column: 40))
    #expect(model.flows.selectedJobKey == Sample.bad)
    model.press(.click(row: row, column: 1))
    #expect(model.window.folds[Sample.stuck] == false)
    model.press(.wheel(3, row: row, column: 3))
    #expect(model.flows.top == 3)
    model.press(.wheel(300, row: row, column: 3))
    #expect(model.flows.top == model.flows.rows.count - model.flows.window.height)
    model.press(.wheel(-300, row: row, column: 3))
    #expect(model.flows.top == 0)
  }

  @Test func `a resize keeps the selection in sight`() {
    var model = Sample.model()
    model.press("G")
    model.press(.resize(Frame.Size(rows: 8, columns: 40)))
    #expect(model.flows.visible.contains(model.flows.cursor))
  }

  @Test func `random keys at random sizes never crash it, and what is selected is always a row`() throws {
    var generator = Fixed(state: 42)
    var model = Sample.model()
    let keys = DashboardModel.help(in: .flows).flatMap(\.keys).filter { DashboardModel.keys[$0] != .quit }
    for _ in 0..<600 {
      switch Int.random(in: 0..<20, using: &generator) {
      case 0:
        let rows = Int.random(in: 0...70, using: &generator)
        model.press(.resize(Frame.Size(rows: rows, columns: .random(in: 0...220, using: &generator))))
      case 1:
        let row = Int.random(in: 0...70, using: &generator)
        model.press(.click(row: row, column: .random(in: 0...200, using: &generator)))
      case 2: model.press(.wheel(.random(in: -9...9, using: &generator), row: 5, column: 5))
      case 3: _ = model.update(.picture(Sample.picture))
      default: model.press(try #require(keys.randomElement(using: &generator)))
      }
      _ = model.draw()
      let flows = model.flows
      if !flows.rows.isEmpty { #expect(flows.rows[flows.cursor].id == flows.selection) }
      #expect(flows.top >= 0 && flows.top <= max(0, flows.rows.count - 1))
    }
  }
}

/// Random numbers that are the same each time.
struct Fixed: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
