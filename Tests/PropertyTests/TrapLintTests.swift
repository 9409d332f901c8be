import Foundation
import TestSupport
import Testing

/// No source that handles remote data has a word in it that ends the program where the data is odd.
@Suite struct TrapLintTests {
  private struct Trap {
    let name: String
    let pattern: String
  }

  private static let traps = [
    // `Int(clamping:)` is what numbers come in by; `Int(exactly:)`, and `Int` of a text, are optional.
    Trap(
      name: "Int of a floating-point number",
      pattern: #"\bU?Int(8|16|32|64)?\([^)]*(\* ?[0-9.]+e?|\.rounded\(|[dD]ouble|seconds|progress|score|pow\()"#
    ),
    Trap(name: "a duration of floating-point seconds", pattern: #"Duration\.seconds\((?![0-9]+\))[^)]*[dD]ouble"#),
    Trap(name: "a forced value", pattern: #"[\w\])"]!(?![=\w"])"#),
    Trap(name: "a forced try", pattern: #"\btry!"#), Trap(name: "a forced cast", pattern: #"\bas!"#),
    Trap(name: "an end of the program", pattern: #"\b(fatalError|preconditionFailure|precondition)\("#),
  ]

  /// What is allowed, by a part of its line, and why.
  private static let allowed = [
    // hiredis cannot be given memory: no reply can be read.
    "fatalError(\"no memory for a reply reader\")",
    // A theme of our own, embedded and tested.
    "preconditionFailure(\"theme",
  ]

  static func findings(in text: String) throws -> [String] {
    try text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { index, line -> [String] in
      let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line[...]
      guard !allowed.contains(where: { code.contains($0) }), !code.contains("clamping:"), !code.contains("exactly:")
      else {
        return []
      }
      // What stands in quotes is no code.
      let bare = code.replacing(try Regex(#""([^"\\]|\\.)*""#), with: "\"\"")
      return try traps.filter { bare.contains(try Regex($0.pattern)) }.map { "\(index + 1): \($0.name): \(line)" }
    }
  }

  @Test(arguments: ["Redis", "QueueClient", "FlowMonitor", "Dashboard", "bullflow"])
  func `no source has a trap`(module: String) throws {
    let folder = Places.project.appending(path: "Sources/\(module)")
    let files =
      FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
    #expect(files.count > 5)
    for file in files where file.pathExtension == "swift" {
      for finding in try Self.findings(in: String(contentsOf: file, encoding: .utf8)) {
        Issue.record("\(file.lastPathComponent):\(finding)")
      }
    }
  }

  @Test(arguments: [
    "let a = Int(progress * 100)", "let b = Int(value.rounded())", "let c = names.first!", "try! parse()", "x as! Int",
    "fatalError(\"no\")", "Int(score / 4096)", "Int64(time.seconds * 1e9)", "list[0]!.name", "Int(someDouble)",
  ]) func `a trap is found`(line: String) throws {
    #expect(try !Self.findings(in: line).isEmpty)
  }

  @Test(arguments: [
    "let a = Int(clamping: progress * 100)", "guard !isOver, a != b else { return }", "print(\"stop!\")",
    "// as! never",
    "Int(text)", "Int(bullflow_rows())", ".seconds(5)",
  ]) func `what is none is let be`(line: String) throws {
    #expect(try Self.findings(in: line).isEmpty)
  }
}
