extension JSON {
  /// Where and why a text is no JSON.
  public struct SyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line, from 1.
    public var line: Int
    /// The column, from 1, in bytes.
    public var column: Int
    /// What was found, and what was wanted.
    public var reason: String
    /// `line 3, column 7: …`
    public var description: String { "line \(line), column \(column): \(reason)" }
  }

  /// Parses a text.
  ///
  /// - Parameter text: one JSON value (RFC 8259), nested at most 512 deep.
  /// - Throws: `SyntaxError`.
  public init(parsing text: String) throws(SyntaxError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// What a text holds, whoever wrote it: its JSON, or, where it is none, the text itself.
  public init(tolerating text: String) {
    self = (try? JSON(parsing: text)) ?? .string(text)
  }

  /// Parses UTF-8 bytes.
  public init(parsing bytes: [UInt8]) throws(SyntaxError) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var position = 0
  var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private static let depthLimit = 512

  mutating func document() throws(JSON.SyntaxError) -> JSON {
    let value = try value()
    skipSpace()
    if position < bytes.count { throw error("something follows the value") }
    return value
  }

  private mutating func value() throws(JSON.SyntaxError) -> JSON {
    skipSpace()
    guard position < bytes.count else { throw error("the text ends where a value was expected") }
    switch bytes[position] {
    case UInt8(ascii: "{"):
      return try nested { (parser: inout JSONParser) throws(JSON.SyntaxError) in try parser.object() }
    case UInt8(ascii: "["):
      return try nested { (parser: inout JSONParser) throws(JSON.SyntaxError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw error("unexpected \(found)")
    }
  }

  private mutating func nested(
    _ parse: (inout JSONParser) throws(JSON.SyntaxError) -> JSON
  ) throws(JSON.SyntaxError) -> JSON {
    depth += 1
    guard depth <= Self.depthLimit else { throw error("nested deeper than \(Self.depthLimit)") }
    defer { depth -= 1 }
    position += 1
    return try parse(&self)
  }

  private mutating func object() throws(JSON.SyntaxError) -> JSON {
    var members: [JSON.Member] = []
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw error("a member's name in quotes was expected, not \(found)")
      }
      let name = try string()
      guard take(":") else { throw error("':' was expected, not \(found)") }
      members.append(JSON.Member(name, try value()))
    } while take(",")
    guard take("}") else { throw error("',' or '}' was expected, not \(found)") }
    return .object(members)
  }

  private mutating func array() throws(JSON.SyntaxError) -> JSON {
    var elements: [JSON] = []
    if take("]") { return .array(elements) }
    repeat { elements.append(try value()) } while take(",")
    guard take("]") else { throw error("',' or ']' was expected, not \(found)") }
    return .array(elements)
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(JSON.SyntaxError) -> JSON {
    let count = word.utf8CodeUnitCount
    let expected = UnsafeBufferPointer(start: word.utf8Start, count: count)
    guard bytes[position...].prefix(count).elementsEqual(expected) else { throw error("unexpected \(found)") }
    position += count
    return value
  }

  private mutating func number() throws(JSON.SyntaxError) -> JSON {
    let start = position
    if at("-") { position += 1 }
    let whole = position
    guard digits() > 0 else { throw error("a digit was expected, not \(found)") }
    if bytes[whole] == UInt8(ascii: "0"), position - whole > 1 {
      position = whole
      throw error("a number does not begin with 0")
    }
    if at(".") {
      position += 1
      guard digits() > 0 else { throw error("a digit was expected, not \(found)") }
    }
    if at("e") || at("E") {
      position += 1
      if at("+") || at("-") { position += 1 }
      guard digits() > 0 else { throw error("a digit was expected, not \(found)") }
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func digits() -> Int {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
    return position - start
  }

  private mutating func string() throws(JSON.SyntaxError) -> String {
    position += 1
    var out: [UInt8] = []
    var start = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        out += bytes[start..<position]
        position += 1
        return String(decoding: out, as: UTF8.self)
      case UInt8(ascii: "\\"):
        out += bytes[start..<position]
        out += String(try escape()).utf8
        start = position
      case ..<0x20:
        throw error("a control character in a string")
      default:
        position += 1
      }
    }
    throw error("the text ends inside a string")
  }

  private mutating func escape() throws(JSON.SyntaxError) -> Unicode.Scalar {
    position += 1
    guard position < bytes.count else { throw error("the text ends inside a string") }
    defer { position += 1 }
    switch bytes[position] {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{08}"
    case UInt8(ascii: "f"): return "\u{0C}"
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "u"):
      let unit = try unit()
      guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) ?? "\u{FFFD}" }
      let afterHigh = position
      guard position + 2 < bytes.count, bytes[position + 1] == UInt8(ascii: "\\"),
        bytes[position + 2] == UInt8(ascii: "u")
      else { return "\u{FFFD}" }
      position += 2
      let low = try self.unit()
      guard (0xDC00..<0xE000).contains(low) else {
        position = afterHigh
        return "\u{FFFD}"
      }
      return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
    default: throw error("unknown escape \(found)")
    }
  }

  /// The four digits behind `\u`; leaves the position on the last of them.
  private mutating func unit() throws(JSON.SyntaxError) -> UInt32 {
    let digits = bytes[min(position + 1, bytes.count)...].prefix(4)
    guard digits.count == 4, let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
      throw error("four hexadecimal digits were expected")
    }
    position += 4
    return unit
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard at(character) else { return false }
    position += 1
    return true
  }

  private func at(_ character: Unicode.Scalar) -> Bool {
    position < bytes.count && bytes[position] == UInt8(ascii: character)
  }

  private var found: String {
    guard position < bytes.count else { return "the end of the text" }
    return "'\(String(decoding: bytes[position...].prefix(1), as: UTF8.self))'"
  }

  private func error(_ reason: String) -> JSON.SyntaxError {
    let before = bytes[..<min(position, bytes.count)]
    let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return JSON.SyntaxError(line: line, column: position - lineStart + 1, reason: reason)
  }
}
