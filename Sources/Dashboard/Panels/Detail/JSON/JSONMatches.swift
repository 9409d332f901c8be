import Foundation
import QueueClient

/// Where a text occurs in a value: in a name or in a scalar, whether that is folded or not.
struct JSONMatches: Sendable, Equatable {
  /// The values found.
  private(set) var found: Set<JSONPath> = []
  /// What they stand in: it is open while they are looked for.
  private(set) var around: Set<JSONPath> = []

  /// More are not looked for.
  static let most = 1000

  init(_ text: String, in json: JSON) {
    guard !text.isEmpty else { return }
    var path = JSONPath()
    look(for: text, in: json, at: &path)
  }

  private mutating func look(for text: String, in json: JSON, at path: inout JSONPath) {
    guard found.count < Self.most else { return }
    switch json {
    case .object(let members):
      for member in members {
        path.steps.append(.member(member.name))
        if Self.occurs(text, in: member.name) { note(path, isText: false) }
        look(for: text, in: member.value, at: &path)
        path.steps.removeLast()
      }
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        path.steps.append(.index(index))
        look(for: text, in: element, at: &path)
        path.steps.removeLast()
      }
    case .string(let string): if Self.occurs(text, in: string) { note(path, isText: true) }
    case .number(let digits): if digits.contains(text) { note(path, isText: false) }
    case .bool(let flag): if "\(flag)".contains(text) { note(path, isText: false) }
    case .null: break
    }
  }

  static func occurs(_ text: String, in other: String) -> Bool {
    other.range(of: text, options: .caseInsensitive) != nil
  }

  private mutating func note(_ path: JSONPath, isText: Bool) {
    found.insert(path)
    // A long text is open, too, where it holds what is looked for.
    if isText { around.insert(path) }
    var steps = path.steps
    while steps.popLast() != nil {
      guard around.insert(JSONPath(steps: steps)).inserted else { return }
    }
  }
}
