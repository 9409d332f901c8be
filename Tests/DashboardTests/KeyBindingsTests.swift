import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// Keys that a person has chosen.
@Suite struct KeyBindingsTests {
  private func bindings(_ chosen: [String: [String]]) throws -> KeyBindings {
    var bindings = KeyBindings()
    for (action, keys) in chosen { try bindings.bind(action, to: keys) }
    return bindings
  }

  private func model(_ chosen: [String: [String]]) throws -> DashboardModel {
    var model = Sample.model()
    model.scene.setup.keys = try bindings(chosen)
    return model
  }

  @Test func `an action has one name and the same usual keys in all views, and no two of a view share a name`() {
    var usual: [String: [InputEvent]] = [:]
    for table in KeyBindings.heardTogether {
      #expect(Set(table.map(\.name)).count == table.count)
      for line in table {
        #expect(usual[line.name] ?? line.keys == line.keys, "\(line.name)")
        usual[line.name] = line.keys
      }
    }
    #expect(usual.keys.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "-" } }, "\(usual.keys)")
  }

  /// What is chosen, what is pressed, and the row selected then.
  @Test(arguments: [
    (["down": ["s"], "sort": ["S"]], "ss", 2), (["down": ["s"], "sort": ["S"]], "sj", 1),
    (["down": ["ctrl-n", "d"]], "d\u{0E}", 2), ([:], "jj", 2),
  ])
  func `a chosen key does it, and the usual one no longer does`(chosen: [String: [String]], keys: String, row: Int)
    throws
  {
    var model = try model(chosen)
    model.press(keys)
    #expect(model.flows.cursor == row)
  }

  @Test func `chosen keys hold in every view, in the menu and at its question`() throws {
    var model = try model(["down": ["d"], "actions": ["."], "choose": ["o"], "queues": ["Q"]])
    model.press(".")
    guard case .menu(let menu) = model.actions.stage else { return #expect(Bool(false), "no menu") }
    model.press("d")
    guard case .menu(let moved) = model.actions.stage else { return #expect(Bool(false), "no menu") }
    #expect(moved.cursor == menu.cursor + 1)
    let effects = model.press("o")
    guard case .preview? = effects.first else { return #expect(Bool(false), "\(effects)") }
    model.press(.key(.escape))
    model.press("Q")
    #expect(model.view == .queues)
  }

  @Test func `help, hints and sentences show the chosen keys`() throws {
    var model = try model(["help": ["H"], "why": ["ctrl-w"], "filter-problems": ["X"]])
    let last = model.lines.last ?? ""
    #expect(last.contains("H help") && last.contains("Ctrl-W why") && last.contains("X problems"), "\(last)")
    model.press("?")
    #expect(model.notice?.text == "no such key; H shows all keys")
    model.press("H")
    #expect(model.helpPage == 0 && model.line(with: "why is it not done").contains("Ctrl-W"))
  }

  @Test(arguments: [
    ("nonsense", ["T"], "no action is called 'nonsense'"), ("sort", ["ctrl-c"], "'ctrl-c' is no key"),
    ("sort", ["bell"], "'bell' is no key"), ("sort", [], "without a key"), ("sort", ["\u{1F680}"], "is no key"),
    ("sort", [" "], "is no key"),
  ])
  func `what cannot be chosen is refused with the reason`(action: String, keys: [String], words: String) throws {
    let fault = try #require(throws: KeyBindings.Fault.self) { try bindings([action: keys]) }
    #expect(fault.description.contains(words), "\(fault)")
  }

  @Test(
    arguments: [
      (["sort": ["r"]], "sort", "'r' is the key of 'retry'"), (["sort": ["r"], "retry": ["s"]], "sort", nil),
      (["fold": ["f"]], "fold", "'f' is the key of 'filter-state'"),
      (["confirm": ["c"]], "confirm", "'c' is the key of 'copy-command'"), (["sort": ["Z"]], "sort", nil),
      (["hold": ["f"]], "hold", nil),
    ] as [([String: [String]], String, String?)])
  func `a key of two actions that are heard together is a conflict`(
    chosen: [String: [String]], action: String, words: String?
  ) throws {
    let conflict = try bindings(chosen).conflict(of: action)
    #expect(words.map { conflict?.contains($0) == true } ?? (conflict == nil), "\(conflict ?? "none")")
  }
}
