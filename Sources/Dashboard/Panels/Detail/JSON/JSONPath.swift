import QueueClient

/// The way from a value to one within it.
struct JSONPath: Sendable, Hashable {
  enum Step: Sendable, Hashable {
    case member(String)
    case index(Int)
  }

  var steps: [Step] = []

  func appending(_ step: Step) -> JSONPath { JSONPath(steps: steps + [step]) }

  /// As `jq` reads it: `.order.items[3]["first name"]`; `.` for the whole.
  var text: String {
    guard !steps.isEmpty else { return "." }
    return steps.enumerated().map { index, step in
      switch step {
      case .index(let place): return index == 0 ? ".[\(place)]" : "[\(place)]"
      case .member(let name) where Self.isPlain(name): return "." + name
      case .member(let name): return (index == 0 ? "." : "") + "[\(JSON.string(name).text)]"
      }
    }.joined()
  }

  private static func isPlain(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) && byte & 0x80 == 0
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }
  }
}

/// What can be folded on a page of the detail.
struct FoldID: Sendable, Hashable {
  /// Which part of the page.
  var part: Part
  /// What in it, where it is JSON.
  var path = JSONPath()

  enum Part: Sendable, Hashable {
    case data, options, result, reason
    /// The stack of an attempt, the first made is 0.
    case attempt(Int)
  }
}

/// What a person has unfolded, folded and asked for more of.
struct Folding: Sendable, Equatable {
  private(set) var choices: [FoldID: Bool] = [:]
  private var shown: [FoldID: Int] = [:]

  /// So many elements, or lines of a text, are shown at first.
  static let portion = 100

  /// Whether something is open; what nobody has chosen is as it is at first.
  func isOpen(_ id: FoldID, atFirst: Bool) -> Bool { choices[id] ?? atFirst }

  mutating func set(_ id: FoldID, open: Bool) { choices[id] = open }

  /// How many elements are shown.
  func limit(of id: FoldID) -> Int { shown[id] ?? Self.portion }

  /// Shows more elements: twice as many each time.
  mutating func showMore(of id: FoldID) { shown[id] = min(limit(of: id) * 2, 1_000_000) }
}
