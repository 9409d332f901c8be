import NIOCore

/// A command and its arguments, ready to be sent.
///
/// ```swift
/// try await client.send(["HSET", "key", "field", "value"])
/// ```
public struct RedisCommand: Sendable, ExpressibleByArrayLiteral {
  /// One argument: text, or bytes as they are.
  public enum Argument: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringInterpolation
  {
    /// Text, sent as UTF-8.
    case text(String)
    /// Bytes, sent as they are.
    case bytes([UInt8])

    /// A text argument.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A decimal number.
    public init(integerLiteral value: Int) { self = .text(String(value)) }
    /// A text argument.
    public init(_ text: some StringProtocol) { self = .text(String(text)) }
    /// A decimal number.
    public init(_ number: Int) { self = .text(String(number)) }
  }

  var arguments: [Argument]

  /// A command from its words.
  public init(arrayLiteral elements: Argument...) { arguments = elements }

  /// A command from a name and its arguments.
  public init(_ name: String, _ arguments: [Argument] = []) {
    self.arguments = [.text(name)] + arguments
  }

  /// A command of texts alone.
  public init(_ name: String, _ arguments: some Sequence<String>) {
    self.arguments = [.text(name)] + arguments.map { .text($0) }
  }

  /// The command's name, as errors tell it: no argument, which may be a secret, is part of it.
  public var name: String {
    guard case .text(let name)? = arguments.first else { return "?" }
    return name.uppercased()
  }

  /// Writes the command as an array of bulk strings, RESP's form of a request.
  func encode(into buffer: inout ByteBuffer) {
    buffer.writeMarked(UInt8(ascii: "*"), arguments.count)
    for argument in arguments {
      switch argument {
      case .text(let text):
        buffer.writeMarked(UInt8(ascii: "$"), text.utf8.count)
        buffer.writeString(text)
      case .bytes(let bytes):
        buffer.writeMarked(UInt8(ascii: "$"), bytes.count)
        buffer.writeBytes(bytes)
      }
      buffer.writeLineEnd()
    }
  }
}

extension ByteBuffer {
  fileprivate mutating func writeLineEnd() {
    writeInteger(0x0D0A as UInt16)
  }

  /// A marker, a decimal number and the line's end, without a `String` in between.
  fileprivate mutating func writeMarked(_ marker: UInt8, _ number: Int) {
    guard number > 9 else {
      writeInteger(UInt32(marker) << 24 | UInt32(UInt8(ascii: "0") + UInt8(number)) << 16 | 0x0D0A)
      return
    }
    writeInteger(marker)
    writeString(String(number))
    writeLineEnd()
  }
}
