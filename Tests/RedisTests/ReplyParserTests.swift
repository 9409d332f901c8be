import Testing

@testable import Redis

@Suite struct ReplyParserTests {
  private func parse(_ text: String, pieces: Int = .max, limits: ReplyLimits = ReplyLimits()) throws -> [RESPValue] {
    let parser = ReplyParser(limits: limits)
    var values: [RESPValue] = []
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      try Array(bytes.prefix(pieces)).withUnsafeBytes(parser.feed)
      bytes = bytes.dropFirst(pieces)
      while let value = try parser.next() { values.append(value) }
    }
    return values
  }

  private let everything = "+OK\r\n-ERR no\r\n:42\r\n$3\r\na\0b\r\n$-1\r\n*0\r\n*-1\r\n*2\r\n*1\r\n:1\r\n$0\r\n\r\n"
  private let expected: [RESPValue] = [
    .status("OK"), .error("ERR no"), .integer(42), .bulk([97, 0, 98]), .null, .array([]), .null,
    .array([.array([.integer(1)]), .bulk([])]),
  ]

  @Test func `every kind of reply is understood`() throws {
    #expect(try parse(everything) == expected)
  }

  @Test(arguments: 1...7) func `replies cut anywhere are put together again`(pieces: Int) throws {
    #expect(try parse(everything, pieces: pieces) == expected)
  }

  @Test(arguments: ["hello\r\n", "*2\r\n?x\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"])
  func `what is no reply is an error`(text: String) {
    #expect(throws: RedisError.self) { try parse(text) }
  }

  @Test func `an array larger than allowed is an error`() {
    #expect(throws: RedisError.self) { try parse("*2000\r\n", limits: ReplyLimits(elements: 1000)) }
  }

  @Test func `a reply longer than allowed is an error before it is whole`() {
    let start = "$5000\r\n" + String(repeating: "x", count: 2000)
    #expect(throws: RedisError.self) { try parse(start, limits: ReplyLimits(bytes: 1000)) }
  }
}
