import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// Going from problem to problem, and to any job that is named somewhere.
@Suite struct ProblemTests {
  /// Three problems: one loaded, one whose root is loaded, one beyond what is loaded.
  private static let far = Sample.key("far", "root")
  private static let farChild = Sample.key("elsewhere", "child")

  private static func picture(isSwept: Bool = true) -> Picture {
    var picture = Sample.picture
    picture.flows.isLast = false
    picture.problems = [
      FlowProblem(root: Sample.stuck, chain: [Sample.stuck, Sample.bad]), FlowProblem(root: Sample.done),
      FlowProblem(root: far, chain: [far, farChild]),
    ]
    picture.problemCount = KnownCount(3, isExact: isSwept)
    picture.sweep = isSwept ? .complete : Progress(0.5)
    return picture
  }

  /// The far flow as the monitor sends it when it is looked at.
  private static func farPicture(_ window: Window) -> Picture {
    var picture = picture()
    picture.window = window
    picture.flows.roots = [far]
    picture.jobs[far] = Sample.job(far, "far-flow", .waitingChildren) { $0.counts.unprocessed = 1 }
    picture.jobs[farChild] = Sample.job(farChild, "far-child", .failed, parent: far)
    var family = Family()
    family.children = [.init(key: farChild, kind: .unprocessed)]
    picture.families[far] = family
    return picture
  }

  /// Keys, the row selected then, and what is said.
  @Test(arguments: [
    ("]", "bad", "problem 1 of 3"), ("]]", "i1", "problem 2 of 3"), ("[", "bad", "problem 1 of 3"),
    ("][[", "i1", "problem 2 of 3"), ("]j]", "i1", "problem 2 of 3"), ("G]", "i1", "problem 2 of 3"),
    ("/launch\n]", "bad", "problem 1 of 3"),
  ])
  func `the brackets lead to the job that is to blame`(keys: String, id: String, words: String) {
    var model = Sample.model(picture: Self.picture())
    model.press(keys)
    #expect(model.flows.selectedJobKey?.id == id)
    #expect(model.notice?.text == words)
  }

  @Test func `round the end, that is said`() {
    var model = Sample.model(picture: Self.picture())
    model.press("][")
    #expect(model.notice?.text == "problem 3 of 3, on from the last")
    model.press("]")
    #expect(model.notice?.text == "problem 1 of 3, on from the first")
  }

  @Test func `while the search goes on, there may be more`() {
    var model = Sample.model(picture: Self.picture(isSwept: false))
    model.press("]")
    #expect(model.notice?.text == "problem 1 of ≥ 3")
  }

  @Test func `a problem that is not loaded is asked for, and its culprit selected when it comes`() {
    var model = Sample.model(picture: Self.picture())
    model.press("]]]")
    #expect(model.window.anchor == .flow(Self.far))
    #expect(model.flows.selectedJobKey == Sample.done)
    _ = model.update(.picture(Self.farPicture(model.window)))
    #expect(model.flows.selectedJobKey == Self.farChild)
    #expect(model.flows.goal == nil)
  }

  @Test func `when the problem that was gone to is solved, the one behind it comes next`() {
    var model = Sample.model(picture: Self.picture())
    model.press("]")
    var picture = Self.picture()
    picture.problems.removeFirst()
    picture.problemCount = KnownCount(2, isExact: true)
    _ = model.update(.picture(picture))
    model.press("]")
    #expect(model.flows.selectedJobKey == Sample.done)
    #expect(model.notice?.text == "problem 1 of 2")
  }

  @Test func `without problems that is said, and how sure it is`() {
    var picture = Sample.picture
    (picture.problems, picture.problemCount) = ([], KnownCount(0, isExact: true))
    var model = Sample.model(picture: picture)
    model.press("]")
    #expect(model.notice?.text == "no problems")
    picture.sweep = Progress(0.25)
    _ = model.update(.picture(picture))
    model.press("[")
    #expect(model.notice?.text == "no problem found yet: 25 % looked at")
  }

  @Test(arguments: [ViewID.queues, .jobs, .workers, .schedulers, .events], ["]", "!"])
  func `from every view they come back to the flows`(view: ViewID, key: String) {
    var model = ListSample.model(view)
    model.press(key)
    #expect(model.view == .flows)
    #expect(key == "]" ? model.flows.selectedJobKey == Sample.bad : model.window.filter == .problems)
  }

  @Test func `the filter of problems stays, another one gives way`() {
    var model = Sample.model(picture: Self.picture())
    model.press("!]")
    #expect(model.window.filter == .problems)
    model.press("f]")
    #expect(model.window.filter == .all)
  }

  // MARK: Jobs that are named

  @Test func `a child of a wide family is shown by itself, wherever it stands in there`() {
    let child = Sample.key("images", "777")
    var picture = Sample.picture
    picture.problems = [FlowProblem(root: Sample.wide, chain: [Sample.wide, child])]
    var model = Sample.model(picture: picture)
    model.press("]")
    #expect(model.flows.selectedJobKey == Sample.wide)
    #expect(model.window.revealed == [Sample.wide: child])
    picture.window = model.window
    picture.families[Sample.wide]?.sought = child
    picture.families[Sample.wide]?.revealed = .init(key: child, kind: .unprocessed)
    picture.gone = [child]
    _ = model.update(.picture(picture))
    #expect(model.flows.selectedJobKey == child)
    #expect(model.draw().text.contains("gone, and still waited for"))
  }

  @Test func `what is no child any more is said, and its parent selected`() {
    let child = Sample.key("images", "777")
    var picture = Sample.picture
    picture.problems = [FlowProblem(root: Sample.wide, chain: [Sample.wide, child])]
    var model = Sample.model(picture: picture)
    model.press("]")
    picture.window = model.window
    picture.families[Sample.wide]?.sought = child
    _ = model.update(.picture(picture))
    #expect(model.flows.selectedJobKey == Sample.wide && model.flows.goal == nil)
    #expect(model.notice?.text.hasSuffix("777 is no child of thumbnails any more") == true)
  }

  @Test func `a flow that the order cannot list is gone to in the order of attention; one that is gone is said`() {
    var model = Sample.model(picture: Self.picture())
    model.press("sss")
    #expect(model.window.order == .name)
    model.press("]]]")
    func answer() {
      var picture = Self.picture()
      picture.window = model.window
      _ = model.update(.picture(picture))
    }
    answer()
    #expect(model.window.order == .attention && model.flows.goal != nil)
    answer()
    #expect(model.flows.goal == nil && model.notice?.text.contains("not listed any more") == true)
  }
}
