import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// Walking through the members of a group that are loaded page by page.
@Suite struct WideGroupTests {
  static let parent = Sample.key("albums", "wide")
  static let group = GroupKey(
    parent: parent, group: ChildGroup.ID(kind: .processed, state: .completed, name: "thumbnail"))
  static let count = 50_000

  /// A parent of many, one open group of them, and a flow behind; so many members are loaded, and so many of the last.
  static func picture(_ loaded: Int, last: Int = 0, window: Window = Window(), isExact: Bool = true) -> Picture {
    var picture = Sample.manyFlows(0..<3, of: 4)
    picture.window = window
    (picture.flows.isLast, picture.flowCount) = (true, KnownCount(4, isExact: true))
    picture.flows.roots.insert(parent, at: 0)
    picture.jobs[parent] = Sample.job(parent, "thumbnails", .waitingChildren) {
      $0.counts = DependenciesCount(processed: count)
    }
    var family = Family()
    family.groups = [
      ChildGroup(
        id: group.group, count: KnownCount(count, isExact: isExact), members: (0..<loaded).map(member),
        last: (count - last..<count).map(member))
    ]
    family.progress = Progress(0.5)
    picture.families[parent] = family
    return picture
  }

  static func member(_ number: Int) -> JobKey { Sample.key("images", "\(number)") }

  /// The group is open, so many members are there, and the first one is selected.
  private func opened(_ loaded: Int = 50, last: Int = 0) -> DashboardModel {
    var model = Sample.model(picture: Self.picture(0))
    model.press("j\n")
    _ = model.update(.picture(Self.picture(loaded, last: last, window: model.window)))
    model.press("j")
    return model
  }

  @Test func `however fast one pages, the selection stays in the group while members are on their way`() {
    var model = opened()
    for _ in 0..<20 { model.press(.key(.pageDown)) }
    #expect(model.flows.selection == .more(Self.group))
    for _ in 0..<20 { model.press("j") }
    #expect(model.flows.selection == .more(Self.group))
    _ = model.update(.picture(Self.picture(150, window: model.window)))
    #expect(model.flows.selection == .more(Self.group) && model.flows.owed > 0)
    for _ in 0..<20 { model.press(.wheel(9, row: 10, column: 5)) }
    #expect(model.flows.rows[model.flows.cursor].root == Self.parent)
  }

  @Test func `more are asked for as one moves, without waiting for a picture`() {
    var model = opened(100)
    var picture = Self.picture(100, window: model.window)
    picture.families[Self.parent]?.progress = .complete
    _ = model.update(.picture(picture))
    #expect(model.window.openGroups[Self.group] == 50)
    for _ in 0..<9 { model.press(.key(.pageDown)) }
    #expect(model.flows.selection == .more(Self.group))
    #expect(model.window.openGroups[Self.group] == 150)
  }

  @Test func `where no more members come, one walks out of the group`() {
    var model = opened()
    var picture = Self.picture(50, window: model.window)
    picture.families[Self.parent]?.progress = .complete
    _ = model.update(.picture(picture))
    picture.window = model.window
    _ = model.update(.picture(picture))
    for _ in 0..<4 { model.press(.key(.pageDown)) }
    #expect(model.flows.selectedJobKey == Sample.key("flows", "2"))
  }

  @Test func `the end of an open group comes before the end of the list`() {
    var model = opened(50, last: 50)
    model.press("G")
    #expect(model.flows.selectedJobKey == Self.member(Self.count - 1))
    #expect(model.line(with: "\(Self.count - 1)").contains("✓"))
    model.press("G")
    #expect(model.flows.selectedJobKey == Sample.key("flows", "2"))
  }

  @Test func `upwards, too, no step leads over what is not loaded`() {
    var model = opened(50, last: 50)
    model.press("G")
    for _ in 0..<2 { model.press(.key(.pageUp)) }
    #expect(model.flows.selection == .more(Self.group))
    model.press("k")
    #expect(model.flows.selectedJobKey == Self.member(49))
  }

  @Test(arguments: [0, 1, 49]) func `where a child stands in its group is told`(number: Int) {
    var model = opened(50, last: 50)
    for _ in 0..<number { model.press("j") }
    #expect(model.lines[1].contains("child \(number + 1) of 50,000 "))
    model.press("G")
    #expect(model.lines[1].contains("child 50,000 of 50,000 "))
    model.press("h")
    #expect(!model.lines[1].contains("child"))
  }

  @Test func `members that come in above do not move what is selected on the screen`() {
    var model = opened(50, last: 50)
    model.press("G")
    model.press(.key(.pageUp))
    let (line, selected) = (model.flows.cursor - model.flows.top, model.flows.selection)
    _ = model.update(.picture(Self.picture(150, last: 50, window: model.window)))
    #expect(model.flows.cursor - model.flows.top == line && model.flows.selection == selected)
  }

  @Test func `what was not looked at yet says so, and does not open`() {
    var picture = Self.picture(0)
    picture.families[Self.parent]?.groups[0].isUnseen = true
    var model = Sample.model(picture: picture)
    #expect(model.line(with: "50,000 ×").contains("completed, not looked at yet"))
    model.press("j\n")
    #expect(model.window.openGroups.isEmpty)
    #expect(model.notice != nil)
  }

  @Test func `more members are asked for a screenful before they are reached`() {
    let model = opened()
    #expect(model.window.openGroups[Self.group] == 100)
  }
}
