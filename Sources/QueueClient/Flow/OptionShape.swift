import Redis

/// What may stand in a job's options: a value of another type or out of range would be stored, and read by each worker in
/// its own way. Pure.
indirect enum OptionShape: Sendable {
  case flag
  /// A whole number of a range.
  case whole(ClosedRange<Int>)
  /// A number of a range.
  case fraction(ClosedRange<Double>)
  case text
  /// A text that is not empty.
  case name
  /// What other members stand in it is not looked at.
  case object([(name: String, shape: OptionShape)], required: [String] = [])
  case either(OptionShape, OptionShape)

  /// The option that has none of its shapes, and what it should be; `nil` where all is well.
  ///
  /// Options that are not known here, and those that are `null`, are not looked at.
  static func fault(in opts: JobOptions) -> String? {
    for (name, shape) in all {
      if let given = opts[name], let fault = shape.fault(in: given, named: name) { return fault }
    }
    return nil
  }

  /// From 0 to the largest number that JavaScript and Lua hold exactly; as large as that is what had to be cut.
  private static let natural = OptionShape.whole(0...Int.exactlyHeld.upperBound - 1)
  private static let keep = OptionShape.either(
    .flag,
    .either(
      .whole(-1...Int.exactlyHeld.upperBound - 1),
      .object([("count", .whole(-1...Int.exactlyHeld.upperBound - 1)), ("age", natural), ("limit", natural)])))

  /// All options of BullMQ's jobs but `jobId` and `parent`, which have rules of their own.
  static let all: [(name: String, shape: OptionShape)] =
    FailurePolicy.allCases.map { ($0.rawValue, .flag) } + [
      ("priority", .whole(JobOptions.priorities)), ("delay", natural), ("attempts", natural), ("timestamp", natural),
      ("sizeLimit", natural), ("keepLogs", natural), ("stackTraceLimit", natural), ("lifo", .flag),
      (
        "backoff",
        .either(
          natural, .object([("type", .name), ("delay", natural), ("jitter", .fraction(0...1))], required: ["type"]))
      ), ("removeOnComplete", keep), ("removeOnFail", keep),
      (
        "deduplication",
        .object(
          [("id", .name), ("ttl", natural), ("extend", .flag), ("replace", .flag), ("keepLastIfActive", .flag)],
          required: ["id"])
      ), ("telemetry", .object([("metadata", .text), ("omitContext", .flag)])),
    ]

  private func fault(in value: JSON, named name: String) -> String? {
    if value == .null { return nil }
    guard matches(value) else {
      return "\(name) \(Self.short(value)) is not \(words)\(Self.isTooLarge(value) ? "; it is too large" : "")"
    }
    guard case .object(let members, let required) = part(for: value) else { return nil }
    for member in required where (value[member] ?? .null) == .null { return "\(name) has no \(member)" }
    for (member, shape) in members {
      if let given = value[member], let fault = shape.fault(in: given, named: "\(name) \(member)") { return fault }
    }
    return nil
  }

  /// The one of several shapes that a value has.
  private func part(for value: JSON) -> OptionShape {
    guard case .either(let one, let other) = self else { return self }
    return one.matches(value) ? one.part(for: value) : other.part(for: value)
  }

  private func matches(_ value: JSON) -> Bool {
    switch self {
    case .flag: value.bool != nil
    case .whole(let range): value.int.map(range.contains) ?? false
    case .fraction(let range): value.double.map(range.contains) ?? false
    case .text: value.string != nil
    case .name: value.string.map { !$0.isEmpty } ?? false
    case .object: value.members != nil
    case .either(let one, let other): one.matches(value) || other.matches(value)
    }
  }

  private var words: String {
    switch self {
    case .flag: "true or false"
    case .whole(let range) where range.upperBound == Int.exactlyHeld.upperBound - 1:
      "a whole number from \(range.lowerBound) on"
    case .whole(let range): "a whole number in \(range.lowerBound)...\(range.upperBound)"
    case .fraction(let range): "in \(JSON.double(range.lowerBound).text)...\(JSON.double(range.upperBound).text)"
    case .text: "a text"
    case .name: "a text that is not empty"
    case .object(_, let required): "an object" + required.map { " with \($0)" }.joined()
    case .either(let one, let other): "\(one.words), or \(other.words)"
    }
  }

  private static func isTooLarge(_ value: JSON) -> Bool { value.int == Int.exactlyHeld.upperBound }

  private static func short(_ value: JSON) -> String {
    let text = value.text
    return text.count > 60 ? text.prefix(57) + "..." : text
  }
}
