import Foundation
import Testing

@testable import Dashboard

/// Programs that a text is shown in.
@Suite struct OutsideProgramTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "outside-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test(arguments: [
    (OutsideProgram.pager, ["PAGER": "more"], "more"), (.pager, [:], "less"), (.pager, ["PAGER": ""], "less"),
    (.editor, ["EDITOR": "nano", "VISUAL": "code -w"], "code -w"), (.editor, ["EDITOR": "nano"], "nano"),
    (.editor, [:], "vi"),
  ])
  func `the person's own program is taken`(program: OutsideProgram, environment: [String: String], command: String) {
    #expect(program.command(in: environment) == command)
  }

  @Test func `it is given a file that nobody else can read, and that is gone afterwards`() throws {
    try inFolder { folder in
      let file = OutsideFile(text: "{\"a\": 1}\n", isJSON: true)
      // Says what it was given, beside it.
      let pager =
        "sh -c 'stat -c %a \"$0\" > \(folder)/mode; cat \"$0\" > \(folder)/seen; echo \"$0\" > \(folder)/name'"
      try OutsideProgram.pager.show(file, environment: ["PAGER": pager, "TMPDIR": folder])
      func read(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }
      let (mode, seen) = (try read("mode"), try read("seen"))
      #expect(mode == "600\n" && seen == file.text)
      let name = try read("name")
      #expect(name.hasSuffix(".json\n"))
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.sorted() == ["mode", "name", "seen"])
    }
  }

  @Test(arguments: ["no-such-program-here", "/"])
  func `a program that is not there is told, and no file stays`(command: String) throws {
    try inFolder { folder in
      #expect(throws: OutsideProgram.Failure.self) {
        try OutsideProgram.editor.show(
          OutsideFile(text: "x", isJSON: false), environment: ["EDITOR": command, "TMPDIR": folder])
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.isEmpty)
    }
  }
}
