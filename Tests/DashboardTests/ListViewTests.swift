import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// The views beside the flows: which keys lead where, what is asked, and what stands on the screen.
@Suite struct ListViewTests {
  static let lists = ViewID.allCases.filter { $0 != .flows }

  @Test(arguments: ViewID.allCases) func `no two actions of a view share a key, and the help names them all`(
    view: ViewID
  ) {
    let help = DashboardModel.help(in: view)
    let keys = help.flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
    var model = ListSample.model(view, rows: 80, columns: 160)
    model.press("?")
    let text = model.draw().text
    for line in help { #expect(text.contains(line.shown) && text.contains(line.does), "\(line.shown)") }
  }

  /// Keys, and the view they lead to.
  @Test(arguments: [
    ("2", ViewID.queues), ("3", .jobs), ("4", .workers), ("5", .schedulers), ("6", .events), ("61", .flows),
  ])
  func `a number shows a view, and Esc goes back to the flows`(keys: String, view: ViewID) {
    var model = Sample.model()
    model.press(keys)
    #expect(model.view == view)
    #expect(model.lines[1].contains(" \(view.rawValue) \(view.title)"))
    model.press(.key(.escape))
    #expect(model.view == .flows)
  }

  @Test(arguments: [("queues", ViewID.queues), ("JOB", .jobs), ("w", .workers), ("", nil), ("x", nil)])
  func `views have names, too`(name: String, view: ViewID?) {
    #expect(DashboardModel.PaletteVerb(name) == view.map { .view($0) })
  }

  @Test(arguments: lists) func `the last row tells the keys that one needs first`(view: ViewID) {
    let model = ListSample.model(view)
    #expect(model.lines.last?.contains("Enter ") == true && model.lines.last?.contains("? help") == true)
    if view == .events { #expect(model.lines.last?.contains("Space hold") == true) }
  }

  @Test func `what is shown is read, what is left is not`() {
    var model = Sample.model()
    #expect(model.press("4") == [.watch(.workers)])
    #expect(model.press("4") == [])
    #expect(model.press("6") == [.watch(.events)])
    #expect(model.press("1") == [.watch(nil)])
  }

  @Test func `an answer to what is not asked any more is dropped`() {
    var model = ListSample.model(.workers)
    model.press("5")
    _ = model.update(.view(.workers, .workers(ListSample.workers)))
    #expect(!model.draw().text.contains("w-9"))
    #expect(model.draw().text.contains("reading …"))
  }

  @Test func `Enter goes from a queue to its jobs to a job, and Esc the same way back`() {
    var model = ListSample.model(.queues)
    model.press("G")
    #expect(model.lists.queues.selectedQueue == ListSample.steps)
    model.press("\n")
    #expect(model.view == .jobs && model.lists.jobs.queue == ListSample.steps)
    #expect(model.lists.jobs.state == .failed)
    model.answer()
    #expect(model.lines[1].contains("Queues ▸ steps ▸ failed"))
    #expect(model.press("\n").contains(.readDetail(JobKey(queue: ListSample.steps, id: "0"))))
    #expect(model.window.detail == JobKey(queue: ListSample.steps, id: "0"))
    model.press(.key(.escape))
    #expect(model.detail.tab == nil && model.view == .jobs)
    model.press(.key(.escape))
    #expect(model.view == .queues && model.lists.queues.selectedQueue == ListSample.steps)
    model.press(.key(.escape))
    #expect(model.view == .flows)
  }

  @Test(arguments: lists, [(24, 80), (50, 160), (10, 40), (5, 20)])
  func `no row is wider than the screen, nothing dangerous is in it, and ASCII is ASCII`(
    view: ViewID, size: (Int, Int)
  ) {
    for isASCII in [false, true] {
      var model = ListSample.model(view, rows: size.0, columns: size.1, isASCII: isASCII)
      for key in ["", "j", "\n", "/", "s"] {
        model.press(key)
        for cell in model.draw().cells {
          #expect(cell.text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && $0.value != 0x202E })
          if isASCII { #expect(cell.text.allSatisfy { $0.isASCII }) }
        }
      }
    }
  }

  @Test(arguments: lists) func `what Redis refuses is said in a line, in place of an empty table`(view: ViewID) throws {
    var model = ListSample.model(view)
    let question = try #require(model.lists.asked)
    _ = model.update(.view(question, .failed("NOPERM no right for that", isAway: false)))
    #expect(model.draw().text.contains("this cannot be read: NOPERM no right for that"))
    model.answer()
    #expect(!model.draw().text.contains("NOPERM"))
  }

  @Test(arguments: lists) func `while the server is away the rows stay`(view: ViewID) throws {
    var model = ListSample.model(view)
    let before = model.draw()
    _ = model.update(.view(try #require(model.lists.asked), .failed("no answer", isAway: true)))
    #expect(model.draw() == before)
  }

  @Test(arguments: [
    (ViewID.queues, "invoi", "invoices", "steps"), (.workers, "w-9", "w-9", "w-1"),
    (.schedulers, "europe", "no match", "daily"), (.schedulers, "dail", "daily", "late"),
    (.events, "completed", "completed", "bad"),
  ])
  func `a filter shows what has a text in it, is always visible, and ends with Esc`(
    view: ViewID, typed: String, shown: String, hidden: String
  ) {
    var model = ListSample.model(view)
    model.press("/" + typed)
    #expect(model.lines.last?.contains("/\(typed)_") == true)
    model.press("\n")
    #expect(model.lines[1].contains("/\(typed)"))
    #expect(!model.draw().text.contains(hidden))
    if shown == "no match" {
      #expect(model.draw().text.contains("nothing here has '\(typed)' in it"))
    } else {
      #expect(model.draw().text.contains(shown))
    }
    model.press(.key(.escape))
    #expect(model.view == view && model.draw().text.contains(hidden))
  }
}
