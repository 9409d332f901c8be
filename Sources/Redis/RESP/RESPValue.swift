/// One reply of a Redis server, in RESP2's terms.
public enum RESPValue: Sendable, Hashable {
  /// A status line such as `OK`.
  case status(String)
  /// An error line, such as `NOAUTH Authentication required.`
  case error(String)
  /// A 64-bit integer.
  case integer(Int)
  /// A binary-safe string.
  case bulk([UInt8])
  /// An array, nested at most seven deep (hiredis's limit).
  case array([RESPValue])
  /// A missing string or array.
  case null
}

extension RESPValue {
  /// The text of a string or status, repaired where it is not UTF-8; `nil` for anything else.
  public var string: String? {
    switch self {
    case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
    case .status(let text): text
    case .integer(let number): String(number)
    case .error, .array, .null: nil
    }
  }

  /// Whether this is that very text; no string is made for the comparison.
  public func isText(_ text: StaticString) -> Bool {
    let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    switch self {
    case .bulk(let bytes): return bytes.count == wanted.count && bytes.elementsEqual(wanted)
    case .status(let line): return line.utf8.elementsEqual(wanted)
    case .integer, .error, .array, .null: return false
    }
  }

  /// The number an integer or a decimal string holds, or the nearest of `Int.exactlyHeld`: a fraction is cut off,
  /// and what was written with forty digits, or as `inf`, does not overflow whoever counts with it.
  public var int: Int? {
    switch self {
    case .integer(let number): number.clamped
    case .bulk, .status: string.flatMap { Int(clamping: $0) }
    case .error, .array, .null: nil
    }
  }

  /// The number a string holds, as `ZSCORE` answers; it may be infinite, but is never `nan`.
  public var double: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .bulk, .status: string.flatMap { Double($0) }.flatMap { $0.isNaN ? nil : $0 }
    case .error, .array, .null: nil
    }
  }

  /// The elements of an array; `nil` for anything else.
  public var array: [RESPValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The texts of an array's elements; elements without a text are left out.
  public var strings: [String] {
    array?.compactMap(\.string) ?? []
  }

  /// The error's line, where this is one.
  public var errorLine: String? {
    if case .error(let line) = self { line } else { nil }
  }

  /// Whether this is the null reply.
  public var isNull: Bool { self == .null }

  /// An array of alternating names and values (`HGETALL`, `HSCAN`, `CONFIG GET`) as pairs, in order.
  public var pairs: [(name: String, value: RESPValue)] {
    guard let elements = array else { return [] }
    return stride(from: 0, to: elements.count - 1, by: 2).compactMap { index in
      elements[index].string.map { ($0, elements[index + 1]) }
    }
  }
}

extension RESPValue {
  /// The reply itself, where it is no error.
  ///
  /// - Throws: `RedisError.reply`.
  @discardableResult
  func orThrow(_ command: RedisCommand) throws(RedisError) -> RESPValue {
    if let errorLine { throw .reply(to: command, line: errorLine) }
    return self
  }
}
