import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

@Suite struct HeaderTests {
  @Test(arguments: [
    (MonitorStatus.live, "● live"), (.connecting, "◐ connecting"), (.followingStreams(reason: "off"), "◐ streams"),
    (.polling(every: .seconds(5), reason: "off"), "◐ polling every 5 s"),
    (.stale(since: 0, reason: "connection refused"), "○ stale since"),
  ])
  func `the header tells how true the picture is`(status: MonitorStatus, words: String) {
    var picture = Sample.picture
    picture.status = status
    for columns in [40, 80, 120, 200] {
      #expect(Sample.model(columns: columns, picture: picture).lines[0].contains(words), "\(columns)")
    }
  }

  @Test(arguments: [
    (3, true, 1.0, "3 problems"), (1, true, 1, "1 problem"), (3, false, 0.64, "≥ 3 problems (sweep 64 %)"),
    (0, true, 1, "no problems"), (0, false, 0.5, "no problem yet (sweep 50 %)"),
  ])
  func `problems are counted, and are a lower bound until the sweep is through`(
    count: Int, isExact: Bool, sweep: Double, words: String
  ) {
    var picture = Sample.picture
    picture.problemCount = KnownCount(count, isExact: isExact)
    picture.sweep = Progress(sweep)
    for columns in [80, 120] { #expect(Sample.model(columns: columns, picture: picture).lines[0].contains(words)) }
  }

  @Test func `narrow widths keep the status, the problems and the time`() {
    let line = Sample.model(columns: 44).lines[0]
    #expect(line.contains("● live") && line.contains("1 problem") && line.contains(":"))
    let wide = Sample.model(columns: 140).lines[0]
    for word in ["bullflow", "prod", "redis 127.0.0.1:6379/0", "bull", "142 jobs/s", "█"] {
      #expect(wide.contains(word), "\(wide)")
    }
  }

  @Test func `where it is narrow, the views stand closer so that all are named and the position is told`() {
    let bar = Sample.model(columns: 80).lines[1]
    #expect(bar.contains("1 Flows") && bar.contains("6 Events") && bar.contains(" of "), "\(bar)")
  }

  @Test func `with a filter on, all views keep their numbers, and filter and sort stay in sight`() {
    var model = Sample.model(rows: 24, columns: 80)
    model.press("!")
    let bar = model.lines[1]
    #expect(
      (1...6).allSatisfy { bar.contains("\($0)") } && bar.contains("problems") && bar.contains("attention"), "\(bar)")
    model.press("f")
    #expect(Sample.model(rows: 24, columns: 160).lines[1].contains("filter none"))
    #expect(model.lines[1].contains(":failed") || model.lines[1].contains("roots: failed"), "\(model.lines[1])")
  }

  @Test func `a picture that was read once does not promise that problems are still looked for`() {
    var picture = Sample.picture
    (picture.status, picture.sweep, picture.problemCount) = (.readOnce, Progress(0.4), KnownCount(0, isExact: false))
    let line = Sample.model(columns: 120, picture: picture).lines[0]
    #expect(line.contains("not all looked at") && !line.contains("no problem"), "\(line)")
  }

  @Test func `a long notice leaves room for the key that is needed first, and one of an error has the whole row`() {
    var model = Sample.model(columns: 80)
    let text = String(repeating: "released ", count: 8) + "end"
    model.say(text)
    #expect(model.lines.last?.contains("] next problem") == true && model.lines.last?.contains("end") == false)
    model.say(text, isError: true)
    #expect(model.lines.last?.contains("released end") == true)
  }

  @Test func `the search for queues shows how far it has come`() {
    var picture = Sample.picture
    picture.discovery = Progress(0.64)
    picture.flowCount = KnownCount(3, isExact: false)
    picture.flows.isLast = false
    let model = Sample.model(picture: picture)
    #expect(model.lines[0].contains("looking for queues 64 %"))
    #expect(model.lines[1].contains("of ≥ 3"))
  }

  @Test func `what cannot be had is said in the last row, with the key that mends it, where it can be mended`() {
    var picture = Sample.picture
    picture.status = .followingStreams(reason: "notifications are off in this Redis")
    picture.mayEnableNotifications = true
    let last = Sample.model(picture: picture).lines.last ?? ""
    #expect(last.contains("notifications are off; E turns them on"))
    let narrow = Sample.model(columns: 80, picture: picture).lines.last ?? ""
    #expect(narrow.contains("E turns them on") && narrow.contains("? help"), "\(narrow)")
    let readOnly = Sample.model(isReadOnly: true, picture: picture).lines.last ?? ""
    #expect(!readOnly.contains("notifications are off"))
    picture.mayEnableNotifications = false
    let forbidden = Sample.model(picture: picture).lines.last ?? ""
    #expect(forbidden.contains("notifications are off") && !forbidden.contains("E turns"))
  }

  @Test(arguments: [
    MonitorStatus.followingStreams(reason: "CONFIG is forbidden"),
    .polling(every: .seconds(5), reason: "CONFIG is forbidden"),
  ])
  func `what cannot be had gives way to the keys after a while, and stays in the header`(status: MonitorStatus) {
    var picture = Sample.picture
    picture.status = status
    var model = Sample.model(columns: 160, picture: picture)
    #expect(model.lines.last?.contains("CONFIG is forbidden") == true)
    _ = model.update(.tick(1060))
    _ = model.update(.picture(picture))
    #expect(model.lines.last?.contains("Enter open") == true)
    #expect(model.lines[0].contains("CONFIG is forbidden"))
  }

  @Test(arguments: [(0, true, "✗0"), (3, true, "✗3"), (3, false, "✗≥ 3"), (0, false, "✗?")])
  func `the smallest screen has the number of problems`(count: Int, isThrough: Bool, words: String) {
    var picture = Sample.picture
    picture.problemCount = KnownCount(count, isExact: isThrough)
    picture.sweep = Progress(isThrough ? 1 : 0.5)
    let line = Sample.model(rows: 5, columns: 20, picture: picture).lines[0]
    #expect(line.contains("live"))
    #expect(line.contains(words) || line.contains("\(count) problems"), "\(line)")
  }

  @Test func `what is broken in Redis is told`() {
    var picture = Sample.picture
    picture.warnings = ["bull:q:wait is a string", "bull:q:active is a set"]
    #expect(Sample.model(picture: picture).lines.last?.contains("bull:q:wait is a string (and 1 more)") == true)
  }

  @Test func `PgDn and PgUp page the help`() {
    var model = Sample.model(rows: 10, columns: 40)
    model.press("?")
    model.press(.key(.pageDown))
    #expect(model.helpPage == 1)
    model.press(.key(.pageUp))
    #expect(model.helpPage == 0)
    for _ in 0..<99 { model.press(.key(.pageDown)) }
    #expect(model.helpPage.map { $0 > 1 } == true)
  }

  @Test(arguments: [(24, 80), (50, 160), (10, 40)])
  func `the help names every key that does something, and every sign, on as many pages as it takes`(
    rows: Int, columns: Int
  ) {
    var model = Sample.model(rows: rows, columns: columns)
    model.press("?")
    var text = ""
    while model.helpPage != nil {
      text += model.draw().text
      model.press(" ")
    }
    for group in Set(DashboardModel.help(in: .flows).map(\.group)) { #expect(text.contains(group), "\(group)") }
    for state in JobState.allCases where state != .unknown { #expect(text.contains(state.rawValue)) }
    for line in DashboardModel.help(in: .flows) {
      #expect(text.contains(line.shown) && text.contains(line.does), "\(line.shown)")
    }
  }
}
