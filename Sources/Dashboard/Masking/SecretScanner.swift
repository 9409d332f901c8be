/// Finds secrets in a text of any kind (JSON, also within a JSON string, headers, settings, addresses) by the names before
/// them, and hides them.
///
/// A text may come in pieces: a secret that goes on beyond one is hidden in the next, too.
struct SecretScanner: Sendable {
  let masking: Masking
  /// The secret that goes on beyond what was scanned.
  private(set) var open: Open?

  /// A secret that has begun and not ended.
  enum Open: Sendable, Hashable {
    /// It ends with this quote behind so many backslashes.
    case quoted(UInt8, escapes: Int)
    /// It ends when so many brackets are closed; within it, a string may have begun.
    case nested(depth: Int, quote: UInt8?)
    /// It ends with its line, or with a quote.
    case line
    /// It ends with its word.
    case word
  }

  init(masking: Masking, open: Open? = nil) {
    self.masking = masking
    self.open = open
  }

  /// The text without its secrets.
  mutating func masked(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var at = 0
    var result: [UInt8] = []
    if let open {
      self.open = Self.end(of: open, in: bytes, from: &at)
      result += Masking.mark.utf8
    }
    guard bytes.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "=") }) else {
      return String(decoding: result + bytes[at...], as: UTF8.self)
    }
    result.reserveCapacity(bytes.count)
    while at < bytes.count {
      if Self.isOfName(bytes[at]) {
        let start = at
        while at < bytes.count, Self.isOfName(bytes[at]) { at += 1 }
        result += bytes[start..<at]
        hideValue(ofName: start..<at, in: bytes, at: &at, &result)
      } else if bytes[at] == UInt8(ascii: ":"), let address = Self.password(in: bytes, from: at) {
        result += bytes[at..<address.lowerBound]
        result += Masking.mark.utf8
        at = address.upperBound
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  // MARK: Names and their values

  /// Hides what stands behind a name, where that is a secret's.
  private mutating func hideValue(ofName name: Range<Int>, in bytes: [UInt8], at: inout Int, _ result: inout [UInt8]) {
    guard masking.hides(bytes[name]), let start = Self.value(behind: name, in: bytes), start < bytes.count else {
      return
    }
    result += bytes[at..<start]
    at = start
    var quote = start
    while quote < bytes.count, bytes[quote] == UInt8(ascii: "\\") { quote += 1 }
    let kind: Open
    if quote < bytes.count, Self.isQuote(bytes[quote]) {
      kind = .quoted(bytes[quote], escapes: quote - start)
      result += bytes[start...quote]
      at = quote + 1
    } else if bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") {
      kind = .nested(depth: 0, quote: nil)
    } else {
      if Self.plainWords.contains(where: { Self.isWord($0, in: bytes, at: start) }) { return }
      kind = masking.hidesLine(bytes[name]) ? .line : .word
      if kind == .word { Self.skipScheme(in: bytes, &at) }
    }
    let first = at
    open = Self.end(of: kind, in: bytes, from: &at)
    if at > first { result += Masking.mark.utf8 }
  }

  /// Where the value behind a name begins; `nil` where none follows.
  private static func value(behind name: Range<Int>, in bytes: [UInt8]) -> Int? {
    var at = name.upperBound
    while at < bytes.count, bytes[at] == UInt8(ascii: "\\") { at += 1 }
    let isQuoted = at < bytes.count && isQuote(bytes[at])
    if isQuoted { at += 1 }
    if at < bytes.count, bytes[at] == UInt8(ascii: "]") { at += 1 }
    skipBlanks(in: bytes, &at)
    guard at < bytes.count, bytes[at] == UInt8(ascii: ":") || bytes[at] == UInt8(ascii: "=") else { return nil }
    // Between two colons stands a part of a key in Redis.
    let isPart = name.lowerBound > 0 && bytes[name.lowerBound - 1] == UInt8(ascii: ":")
    if bytes[at] == UInt8(ascii: ":"), !isQuoted, isPart { return nil }
    at += 1
    if at < bytes.count, bytes[at] == UInt8(ascii: ">") { at += 1 }
    skipBlanks(in: bytes, &at)
    return at
  }

  private static let plainWords = ["null", "true", "false", "undefined", "None"].map { Array($0.utf8) }

  private static func isWord(_ word: [UInt8], in bytes: [UInt8], at: Int) -> Bool {
    guard bytes[at...].starts(with: word) else { return false }
    let end = at + word.count
    return end >= bytes.count || !isOfName(bytes[end])
  }

  private static func skipScheme(in bytes: [UInt8], _ at: inout Int) {
    for scheme in ["Bearer ", "bearer ", "Basic ", "basic "] where bytes[at...].starts(with: scheme.utf8) {
      at += scheme.utf8.count
    }
  }

  /// The password in an address, `://user:password@host`, from its first colon on.
  private static func password(in bytes: [UInt8], from: Int) -> Range<Int>? {
    guard bytes[from...].starts(with: "://".utf8) else { return nil }
    var colon: Int?
    for at in (from + 3)..<min(bytes.count, from + 1000) {
      switch bytes[at] {
      case UInt8(ascii: "@"): return colon.flatMap { $0 + 1 < at ? ($0 + 1)..<at : nil }
      case UInt8(ascii: ":"): colon = colon ?? at
      case UInt8(ascii: "/"), UInt8(ascii: "\""), UInt8(ascii: "'"), ...0x20: return nil
      default: break
      }
    }
    return nil
  }

  // MARK: Where a secret ends

  /// Goes to the end of a secret.
  ///
  /// - Returns: what is left of it where the text ends first.
  private static func end(of kind: Open, in bytes: [UInt8], from at: inout Int) -> Open? {
    switch kind {
    case .quoted(let quote, let escapes):
      var backslashes = 0
      while at < bytes.count {
        if bytes[at] == UInt8(ascii: "\\") {
          backslashes += 1
        } else if bytes[at] == quote, backslashes % (2 * (escapes + 1)) == escapes {
          at -= backslashes == escapes ? escapes : 0
          return nil
        } else {
          backslashes = 0
        }
        at += 1
      }
      return kind
    case .nested(var depth, var quote):
      var isEscaped = false
      while at < bytes.count {
        let byte = bytes[at]
        at += 1
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = quote != nil
        } else if let open = quote {
          if byte == open { quote = nil }
        } else if byte == UInt8(ascii: "\"") {
          quote = byte
        } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
          depth += 1
        } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
          depth -= 1
          if depth <= 0 { return nil }
        }
      }
      return .nested(depth: depth, quote: quote)
    case .line:
      while at < bytes.count, bytes[at] != 0x0A, bytes[at] != 0x0D, !isQuote(bytes[at]) { at += 1 }
      return at < bytes.count ? nil : kind
    case .word:
      while at < bytes.count, bytes[at] > 0x20, !isQuote(bytes[at]), !ends.contains(bytes[at]) { at += 1 }
      return at < bytes.count ? nil : kind
    }
  }

  private static let ends = Array(",;&)}]<>".utf8)

  private static func isQuote(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`")
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), 0x80...:
      true
    default: false
    }
  }

  private static func skipBlanks(in bytes: [UInt8], _ at: inout Int) {
    while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
  }
}
