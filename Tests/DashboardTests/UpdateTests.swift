import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

@Suite struct UpdateTests {
  private func press(_ keys: String, in state: inout DashboardState) -> [Effect] {
    keys.flatMap { state.update(.input(.character($0))) }
  }

  @Test func `no two actions share a key`() {
    let keys = Keymap.bindings.flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
  }

  @Test func `rows are walked with the vim keys, and the ends hold`() {
    var state = Sample.state()
    #expect(press("jj", in: &state) == [])
    #expect(state.selectedIndex == 2)
    _ = press("kkkkk", in: &state)
    #expect(state.selectedIndex == 0)
    _ = press("G", in: &state)
    #expect(state.selectedIndex == state.rows.count - 1)
    _ = press("g", in: &state)
    #expect(state.selectedIndex == 0)
  }

  @Test func `folding hides the children, unfolding asks for them`() {
    var state = Sample.state()
    let before = state.rows.count
    _ = press(" ", in: &state)
    #expect(state.rows.count == before - 1)
    #expect(press(" ", in: &state) == [.open([Sample.stuck])])
    #expect(state.rows.count == before)
  }

  @Test func `left goes to the parent, right to the first child`() {
    var state = Sample.state()
    _ = press("l", in: &state)
    #expect(state.selection?.key.id == "bad")
    _ = press("h", in: &state)
    #expect(state.selection?.key == Sample.stuck)
  }

  @Test func `a selected job stays selected when rows come and go above it`() {
    var state = Sample.state()
    _ = press("G", in: &state)
    let chosen = state.selection
    var forest = Sample.forest
    var reading = FlowForest.Reading()
    let new = Sample.key("reports", "another")
    var job = FlowJob(key: new, name: "another", state: .failed)
    job.timestamp = 1
    reading.jobs[new] = job
    reading.roots = [new]
    forest.apply(reading)
    _ = state.update(.monitor(FlowMonitor.Update(forest: forest, status: .live, isComplete: true)))
    #expect(state.selection == chosen)
    #expect(state.selectedIndex == state.rows.count - 1)
  }

  @Test func `a search finds names, goes on with n, and says when there is nothing`() {
    var state = Sample.state()
    _ = press("/LAUNCH\n", in: &state)
    #expect(state.selection?.key.id == "c2")
    _ = press("/steps\n", in: &state)
    let first = state.selection
    _ = press("n", in: &state)
    #expect(state.selection != first)
    _ = press("N", in: &state)
    #expect(state.selection == first)
    _ = press("/nowhere\n", in: &state)
    #expect(state.message?.text.contains("nowhere") == true)
  }

  @Test func `the state filter and the problem filter leave just what they say`() {
    var state = Sample.state()
    _ = press("!", in: &state)
    #expect(state.rows.first?.key == Sample.stuck)
    #expect(!state.rows.contains { $0.key == Sample.root })
    _ = press("!f", in: &state)
    #expect(state.stateFilter == .failed)
    #expect(!state.rows.contains { $0.key == Sample.root })
    _ = state.update(.input(.key(.escape)))
    #expect(state.rows.contains { $0.key == Sample.root })
  }

  @Test func `the detail opens on the selected job and follows the selection`() {
    var state = Sample.state()
    #expect(state.update(.input(.key(.enter))) == [.loadDetail(Sample.stuck)])
    #expect(press("j", in: &state) == [.loadDetail(Sample.key("steps", "bad"))])
    _ = state.update(.input(.key(.enter)))
    #expect(state.detailTab == nil)
  }

  @Test func `quit, Ctrl-C and the end of the terminal all end it`() {
    var state = Sample.state()
    #expect(press("q", in: &state) == [.quit])
    #expect(press("\u{03}", in: &state) == [.quit])
    #expect(state.update(.input(.end)) == [.quit])
    _ = press("/", in: &state)
    #expect(state.update(.input(.end)) == [.quit])
  }

  @Test func `read-only forbids changing the server's setting`() {
    var state = Sample.state()
    #expect(press("E", in: &state) == [.enableNotifications])
    state.isReadOnly = true
    #expect(press("E", in: &state) == [])
    #expect(state.message?.isError == true)
  }

  @Test func `a resize keeps the selection in sight`() {
    var state = Sample.state()
    _ = press("G", in: &state)
    _ = state.update(.input(.resize(Frame.Size(rows: 8, columns: 40))))
    let index = state.selectedIndex ?? -1
    #expect((state.top..<state.top + state.areas.tree.count).contains(index))
  }

  @Test func `random keys at random sizes never crash it, and what is selected is always a row`() {
    var generator = SystemRandomNumberGenerator()
    var state = Sample.state()
    let keys = Keymap.bindings.flatMap(\.keys).filter { Keymap.actions[$0] != .quit }
    for _ in 0..<5000 {
      switch Int.random(in: 0..<20, using: &generator) {
      case 0:
        let size = Frame.Size(rows: .random(in: 0...70), columns: .random(in: 0...220))
        _ = state.update(.input(.resize(size)))
      case 1: _ = state.update(.input(.click(row: .random(in: 0...70), column: .random(in: 0...200))))
      case 2: _ = state.update(.input(.wheel(.random(in: -9...9))))
      default: _ = state.update(.input(keys.randomElement(using: &generator)!))
      }
      _ = state.layout()
      if !state.rows.isEmpty { #expect(state.selectedIndex != nil) }
    }
  }
}
