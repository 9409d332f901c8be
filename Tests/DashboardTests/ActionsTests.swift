import FlowMonitor
import Testing

@testable import Dashboard
@testable import QueueClient

/// Acting from the list: the table, the keys, the menu, the question, what runs.
@Suite struct ActionsTests {
  typealias Facts = ActionTable.Facts

  @Test(arguments: [
    (Facts(state: .waiting), "remove clone-flow pause"),
    (Facts(state: .waiting, hasParent: true), "remove-dependency remove clone-flow pause"),
    (Facts(state: .prioritized, isQueuePaused: true), "remove clone-flow resume"),
    (Facts(state: .delayed), "promote remove clone-flow pause"),
    (Facts(state: .active, isLocked: true), "clone-flow pause"),
    (Facts(state: .active), "remove clone-flow pause"),
    (
      Facts(
        state: .waitingChildren, isParent: true, hasFailed: true, waitsInVain: true, hasPendingChildren: true),
      "retry-flow release-flow remove-unprocessed cancel-flow remove clone-flow pause"
    ),
    (
      Facts(state: .waitingChildren, isParent: true, hasPendingChildren: true),
      "remove-unprocessed cancel-flow remove clone-flow pause"
    ),
    (Facts(state: .completed, isParent: true, hasParent: true), "retry remove clone-flow pause"),
    (Facts(state: .failed, hasParent: true), "retry retry-flow remove-dependency remove clone-flow pause"),
    (Facts(state: .unknown, hasParent: true), "remove-dependency remove pause"),
  ])
  func `a state allows these verbs`(facts: Facts, verbs: String) {
    #expect(ActionTable.verbs(facts).map(\.rawValue).joined(separator: " ") == verbs)
  }

  private static let bad = JobAction.Target.job(Sample.bad)
  private static let stuck = JobAction.Target.job(Sample.stuck)

  /// Keys, and what Redis is asked then.
  @Test(arguments: [
    ("lr", JobAction(.retry, [bad])), ("R", JobAction(.retryFlow, [stuck])), ("lx", JobAction(.remove, [bad])),
    ("P", JobAction(.promote, [stuck])), ("u", JobAction(.removeUnprocessed, [stuck])),
    ("lD", JobAction(.removeDependency, [.dependency(child: Sample.bad, parent: Sample.stuck)])),
    ("c", JobAction(.cloneFlow, [stuck])), ("p", JobAction(.resume, [.queue(Sample.stuck.queue)])),
    ("lp", JobAction(.pause, [.queue(Sample.bad.queue)])), ("l r", JobAction(.retry, [bad])),
    ("  x", JobAction(.remove, [stuck, bad])), ("a\n", JobAction(.retryFlow, [stuck])),
    ("la\n", JobAction(.retryFlow, [bad])),
    ("a2", JobAction(.removeDependency, [.dependency(child: Sample.bad, parent: Sample.stuck)])),
  ])
  func `a key asks what it would change, of the marked rows or of the selected one`(keys: String, action: JobAction) {
    var model = Sample.model()
    let effects = model.press(keys).filter { if case .explain = $0 { false } else { true } }
    #expect(effects == [.preview(action)])
  }

  private func preview(_ verb: JobAction.Verb = .retry, refusals: [FlowStep] = []) -> ActionPreview {
    var preview = ActionPreview(JobAction(verb, [Self.bad]))
    (preview.jobs, preview.queues, preview.parts) = (14, 3, [.retry(Sample.bad, .failed)])
    preview.refusals = refusals
    return preview
  }

  /// A model that has been asked, and has an answer.
  private func asked(_ preview: ActionPreview, rows: Int = 40, columns: Int = 120, isASCII: Bool = false)
    -> DashboardModel
  {
    var model = Sample.model(rows: rows, columns: columns, isASCII: isASCII)
    model.press(preview.action.verb == .remove ? "lx" : "lr")
    _ = model.update(.preview(preview))
    return model
  }

  @Test func `the question counts, names what is refused, and shows the command line that does the same`() {
    let refused = FlowStep(.leave, Sample.root, .active)
    let model = asked(preview(.remove, refusals: [refused]))
    for text in [
      "Remove 14 jobs?", "removes 14 jobs in 3 queues", "1 is refused: a worker has it (renovate/3f2a0000…)",
      "it cannot be undone", "bullflow job remove steps bad", "y do it",
    ] {
      #expect(model.draw().text.contains(text), "\(text)\n\(model.draw().text)")
    }
  }

  /// What is pressed at the question, what is to be done, and whether it is open then.
  @Test(arguments: ["y", "c", "n", "q", "j", " "]) func `y does it, c copies the command, any other key leaves it`(
    key: String
  ) {
    let preview = preview()
    var model = asked(preview)
    let effects = model.press(key)
    switch key {
    case "y": #expect(effects == [.change(preview)])
    case "c": #expect(effects == [.copy("bullflow job retry steps bad")])
    default: #expect(effects == [])
    }
    #expect(!model.draw().text.contains("y do it"))
    #expect((model.actions.running != nil) == (key == "y"))
  }

  @Test func `Ctrl-C ends the program from the question, too`() {
    var model = asked(preview())
    #expect(model.press("\u{03}") == [.quit])
  }

  @Test func `Esc gives up the asking, and an answer that comes then opens nothing`() {
    var model = Sample.model()
    model.press("lr")
    #expect(model.draw().text.contains("asking Redis"))
    #expect(model.press(.key(.escape)) == [.stopPreview])
    _ = model.update(.preview(preview()))
    #expect(!model.actions.isOpen)
  }

  @Test func `what cannot be done is said, and asks nothing`() {
    var model = Sample.model()
    model.press("lr")
    var nothing = ActionPreview(JobAction(.retry, [Self.bad]))
    nothing.refusals = [FlowStep(.leave, Sample.bad, .wrongState, detail: "waiting")]
    _ = model.update(.preview(nothing))
    #expect(!model.actions.isOpen && model.notice?.text == "not possible: it is waiting (steps/bad)")
    model.press("r")
    _ = model.update(.previewFailed(JobAction(.retry, [Self.bad]), "cannot reach Redis"))
    #expect(!model.actions.isOpen && model.notice?.text == "cannot reach Redis")
  }

  @Test func `what runs shows its progress, is stopped by Esc, and lets nothing else begin`() {
    let preview = preview()
    var model = asked(preview)
    model.press("y")
    #expect(model.lines.last?.contains("Esc stops") == true)
    #expect(model.press("x") == [])
    #expect(model.notice?.text.contains("still runs") == true)
    #expect(model.press(.key(.escape)) == [.stopChange])
    var outcome = ActionOutcome()
    outcome.interruption = CancellationError()
    _ = model.update(.outcome(preview, outcome, milliseconds: 3))
    #expect(model.notice?.text == "nothing was changed: it was stopped" && model.actions.running == nil)
  }

  @Test func `what became of it is said, with the command line, and marks fall where all was done`() {
    let preview = preview()
    var model = asked(preview)
    model.flows.marks = [.job(Sample.bad)]
    model.press("y")
    var outcome = ActionOutcome()
    (outcome.jobs, outcome.subjects) = (1, ["bull:steps:bad"])
    _ = model.update(.outcome(preview, outcome, milliseconds: 3))
    #expect(model.notice?.text == "✓ retried 1 job in 3 ms   (bullflow job retry steps bad)")
    #expect(model.flows.marks.isEmpty)
    model = asked(preview)
    model.flows.marks = [.job(Sample.bad)]
    model.press("y")
    outcome.refusals = [FlowStep(.leave, Sample.stuck, .changed)]
    _ = model.update(.outcome(preview, outcome, milliseconds: 3))
    #expect(
      model.notice?.text.contains("retried 1 job; 1 was refused: it has changed meanwhile (reports/monthly)") == true)
    #expect(model.notice?.isError == true && model.flows.marks.count == 1)
  }

  @Test func `what became of an action stays until a key, whatever the monitor tells meanwhile`() {
    let preview = preview()
    var model = asked(preview)
    model.press("y")
    var outcome = ActionOutcome()
    (outcome.jobs, outcome.subjects) = (1, ["bull:steps:bad"])
    _ = model.update(.outcome(preview, outcome, milliseconds: 3))
    var picture = Sample.picture
    for status in [MonitorStatus.stale(since: 1, reason: "lost"), .followingStreams(reason: "off"), .live] {
      picture.status = status
      picture.mayEnableNotifications = status != .live
      _ = model.update(.picture(picture))
      _ = model.update(.tick(1100))
      #expect(model.lines.last?.contains("retried 1 job") == true)
    }
    _ = model.update(.notice("the command of on_problem: no", isError: true))
    #expect(model.notice?.text.contains("retried 1 job") == true && model.notice?.text.contains("on_problem") == true)
    model.press("j")
    #expect(model.notice == nil)
  }

  @Test func `the menu has the proposals first, then what the state allows, and names their keys`() {
    var model = Sample.model()
    model.press("a")
    let lines = model.lines
    let first = lines.firstIndex { $0.contains("1  run again what failed") } ?? 0
    #expect(lines[first].contains("(R)  bullflow flow retry reports monthly"), "\(model.draw().text)")
    #expect(lines.contains { $0.contains("remove the children it still waits for") && $0.contains("(u)") })
    #expect(model.press("jkj") == [])
    #expect(model.press(.key(.escape)) == [] && !model.actions.isOpen)
  }

  @Test func `--read-only forbids, and says so`() {
    var model = Sample.model(isReadOnly: true)
    model.press("a")
    #expect(model.draw().text.contains("--read-only (or read_only in the settings) forbids it"))
    #expect(model.draw().text.contains("bullflow flow retry reports monthly"))
    #expect(model.press("\n") == [.copy("bullflow flow retry reports monthly")])
    for key in ["r", "R", "x", "P", "u", "c", "p"] {
      #expect(model.press(key) == [])
      #expect(model.notice?.text.contains("--read-only") == true && !model.actions.isOpen)
    }
  }

  @Test func `a click chooses in the menu, and leaves elsewhere`() {
    var model = Sample.model()
    model.press("a")
    let row = model.lines.firstIndex { $0.contains("1  run again") } ?? 0
    #expect(model.press(.click(row: row, column: 50)) == [.preview(JobAction(.retryFlow, [Self.stuck]))])
    #expect(model.press(.click(row: 1, column: 1)) == [.stopPreview])
  }

  @Test(arguments: [(5, 20), (8, 40), (24, 80), (50, 160)], [false, true])
  func `boxes fit every screen, and ASCII terminals get ASCII`(size: (Int, Int), isASCII: Bool) {
    var model = asked(preview(), rows: size.0, columns: size.1, isASCII: isASCII)
    for _ in 0..<2 {
      let text = model.draw().text
      #expect(size.1 < 40 || text.contains("y do it") || text.contains("Enter shows"), "\(text)")
      if isASCII { #expect(text.allSatisfy { $0.isASCII }, "\(text)") }
      model.press("n")
      model.press("a")
    }
  }
}
