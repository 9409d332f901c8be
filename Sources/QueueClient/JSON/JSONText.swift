extension JSON {
  /// The value as compact text: no spaces, no escaped slashes, as JavaScript's `JSON.stringify` writes it.
  public var text: String { String(decoding: utf8, as: UTF8.self) }

  /// The text's bytes.
  public var utf8: [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(64)
    write(to: &out)
    return out
  }

  /// An array or object that has been begun.
  private enum Open {
    case array(ArraySlice<JSON>)
    case object(ArraySlice<Member>)
  }

  private func write(to out: inout [UInt8]) {
    // A stack of our own: a tree of flows may be as deep as it likes.
    var open: [Open] = []
    Self.begin(self, to: &out, &open)
    while let innermost = open.popLast() {
      switch innermost {
      case .array(var elements):
        guard let element = elements.popFirst() else {
          out.append(UInt8(ascii: "]"))
          continue
        }
        if elements.startIndex > 1 { out.append(UInt8(ascii: ",")) }
        open.append(.array(elements))
        Self.begin(element, to: &out, &open)
      case .object(var members):
        guard let member = members.popFirst() else {
          out.append(UInt8(ascii: "}"))
          continue
        }
        if members.startIndex > 1 { out.append(UInt8(ascii: ",")) }
        Self.write(member.name, to: &out)
        out.append(UInt8(ascii: ":"))
        open.append(.object(members))
        Self.begin(member.value, to: &out, &open)
      }
    }
  }

  private static func begin(_ value: JSON, to out: inout [UInt8], _ open: inout [Open]) {
    switch value {
    case .null: out += "null".utf8
    case .bool(let value): out += (value ? "true" : "false").utf8
    case .number(let digits): out += digits.utf8
    case .string(let text): write(text, to: &out)
    case .array(let elements):
      out.append(UInt8(ascii: "["))
      open.append(.array(elements[...]))
    case .object(let members):
      out.append(UInt8(ascii: "{"))
      open.append(.object(members[...]))
    }
  }

  private static func write(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { bytes in
      // Most texts go over in one piece: only few bytes need an escape.
      var start = 0
      for (index, byte) in bytes.enumerated()
      where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        out += bytes[start..<index]
        out += escape(byte).utf8
        start = index + 1
      }
      out += bytes[start...]
    }
    out.append(UInt8(ascii: "\""))
  }

  private static func escape(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\""): "\\\""
    case UInt8(ascii: "\\"): "\\\\"
    case 0x0A: "\\n"
    case 0x0D: "\\r"
    case 0x09: "\\t"
    case 0x08: "\\b"
    case 0x0C: "\\f"
    default: "\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
    }
  }
}
