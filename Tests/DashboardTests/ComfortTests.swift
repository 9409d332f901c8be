import FlowMonitor
import Testing

@testable import Dashboard
@testable import QueueClient

/// Columns, hints, questions, alarms, profiles: what people set as they like it.
@Suite struct ComfortTests {
  // MARK: Columns and hints

  @Test(arguments: [80, 120, 200])
  func `the columns that are wanted stand in their order, and no others`(width: Int) {
    let need = FlowColumns.Need(flow: 30, state: 40)
    let columns = FlowColumns(width: width, need: need, showsIDs: false, chosen: [.age, .flow, .state])
    #expect(columns.value.isEmpty && columns.progress.isEmpty && columns.id.isEmpty)
    #expect(columns.age.lowerBound == 1)
    #expect(columns.age.upperBound < columns.flow.lowerBound && columns.flow.upperBound < columns.state.lowerBound)
    #expect(columns.state.upperBound < width)
    let usual = FlowColumns(width: width, need: need, showsIDs: false)
    #expect(FlowColumns(width: width, need: need, showsIDs: false, chosen: nil) == usual)
  }

  @Test func `the list is drawn with the wanted columns at every width`() {
    for width in 0...140 {
      var model = Sample.model(columns: width)
      model.scene.setup.columns = [.state, .flow, .value]
      _ = model.draw()
    }
    var model = Sample.model(columns: 100)
    model.scene.setup.columns = [.state, .flow]
    let heading = model.line(with: "STATE")
    #expect(heading.contains("FLOW") && !heading.contains("AGE"))
    #expect(heading.range(of: "STATE")!.lowerBound < heading.range(of: "FLOW")!.lowerBound)
  }

  @Test func `a hint is the job's, else its queue's, else that for all`() {
    let hints = HintPaths(all: ["cost"], byName: ["paint": ["place"]], byQueue: ["steps": ["size"]])
    func paths(_ queue: String, _ name: String) -> [String] {
      hints.paths(for: Sample.job(Sample.key(queue, "1"), name, .waiting))
    }
    #expect(paths("steps", "paint") == ["place"])
    #expect(paths("steps", "fix") == ["size"])
    #expect(paths("other", "fix") == ["cost"])
  }

  // MARK: The queue's name

  private func preview() -> ActionPreview {
    var preview = ActionPreview(JobAction(.promote, [.job(Sample.bad)]))
    preview.parts = [.promote(Sample.bad)]
    preview.jobs = 1
    return preview
  }

  private func asking() -> DashboardModel {
    var model = Sample.model()
    model.scene.setup.confirmsQueue = true
    model.actions.stage = .asking(preview())
    return model
  }

  @Test func `where a profile demands it, the queue's name is typed before a change`() throws {
    var model = asking()
    #expect(model.press("y") == [])
    #expect(model.line(with: "type the queue's name, steps").isEmpty == false)
    model.press("stepz")
    model.press(.key(.backspace))
    #expect(model.line(with: "step_").isEmpty == false)
    let effects = model.press("s\n")
    guard case .change? = effects.first else { return #expect(Bool(false), "\(effects)") }
  }

  @Test(arguments: ["\n", "y\n", "step\n", "steps \n", "\u{1B}"])
  func `another name, or Esc, changes nothing`(keys: String) {
    var model = asking()
    model.press("y")
    for key in keys { #expect(model.press(key == "\u{1B}" ? .key(.escape) : .character(key)) == []) }
    #expect(!model.actions.isOpen)
  }

  // MARK: Calling somebody

  private func picture(problems: Int, isExact: Bool = true) -> Picture {
    var picture = Picture()
    picture.problemCount = KnownCount(problems, isExact: isExact)
    return picture
  }

  /// Problems, seconds, and whether somebody is called.
  @Test(arguments: [
    [(0, 0.0, false), (1, 1, true), (2, 2, false), (0, 3, false), (1, 4, false), (1, 61, true), (1, 200, false)],
    [(1, 0, true), (0, 10, false), (1, 70, true)],
    [(1, 0, true), (0, 10, false), (1, 20, false), (0, 30, false), (0, 90, false)],
    [(1, 100, true), (0, 101, false), (1, 50, true)],
  ])
  func `somebody is called for the first problem, at most once a minute`(steps: [(Int, Double, Bool)]) {
    var alarm = ProblemAlarm()
    for (problems, now, isCalled) in steps { #expect(alarm.take(picture(problems: problems), at: now) == isCalled) }
  }

  @Test func `only the wanted is done, and it is told which flow needs somebody`() throws {
    var model = Sample.model()
    model.scene.setup.alarm.bell = true
    model.scene.setup.alarm.command = true
    model.alarm = ProblemAlarm()
    let effects = model.update(.picture(Sample.picture))
    #expect(effects.contains(.ringBell))
    let facts = effects.compactMap { if case .call(let facts) = $0 { facts } else { nil } }
    #expect(facts.first?.count == 1 && facts.first?.flow == Sample.stuck && facts.first?.name == "monthly-report")
    #expect(facts.first?.reason.contains("503") == true)
    var quiet = Sample.model()
    quiet.alarm = ProblemAlarm()
    #expect(!quiet.update(.picture(Sample.picture)).contains(.ringBell))
  }

  // MARK: Profiles

  private func profiled() -> DashboardModel {
    var model = Sample.model()
    model.scene.setup.profiles = ["prod", "staging"]
    return model
  }

  @Test func `ctx lists the profiles, refuses others, and asks for one`() {
    var model = profiled()
    #expect(model.press(":ctx\n") == [])
    #expect(model.notice?.text == "profiles: prod (here), staging")
    model.press(":ctx nowhere\n")
    #expect(model.palette.trouble == "profiles are prod, staging")
    model.press(.key(.escape))
    #expect(model.press(":ctx staging\n") == [.switchProfile("staging")])
    #expect(model.press(":ctx st\t\n") == [.switchProfile("staging")])
    #expect(model.press(":theme li\t\n") == [.useTheme("light")])
    var none = Sample.model()
    none.press(":ctx prod\n")
    #expect(none.palette.trouble?.contains("no profiles") == true)
  }

  @Test func `nothing of the Redis before is left on the screen`() {
    var model = profiled()
    model.press("!jw")
    model.press(":find launch\n")
    var setup = Scene.Setup(server: "redis 10.0.0.2:6379/0", prefix: "shop", name: "staging")
    setup.profiles = ["prod", "staging"]
    let effects = model.update(.switched(setup, theme: "light"))
    let text = model.draw().text
    #expect(text.contains("staging") && text.contains("10.0.0.2") && text.contains("shop"))
    for old in ["monthly", "127.0.0.1", "prod", "1 problem", "launch"] { #expect(!text.contains(old), "\(old)") }
    #expect(effects.contains(.look(model.window)))
    #expect(model.themeNames.first == "light" && model.themeNames.count == 3)
    #expect(model.size == Frame.Size(rows: 40, columns: 120))
  }

  // MARK: The palette

  @Test(arguments: [
    (":ct\t", "ctx "), (":ctx st\t", "ctx staging "), (":theme hi\t", "theme high-contrast "),
    (":jobs ste\t", "jobs steps "), (":jobs steps fai\t", "jobs steps failed "), (":only prob\t", "only problems "),
    (":sort n\t", "sort n"), (":sort ne\t", "sort newest "), (":find @la\t", "find @late "), (":wor\t", "workers "),
    (":ctx prod st\t", "ctx prod st"),
  ])
  func `Tab completes commands and what belongs behind them`(keys: String, text: String) {
    var model = profiled()
    model.scene.setup.filters = ["late": "older:1d"]
    model.press(keys)
    #expect(model.palette.text == text)
  }

  @Test func `the words typed before come back, and the one begun is not lost`() {
    var model = profiled()
    model.press(":sort name\n:only failed\n:th")
    model.press(.key(.up))
    #expect(model.palette.text == "only failed")
    model.press(.key(.up))
    #expect(model.palette.text == "sort name")
    model.press(.key(.down))
    model.press(.key(.down))
    #expect(model.palette.text == "th")
  }

  @Test func `jobs, only and sort do what they say, or say what there is`() {
    var model = profiled()
    model.press(":only failed\n")
    #expect(model.window.filter == .state(.failed))
    model.press(":sort oldest\n")
    #expect(model.window.order == .oldest)
    model.press(":jobs steps failed\n")
    #expect(model.view == .jobs && model.lists.jobs.queue?.name == "steps" && model.lists.jobs.state == .failed)
    for (line, words) in [
      (":jobs nope\n", "no queue"), (":jobs steps odd\n", "states are"), (":sort x\n", "orders are"),
    ] {
      model.press(line)
      #expect(model.palette.trouble?.contains(words) == true, "\(line)")
      model.press(.key(.escape))
    }
  }

  // MARK: Help and hints

  @Test(arguments: ViewID.allCases)
  func `every key of a view stands in its help, with those of questions and of typed commands`(view: ViewID) {
    var model = Sample.model(rows: 60, columns: 200)
    model.press(.character(Character("\(view.rawValue)")))
    model.press("?")
    let text = model.draw().text
    for line in DashboardModel.help(in: view) + ActionsPanel.keys.help + PalettePanel.help {
      #expect(text.contains(line.does), "\(line.does)")
    }
  }

  @Test func `the hint line fits every width, and help comes before what is rarer`() {
    for width in 20...160 {
      let model = Sample.model(columns: width)
      let last = model.lines.last ?? ""
      #expect(last.count <= width)
      #expect(width < 40 || last.contains("help"), "\(width): \(last)")
      #expect(!last.contains("…"))
    }
  }
}
