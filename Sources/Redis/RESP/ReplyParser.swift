import CHiredis

/// Turns the bytes of a server into replies, by hiredis's reader.
///
/// hiredis walks the protocol; its object callbacks append to a `ReplyBuilder`, so that no
/// intermediate C tree is made. Not thread-safe: one parser belongs to one event loop.
final class ReplyParser {
  private let reader: UnsafeMutablePointer<redisReader>
  private let builder: ReplyBuilder
  private let limits: ReplyLimits
  private var unparsed = 0

  init(limits: ReplyLimits = ReplyLimits()) {
    self.limits = limits
    builder = ReplyBuilder(limits: limits)
    guard let reader = redisReaderCreateWithFunctions(ReplyParser.functions) else {
      fatalError("no memory for a reply reader")
    }
    self.reader = reader
    reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
  }

  deinit {
    redisReaderFree(reader)
  }

  /// Takes in what has arrived.
  ///
  /// - Throws: `RedisError.protocolViolation` when more is waiting than the limits allow.
  func feed(_ bytes: UnsafeRawBufferPointer) throws {
    unparsed += bytes.count
    guard unparsed <= limits.bytes else {
      throw RedisError.protocolViolation("a reply is larger than \(limits.bytes) bytes")
    }
    guard redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK
    else { throw RedisError.protocolViolation(message) }
  }

  /// The next whole reply, or `nil` when more bytes are needed.
  ///
  /// - Throws: `RedisError.protocolViolation` on bytes that are no RESP2, or past a limit; the parser is
  ///   of no use after that.
  func next() throws -> RESPValue? {
    var object: UnsafeMutableRawPointer?
    guard redisReaderGetReply(reader, &object) == REDIS_OK else {
      throw RedisError.protocolViolation(builder.violation ?? message)
    }
    guard object != nil else { return nil }
    unparsed = reader.pointee.len - reader.pointee.pos
    return builder.take()
  }

  private var message: String {
    withUnsafeBytes(of: reader.pointee.errstr) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  // hiredis wants a table that outlives every reader. It is written once, here, and only read afterwards.
  private nonisolated(unsafe) static let functions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
    let table = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
    var functions = redisReplyObjectFunctions()
    functions.createString = { task, text, length in
      guard let task, let builder = ReplyBuilder.of(task) else { return nil }
      let bytes = UnsafeRawBufferPointer(start: text, count: length)
      switch task.pointee.type {
      case REDIS_REPLY_ERROR: return builder.add(.error(ScriptErrorLine.plain(String(decoding: bytes, as: UTF8.self))))
      case REDIS_REPLY_STATUS: return builder.add(.status(String(decoding: bytes, as: UTF8.self)))
      default: return builder.add(.bulk([UInt8](bytes)))
      }
    }
    functions.createArray = { task, count in
      guard let task, let builder = ReplyBuilder.of(task) else { return nil }
      return builder.open(count: Int(count))
    }
    functions.createInteger = { task, number in
      guard let task, let builder = ReplyBuilder.of(task) else { return nil }
      return builder.add(.integer(Int(number)))
    }
    functions.createNil = { task in
      guard let task, let builder = ReplyBuilder.of(task) else { return nil }
      return builder.add(.null)
    }
    functions.freeObject = { _ in }
    table.initialize(to: functions)
    return table
  }()
}

/// How large a reply may be before the server is taken for broken.
public struct ReplyLimits: Sendable, Hashable {
  /// Most bytes that may wait for the rest of their reply.
  public var bytes: Int
  /// Most elements of one array.
  public var elements: Int

  /// - Parameters:
  ///   - bytes: most bytes of one reply; Redis's own limit of a string is 512 MiB.
  ///   - elements: most elements of one array.
  public init(bytes: Int = 1 << 30, elements: Int = 16 << 20) {
    self.bytes = bytes
    self.elements = elements
  }
}

/// Collects the parts of one reply as hiredis meets them.
private final class ReplyBuilder {
  private struct OpenArray {
    var remaining: Int
    var elements: [RESPValue]
  }

  private let limits: ReplyLimits
  private var open: [OpenArray] = []
  private var complete: RESPValue?
  private(set) var violation: String?

  init(limits: ReplyLimits) {
    self.limits = limits
  }

  static func of(_ task: UnsafePointer<redisReadTask>) -> ReplyBuilder? {
    task.pointee.privdata.map { Unmanaged<ReplyBuilder>.fromOpaque($0).takeUnretainedValue() }
  }

  /// hiredis only asks whether an object is there, so every object is the same pointer.
  private static var anObject: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 1) }

  func add(_ value: RESPValue) -> UnsafeMutableRawPointer? {
    var value = value
    while !open.isEmpty {
      let innermost = open.count - 1
      open[innermost].elements.append(value)
      open[innermost].remaining -= 1
      if open[innermost].remaining > 0 { return Self.anObject }
      value = .array(open.removeLast().elements)
    }
    complete = value
    return Self.anObject
  }

  func open(count: Int) -> UnsafeMutableRawPointer? {
    guard count <= limits.elements else {
      violation = "an array of \(count) elements is larger than \(limits.elements)"
      return nil
    }
    guard count > 0 else { return add(.array([])) }
    var elements: [RESPValue] = []
    elements.reserveCapacity(min(count, 1024))
    open.append(OpenArray(remaining: count, elements: elements))
    return Self.anObject
  }

  func take() -> RESPValue? {
    defer { complete = nil }
    return complete
  }
}
