import QueueClient
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "2500", "1e21", "-0.5", "\"a\\nb\"", "[]", "{}", "{\"z\":1,\"a\":[1,2,{\"b\":null}]}",
    "\"\\u0001/\"",
  ])
  func `what was parsed is written the same way`(text: String) throws {
    #expect(try JSON(parsing: text).text == text)
  }

  @Test(arguments: [
    (2500.0, "2500"), (0.1, "0.1"), (-3, "-3"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
  ])
  func `numbers are written as JavaScript writes them`(number: Double, text: String) {
    #expect(JSON.double(number).text == text)
  }

  @Test func `escapes and surrogate pairs become characters`() throws {
    #expect(try JSON(parsing: #""\u00e9\ud83d\ude00\/""#).string == "é😀/")
    #expect(try JSON(parsing: #""\ud83dx""#).string == "\u{FFFD}x")
  }

  @Test(arguments: [
    ("{\n  \"a\": ,\n}", 2, 8), ("[1, 2", 1, 6), ("{\"a\" 1}", 1, 6), ("01", 1, 1), ("nul", 1, 1),
    ("\"a\u{01}\"", 1, 3),
    ("1 2", 1, 3),
  ])
  func `an error names its line and column`(text: String, line: Int, column: Int) {
    let error = #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: text) }
    #expect(error?.line == line)
    #expect(error?.column == column)
  }

  @Test func `a text nested too deep is an error, not a crash`() {
    #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: String(repeating: "[", count: 100_000)) }
  }
}
