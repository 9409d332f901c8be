import Foundation
import Redis
import TestSupport
import Testing

@testable import QueueClient

@Suite struct SchemaTests {
  @Test(arguments: [
    ("queue .. Key.waitingChildren", "queue .. ':waiting-children'"), ("Key.priorityCounter", "':pc'"),
    ("Named.deduplication .. id", "':de:' .. id"), ("job .. Beside.lock", "job .. ':lock'"),
    ("Field.attemptsMade, Meta.maxLenEvents", "'atm', 'opts.maxLenEvents'"),
    ("its[Option.failParentOnFailure]", "its['fpof']"), ("Event.retriesExhausted", "'retries-exhausted'"),
    ("return { Code.missingParent, 1 }", "return { -5, 1 }"), ("Code.unheardOf", "Code.unheardOf"),
    ("my.Key.wait Keys.wait aKey.wait", "my.Key.wait Keys.wait aKey.wait"), ("größe Key.wait", "größe ':wait'"),
  ])
  func `names of the tables become values in a script`(source: String, resolved: String) {
    #expect(LuaNames.resolve(source.utf8) == resolved)
  }

  private static let scripts: [URL] = ["Scripts", "Inspecting", "Administering"].flatMap { room in
    (try? FileManager.default.contentsOfDirectory(
      at: Places.project.appending(path: "Sources/QueueClient/\(room)"), includingPropertiesForKeys: nil)) ?? []
  }.filter { $0.pathExtension == "lua" }

  @Test func `no script names what no table has, and none spells what a table has`() throws {
    #expect(Self.scripts.count > 20)
    let values = Set(LuaNames.tables.filter { $0.key != "Code" }.values.flatMap(\.values))
    // Words of Lua, of the scripts' own calls and of Redis that are spelt as a name is.
    let others: Set = ["'parent'"]
    for file in Self.scripts {
      let lines = String(decoding: try Data(contentsOf: file), as: UTF8.self).split(separator: "\n")
      for line in lines where !line.drop(while: { $0 == " " }).hasPrefix("--") {
        let code = LuaNames.resolve(String(line).utf8)
        #expect(code.firstMatch(of: #/\b[A-Z]\w+\.[a-z]\w*/#) == nil, "\(file.lastPathComponent): \(line)")
        for quoted in line.matches(of: #/'[^']*'/#) {
          let text = String(quoted.output)
          #expect(others.contains(text) || !values.contains(text), "\(file.lastPathComponent): \(line)")
        }
      }
    }
  }

  @Test func `no two short options share a name, and each has its own long one`() {
    #expect(ShortOption.keepLogs.longName == "keepLogs")
    #expect(Set(ShortOption.allCases.map(\.longName)).count == ShortOption.allCases.count)
    for policy in FailurePolicy.allCases {
      #expect(ShortOption(rawValue: policy.storedName)?.longName == policy.rawValue)
    }
  }
}
