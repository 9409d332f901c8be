import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// Acting on all jobs of a group.
@Suite struct GroupActingTests {
  private static let failed = GroupKey(parent: Sample.wide, group: Sample.failedGroup)
  private static let members = (0..<171).map { Sample.key("images", "\($0)") }

  private func model(isReadOnly: Bool = false) -> DashboardModel {
    var model = Sample.model(isReadOnly: isReadOnly)
    model.press("/171\n/econnreset\n")
    return model
  }

  @Test(arguments: [
    (ChildGroup.ID(kind: .ignored, state: .failed), "retry remove"),
    (.init(kind: .unprocessed, state: .failed), "retry remove-dependency remove"),
    (.init(kind: .unprocessed, state: .unknown), "remove-dependency"),
    (.init(kind: .unprocessed, state: .active), "remove-dependency"),
    (.init(kind: .unprocessed, state: .delayed), "promote remove-dependency remove"),
    (.init(kind: .processed, state: .completed), "retry remove"),
  ])
  func `what a group became allows these verbs`(group: ChildGroup.ID, verbs: String) {
    #expect(ActionTable.verbs(of: group).map(\.rawValue).joined(separator: " ") == verbs)
  }

  @Test(arguments: [
    ("r", JobAction.Verb.retry), ("x", .remove), ("a1", .retry), ("aj\n", .remove),
  ])
  func `a key asks for the jobs of the group first, then what it would change of them`(
    keys: String, verb: JobAction.Verb
  ) {
    var model = model()
    let group = GroupAction(group: Self.failed, verb: verb)
    #expect(model.press(keys) == [.gather(group)])
    #expect(model.draw().text.contains("asking Redis"))
    let effects = model.update(.members(group, Self.members))
    #expect(effects == [.preview(JobAction(verb, Self.members.map { .job($0) }))])
  }

  @Test func `the menu names the group and how many jobs it has, and R runs what failed below its parent`() {
    var model = model()
    model.press("a")
    let text = model.draw().text
    for words in ["171 × thumbnail of thumbnails", "1  run each of them again", "(r)  171 jobs", "(x)  171 jobs"] {
      #expect(text.contains(words), "\(text)")
    }
    #expect(model.press("3") == [.preview(JobAction(.retryFlow, [.job(Sample.wide)]))])
    model.press(.key(.escape))
    #expect(model.press("R") == [.preview(JobAction(.retryFlow, [.job(Sample.wide)]))])
  }

  @Test func `what a group cannot have is said, with what it can`() {
    var model = model()
    #expect(model.press("P") == [])
    #expect(model.notice?.text == "a group: r x R act on all of it; Enter opens it, to choose jobs")
  }

  @Test func `Esc gives up, a refusal is said, and of an empty group nothing is asked`() {
    var model = model()
    let group = GroupAction(group: Self.failed, verb: .retry)
    model.press("r")
    #expect(model.press(.key(.escape)) == [.stopPreview])
    #expect(model.update(.members(group, Self.members)) == [] && !model.actions.isOpen)
    model.press("r")
    _ = model.update(.membersFailed(group, "\(GroupReader.Refusal.mixed)"))
    #expect(!model.actions.isOpen && model.notice?.text.contains("open it and mark") == true)
    model.press("r")
    #expect(model.update(.members(group, [])) == [])
    #expect(model.notice?.text == "the group is empty by now")
  }

  @Test func `--read-only forbids it`() {
    var model = model(isReadOnly: true)
    #expect(model.press("r") == [] && model.notice?.text.contains("--read-only") == true)
    #expect(model.press("a") == [] && model.draw().text.contains("forbids it"))
  }
}
