/// The words that a filter is written in.
enum FilterGrammar {
  /// What a field's name stands for, and which signs may follow it.
  struct Entry: Sendable {
    var name: String
    var meaning: Meaning
    /// The signs that may stand between it and its value.
    var signs: [Sign]
    /// Whether a path may follow it: `data.user.id`.
    var hasPath = false
  }

  enum Meaning: Sendable {
    case state, queue, id, older, newer, attempts
    case plain(JobField)
    case json(JobField)
  }

  /// What stands between a field and its value. The longer ones come first, since they begin with shorter ones.
  enum Sign: String, Sendable, CaseIterable {
    case atMost = "<="
    case atLeast = ">="
    case like = ":"
    case equal = "="
    case contains = "~"
    case less = "<"
    case more = ">"

    static let text: [Sign] = [.like, .equal, .contains]
    static let numbers: [Sign] = [.like, .equal, .less, .more, .atMost, .atLeast]
    /// What a bare text cannot hold.
    static let first = Set(allCases.compactMap(\.rawValue.first))
  }

  static let entries: [Entry] = [
    Entry(name: "state", meaning: .state, signs: [.like, .equal]),
    Entry(name: "queue", meaning: .queue, signs: [.like, .equal]),
    Entry(name: "name", meaning: .plain(.name), signs: Sign.text),
    Entry(name: "id", meaning: .id, signs: Sign.text),
    Entry(name: "error", meaning: .plain(.failedReason), signs: Sign.text),
    Entry(name: "data", meaning: .json(.data), signs: Sign.allCases, hasPath: true),
    Entry(name: "result", meaning: .json(.returnvalue), signs: Sign.allCases, hasPath: true),
    Entry(name: "progress", meaning: .json(.progress), signs: Sign.allCases, hasPath: true),
    Entry(name: "opts", meaning: .json(.opts), signs: Sign.allCases, hasPath: true),
    Entry(name: "worker", meaning: .plain(.processedBy), signs: Sign.text),
    Entry(name: "parent", meaning: .plain(.parentKey), signs: Sign.text),
    Entry(name: "attempts", meaning: .attempts, signs: Sign.numbers),
    Entry(name: "priority", meaning: .plain(.priority), signs: Sign.numbers),
    Entry(name: "older", meaning: .older, signs: [.like]),
    Entry(name: "newer", meaning: .newer, signs: [.like]),
  ]

  /// How long units of time are, in milliseconds.
  static let units: [(name: String, milliseconds: Int)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000),
  ]

  /// A duration such as `90s`, `1h30m` or `2d`, in milliseconds; `nil` for what is none.
  static func milliseconds(_ text: String) -> Int? {
    var rest = text[...]
    var sum = 0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      let unit = rest[digits.endIndex...].prefix { $0.isLetter }
      guard let number = Int(digits), let length = units.first(where: { $0.name == unit })?.milliseconds else {
        return nil
      }
      sum = sum.addingClamped(number.multipliedReportingOverflow(by: length).overflow ? .max : number * length)
      rest = rest[unit.endIndex...]
    }
    return text.isEmpty ? nil : sum.clamped
  }
}

extension JobFilter {
  /// The names of the fields that a filter knows, and whether a path may follow each.
  public static var fieldNames: [(name: String, hasPath: Bool)] { FilterGrammar.entries.map { ($0.name, $0.hasPath) } }
}
