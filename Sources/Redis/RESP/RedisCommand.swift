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
  /// Whether it runs a script that only reads.
  var runsReadOnlyScript = false

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

  /// Whether it runs a script.
  var runsScript: Bool { name == "EVALSHA" || name == "EVAL" }

  /// The key that the command is about, or the first of them; `nil` where it has none.
  ///
  /// Redis's commands have it as their first argument, but for those that say before how many there are, or where
  /// they begin.
  public var key: String? {
    let index: Int?
    switch name {
    case "XREAD", "XREADGROUP":
      index = arguments.firstIndex { $0.text?.uppercased() == "STREAMS" }.map { $0 + 1 }
    case "EVALSHA", "EVAL": index = arguments.dropFirst(2).first?.text == "0" ? nil : 3
    case "MEMORY", "OBJECT": index = 2
    case "SCAN", "SCRIPT", "CLIENT", "CONFIG", "INFO", "PING", "AUTH", "SELECT": index = nil
    default: index = 1
    }
    return index.flatMap { arguments.indices.contains($0) ? arguments[$0].text : nil }
  }

  /// Writes the command as an array of bulk strings, RESP's form of a request.
  func encode(into buffer: inout ByteBuffer) {
    let capacity = arguments.reduce(Self.headerCapacity) { $0 + Self.headerCapacity + $1.count + 2 }
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { space in
      var writer = RequestWriter(space: space)
      writer.writeHeader(UInt8(ascii: "*"), arguments.count)
      for argument in arguments {
        writer.writeHeader(UInt8(ascii: "$"), argument.count)
        argument.withBytes { writer.write($0) }
        writer.writeLineEnd()
      }
      return writer.count
    }
  }

  /// The longest header: a marker, 19 digits, the line's end.
  private static let headerCapacity = 22
}

extension RedisCommand.Argument {
  fileprivate var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  fileprivate var count: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .bytes(let bytes): bytes.count
    }
  }

  fileprivate func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    switch self {
    case .text(var text): text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    case .bytes(let bytes): bytes.withUnsafeBytes(body)
    }
  }
}

/// Writes into space known to be enough.
private struct RequestWriter {
  let space: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init(space: UnsafeMutableRawBufferPointer) {
    self.space = space
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) {
    UnsafeMutableRawBufferPointer(rebasing: space[count...]).copyMemory(from: bytes)
    count += bytes.count
  }

  mutating func writeLineEnd() {
    writeByte(UInt8(ascii: "\r"))
    writeByte(UInt8(ascii: "\n"))
  }

  /// A marker, a decimal number and the line's end.
  mutating func writeHeader(_ marker: UInt8, _ number: Int) {
    writeByte(marker)
    var power = 1
    while power <= number / 10 { power *= 10 }
    while power > 0 {
      writeByte(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / power % 10))
      power /= 10
    }
    writeLineEnd()
  }

  private mutating func writeByte(_ byte: UInt8) {
    space[count] = byte
    count += 1
  }
}
