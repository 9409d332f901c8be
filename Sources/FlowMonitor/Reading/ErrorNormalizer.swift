/// Makes failures that are alike look alike: what differs from job to job, such as numbers and ids, is left out. Pure.
enum ErrorNormalizer {
  /// Reasons are compared by their first line, up to so many bytes.
  private static let limit = 200
  private static let blank = Array("…".utf8)

  /// The reason without numbers, hexadecimal ids, UUIDs and what stands in quotes.
  static func normalized(_ reason: String) -> String {
    let line = reason.utf8.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    let bytes = Array(line.prefix(limit))
    var result: [UInt8] = []
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      if let end = endOfQuote(bytes, at) {
        result += [byte] + blank + [byte]
        at = end
      } else if isWordByte(byte) {
        let end = bytes[at...].firstIndex { !isWordByte($0) } ?? bytes.count
        append(bytes[at..<end], to: &result)
        at = end
      } else {
        result.append(byte)
        at += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Words hold the dashes and dots within them: `127.0.0.1`, a UUID, a date.
  private static func isWordByte(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
      || byte == UInt8(ascii: ":")
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }

  /// Appends a word: parts that are numbers or ids become one blank.
  private static func append(_ word: ArraySlice<UInt8>, to result: inout [UInt8]) {
    var isBehindBlank = false
    var separators: [UInt8] = []
    var at = word.startIndex
    while at < word.endIndex {
      guard isAlphanumeric(word[at]) else {
        separators.append(word[at])
        at += 1
        continue
      }
      let end = word[at...].firstIndex { !isAlphanumeric($0) } ?? word.endIndex
      let shape = shape(of: word[at..<end])
      let isBlank = shape == blank
      // Between two blanks, what parts them says nothing.
      if !(isBlank && isBehindBlank) { result += separators + shape }
      separators = []
      isBehindBlank = isBlank || shape.suffix(blank.count).elementsEqual(blank)
      at = end
    }
    result += separators
  }

  /// A run of letters and digits without what tells one job from another.
  private static func shape(of part: ArraySlice<UInt8>) -> [UInt8] {
    let digits = part.count(where: isDigit)
    guard digits > 0 else { return Array(part) }
    if part.allSatisfy(isHex), part.count >= 4 || digits == part.count { return blank }
    if digits * 2 >= part.count, part.count >= 8 { return blank }
    var shape: [UInt8] = []
    for byte in part {
      if !isDigit(byte) {
        shape.append(byte)
      } else if !shape.suffix(blank.count).elementsEqual(blank) {
        shape += blank
      }
    }
    return shape
  }

  /// Where a quote ends that begins here; an apostrophe within a word begins none.
  private static func endOfQuote(_ bytes: [UInt8], _ start: Int) -> Int? {
    let quote = bytes[start]
    guard [UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`")].contains(quote) else { return nil }
    if start > 0, isAlphanumeric(bytes[start - 1]) { return nil }
    return bytes[(start + 1)...].firstIndex(of: quote).map { $0 + 1 }
  }
}
