import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// Within the detail: folding, searching, copying, paging.
@Suite struct DetailFocusTests {
  private static let data = #"""
    {"place":"hall","customer":{"name":"Ann","card":{"token":"t1","holder":"Ann"}},"items":[1,2,{"first name":"x"}],
     "none":null}
    """#

  /// A model within the data page of a job.
  static func model(
    _ fields: [String: String] = ["data": data], tab: DetailTab = .data, rows: Int = 40, columns: Int = 120
  ) -> DashboardModel {
    var model = Sample.model(rows: rows, columns: columns)
    model.press("w")
    while model.detail.tab != tab { model.press("\t") }
    _ = model.update(
      .detail(Sample.stuck, JobDetail(snapshot: JobSnapshot(key: Sample.stuck, fields: fields))))
    model.press("\n")
    return model
  }

  /// Keys, the path of the line that is selected then, and whether that is open.
  @Test(arguments: [
    ("", ".", true), ("j", ".place", nil), ("jj", ".customer", true), ("jjh", ".customer", false),
    ("jjhl", ".customer", true), ("jj\n", ".customer", false), ("jj\n\n", ".customer", true),
    ("jjjj", ".customer.card", true), ("jjjjhh", ".customer", true), ("jjjh", ".customer", true),
    ("/holder\n", ".customer.card.holder", nil), ("/ann\nn", ".customer.card.holder", nil),
    ("/ann\nnn", ".customer.name", nil), ("/ann\nN", ".customer.card.holder", nil),
    ("-", ".", true), ("-j", ".place", nil), ("-jjj", ".items", false), ("-/FIRST\n", ".items[2][\"first name\"]", nil),
    ("kkk", ".", true),
  ])
  func `keys lead from value to value, fold and find them`(keys: String, path: String, isOpen: Bool?) {
    var model = Self.model()
    model.press(keys)
    #expect(model.detail.selectedLine?.path == path)
    #expect(model.detail.selectedLine?.fold?.isOpen == isOpen)
    #expect(model.detail.focus.isOn)
  }

  /// Keys, and what is copied.
  @Test(arguments: [
    ("jy", "hall"), ("jY", ".place"), ("/ann\ny", "Ann"), ("/token\nY", ".customer.card.token"), ("/token\ny", "***"),
    ("M/token\ny", "t1"), ("jjy", #"{"name":"Ann","card":{"token":"***","holder":"Ann"}}"#),
  ])
  func `a value or its path is copied, without its secrets unless they are shown`(keys: String, copied: String) {
    var model = Self.model()
    #expect(model.press(keys).last == .copy(copied))
  }

  @Test func `the path of the selected value is shown, and what is found is marked`() {
    var model = Self.model()
    model.press("/holder\n")
    let lines = model.lines
    #expect(lines[lines.count - 2].contains(".customer.card.holder"))
    let marked = model.draw().cells.filter { $0.style.role == .match }.map(\.text).joined()
    #expect(marked == "holder")
  }

  @Test func `what a search opened is folded again when it is over`() {
    var model = Self.model()
    model.press("-/holder\n")
    func isShown() -> Bool { model.detail.page.lines.contains { $0.path == ".customer.card.holder" } }
    #expect(isShown())
    model.press(.key(.escape))
    #expect(!isShown())
    #expect(model.detail.focus.isOn)
    model.press(.key(.escape))
    #expect(!model.detail.focus.isOn && model.detail.tab == .data)
    model.press(.key(.escape))
    #expect(model.detail.tab == nil)
  }

  @Test func `secrets are shown by a key for this job alone, and the screen says so`() {
    var model = Self.model()
    #expect(!model.draw().text.contains("t1") && model.draw().text.contains("***"))
    model.press("M")
    #expect(model.draw().text.contains("t1") && model.draw().text.contains("secrets shown"))
    model.press(.key(.escape))
    model.press("jk")
    #expect(!model.draw().text.contains("t1") && !model.detail.showsSecrets)
  }

  @Test func `long arrays and texts are shortened with their counts, and open further`() {
    let long = String(repeating: "word ", count: 400)
    var model = Self.model([
      "data": #"{"many":[\#((0..<250).map(String.init).joined(separator: ","))],"text":"\#(long)"}"#
    ])
    #expect(model.line(with: "many").contains("250 elements"))
    #expect(model.line(with: "text:").contains("… 2,000 characters"))
    model.press("jl")
    #expect(model.detail.page.lines.contains { $0.text == "… 150 more elements" })
    model.press("/more elem\n\n")
    #expect(model.detail.page.lines.contains { $0.text == "… 50 more elements" })
    model.press(.key(.escape))
    model.press("/text\n")
    model.press(.key(.escape))
    model.press("l")
    #expect(model.detail.page.lines.filter { $0.path == ".text" }.count > 10)
  }

  @Test(arguments: [
    "{}", "[]", "null", "17", "\"\"", "not JSON", "", "[[[[[[[[]]]]]]]]", #"{"a":{"b":{"c":{"d":{}}}}}"#,
  ])
  func `any data can be walked, folded, searched and copied`(data: String) {
    var model = Self.model(["data": data])
    for keys in ["jjjjkkkk", "+-", "hhll\n\n", "/a\nnN", "yY", "Gg"] { model.press(keys) }
    #expect(model.detail.focus.isOn)
  }

  @Test func `data nested deeply, and data of many members, stay bounded`() {
    let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    var model = Self.model(["data": deep])
    for _ in 0..<4 { model.press("+") }
    #expect(model.detail.page.lines.count < 60)
    let many = "{" + (0..<20000).map { "\"k\($0)\":{\"x\":\($0)}" }.joined(separator: ",") + "}"
    model = Self.model(["data": many])
    #expect(model.detail.page.lines.count < 200)
    model.press("/k\n")
    #expect(model.detail.page.lines.count <= DetailPage.limit + 1)
  }

  @Test func `each attempt's stack is a fold, the newest open, secrets in it hidden`() {
    var model = Self.model(
      ["failedReason": "boom", "stacktrace": #"["one\n at a","two\n at b","three\n at token=t1"]"#, "atm": "4"],
      tab: .error)
    let text = model.draw().text
    #expect(text.contains("▾ attempt 4") && text.contains("▸ attempt 3: two") && text.contains("▸ attempt 2: one"))
    #expect(text.contains("at token=***") && !text.contains("at b"))
    model.press("/at a\n")
    #expect(model.draw().text.contains("▾ attempt 2"))
  }

  @Test func `options are told as they differ from the defaults`() {
    let stored = #"{"attempts":3,"delay":0,"backoff":{"type":"exponential","delay":1000},"fpof":true,"lifo":false}"#
    let words = OptionWords(stored: (try? JSON(parsing: stored)) ?? .null).lines.map { "\($0.name): \($0.words)" }
    #expect(words == ["tries: at most 3", "between tries: 1.0s, doubled each time", "if it fails: its parent fails"])
  }

  @Test(
    arguments: [
      (#"{}"#, []), (#"{"attempts":1,"priority":0,"removeOnComplete":false,"removeOnFail":-1}"#, []),
      (#"{"backoff":500}"#, ["between tries: 0.5s"]), (#"{"removeOnFail":true}"#, ["when failed: removed at once"]),
      (
        #"{"removeOnComplete":{"age":3600,"count":5}}"#,
        ["when completed: those of the last 1h00m, at most the newest 5 are kept"]
      ),
      (#"{"kl":20}"#, ["log: the newest 20 rows are kept"]), (#"{"mine":[1]}"#, ["mine: [1]"]),
      (#"{"de":{"id":"d","ttl":5000}}"#, ["deduplication: d, for 5.0s"]),
      (#"{"removeOnComplete":{"age":9223372036854775807}}"#, nil), ("[]", []), ("7", []),
    ] as [(String, [String]?)])
  func `each option has its words`(stored: String, expected: [String]?) {
    let words = OptionWords(stored: (try? JSON(parsing: stored)) ?? .null).lines.map { "\($0.name): \($0.words)" }
    if let expected { #expect(words == expected) }
  }

  // MARK: What is read by parts

  @Test func `a long text is read piece by piece, forth and back, and secrets across pieces stay hidden`() {
    var model = Self.model([:])
    var detail = JobDetail(snapshot: JobSnapshot(key: Sample.stuck, fields: [:]), long: ["data": 3000])
    detail.pieces[.data] = TextPiece(text: #"{"a":1,"password":"one,"#, first: 0, end: 1000, size: 3000)
    model.press(.key(.escape))
    model.press("jk")
    _ = model.update(.detail(Sample.stuck, detail))
    #expect(model.draw().text.contains("0 B to 1000 B of 2.9 KB are shown"))
    model.press("\n/more:\n")
    #expect(model.press("\n") == [.readPart(Sample.stuck, .text(.data, from: 1000))])
    let next = TextPiece(text: #"hunter2","b":2,"#, first: 1000, end: 2000, size: 3000)
    _ = model.update(.part(Sample.stuck, .text(.data, from: 1000), .text(next)))
    #expect(model.draw().text.contains("1000 B to 1.9 KB of 2.9 KB"))
    #expect(!model.draw().text.contains("hunter2") && model.draw().text.contains(#"***","b":2"#))
    model.press("/before\n")
    #expect(model.press("\n") == [.readPart(Sample.stuck, .text(.data, from: 0))])
  }

  @Test func `a log is followed at its end, paged back, filtered, and followed again`() {
    var model = Self.model([:], tab: .logs)
    func page(_ rows: Range<Int>, of total: Int) -> JobPart.Answer {
      .logs(
        LogPage(rows: rows.map { .init(text: "row \($0) token=t\($0)", size: 5) }, first: rows.lowerBound, total: total)
      )
    }
    _ = model.update(.part(Sample.stuck, .logs(before: nil), page(800..<1000, of: 1000)))
    #expect(model.detail.page.lines.first?.text == "… 800 earlier rows" && !model.draw().text.contains("t800"))
    model.press("G")
    #expect(model.update(.tick(1031)).isEmpty)
    #expect(model.update(.tick(1040)).contains(.readPart(Sample.stuck, .logs(before: nil))))
    _ = model.update(.part(Sample.stuck, .logs(before: nil), page(810..<1010, of: 1010)))
    #expect(model.draw().text.contains("row 1009"))
    model.press("f85\n")
    #expect(model.draw().text.contains("row 985") && !model.draw().text.contains("row 986"))
    model.press(.key(.escape))
    model.press("g")
    #expect(model.press("\n") == [.readPart(Sample.stuck, .logs(before: 810))])
    _ = model.update(.part(Sample.stuck, .logs(before: 810), page(610..<810, of: 1010)))
    // In the middle of it nothing is read by itself.
    #expect(!model.update(.tick(1050)).contains { if case .readPart = $0 { true } else { false } })
    #expect(model.press("G") == [.readPart(Sample.stuck, .logs(before: nil))])
  }

  @Test func `the children are a table with a sum, sorted, and Enter goes to one`() {
    var model = Self.model([:], tab: .children)
    func child(_ id: String, _ kind: Family.Kind, edit: (inout ChildPage.Child) -> Void) -> ChildPage.Child {
      var child = ChildPage.Child(key: Sample.key("steps", id), kind: kind)
      edit(&child)
      return child
    }
    let page = ChildPage(
      children: [
        child("ignored", .ignored) { $0.reason = "no time, password=hunter2" },
        child("a", .processed) { ($0.name, $0.value, $0.duration) = ("alpha", 12, 1200) },
        child("b", .processed) { ($0.name, $0.value, $0.duration) = ("beta", 30.5, 100) },
      ], counts: DependenciesCount(processed: 2, ignored: 1))
    _ = model.update(.part(Sample.stuck, .children(nil), .children(page)))
    let text = model.draw().text
    #expect(text.contains("Σ 42.5   least 12   greatest 30.5"))
    #expect(text.contains("ignored, removed") && text.contains("no time, password=***"))
    model.press("jj")
    #expect(model.detail.selectedLine?.path == "bull:steps:ignored")
    model.press("ss")
    #expect(model.detail.page.lines[2].text.contains("beta"))
    model.press("ggjj")
    #expect(model.press("\n") == [.find(.climb(Sample.key("steps", "b")))])
    #expect(!model.detail.focus.isOn)
    _ = model.update(.find(.chain(Sample.key("steps", "b"), [Sample.stuck, Sample.bad])))
    #expect(model.flows.selectedJobKey == Sample.bad)
  }

  @Test func `a part that cannot be read says so, and is not asked for at once again`() {
    var model = Self.model([:], tab: .logs)
    _ = model.update(.partFailed(Sample.stuck, .logs(before: nil), "NOPERM"))
    #expect(model.notice?.text == "NOPERM")
    #expect(!model.press("j").contains { if case .readPart = $0 { true } else { false } })
  }

  @Test func `the page opens outside as it is shown`() {
    var model = Self.model()
    let effects = model.press("o")
    guard case .open(let file, .pager)? = effects.first else { return #expect(Bool(false), "\(effects)") }
    #expect(file.isJSON && file.text.contains("\"token\": \"***\"") && file.text.hasSuffix("}\n"))
    model.press("M")
    guard case .open(let shown, .editor)? = model.press("O").first else { return #expect(Bool(false)) }
    #expect(shown.text.contains("\"token\": \"t1\""))
  }

  @Test(arguments: [(24, 80), (40, 120), (50, 160), (10, 30), (5, 20)], [false, true])
  func `it fits every screen`(size: (Int, Int), isASCII: Bool) {
    for tab in DetailTab.allCases {
      var model = Self.model(tab: tab, rows: size.0, columns: size.1)
      model.scene.setup.isASCII = isASCII
      model.press("jjl/a\n")
      let frame = model.draw()
      #expect(frame.size.rows == size.0)
      if isASCII { #expect(frame.text.utf8.allSatisfy { $0 < 0x80 }) }
    }
  }

  @Test func `no two keys within the detail do different things`() {
    let keys = (DetailFocus.keys.help + DetailPanel.keys.help + DashboardModel.keys.help).flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
    for view in ViewID.allCases {
      let all = DashboardModel.help(in: view).flatMap(\.keys)
      #expect(Set(all).count == all.count, "\(view)")
    }
  }
}
