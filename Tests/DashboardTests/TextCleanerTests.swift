import QueueClient
import Testing

@testable import Dashboard

@Suite struct TextCleanerTests {
  @Test(arguments: [
    ("plain", 5), ("한국어", 6), ("日本", 4), ("é", 1), ("e\u{301}", 1), ("🚀", 2), ("👩‍👩‍👧", 2), ("👍🏽", 2), ("❤️", 1),
    ("🇩🇪", 2), ("🇩🇪🇫🇷!", 5), ("🇩", 1),
  ])
  func `text is as wide as terminals draw it`(text: String, width: Int) {
    #expect(TextCleaner.width(text, isASCII: false) == width)
  }

  @Test(arguments: [
    "\u{1B}[2J", "a\nb", "\u{9B}31m", "\u{202E}evil", "\u{200B}", "\u{7F}", "\u{2028}", "\u{0}", "\u{E000}",
  ])
  func `nothing that a terminal acts on gets through`(text: String) {
    let drawn = TextCleaner.glyphs(text, isASCII: false).map(\.text).joined()
    let dangerous = drawn.unicodeScalars.filter {
      [.control, .format, .lineSeparator, .privateUse].contains($0.properties.generalCategory)
    }
    #expect(dangerous.isEmpty)
    #expect(!drawn.isEmpty)
  }

  @Test(arguments: [
    (0, "0.0s"), (840, "0.8s"), (31_000, "31s"), (252_000, "4m12s"), (11_100_000, "3h05m"), (187_200_000, "2d04h"),
    (-5, "0.0s"),
  ])
  func `spans are written as people say them`(milliseconds: Int, text: String) {
    #expect(Formatting.duration(milliseconds: milliseconds) == text)
  }

  @Test(arguments: ["🇩🇪", "\u{1F1E9}"], [false, true])
  func `a flag is drawn as its letters, each in a cell`(flag: String, isASCII: Bool) {
    let glyphs = TextCleaner.glyphs(flag, isASCII: isASCII)
    #expect(glyphs.allSatisfy { $0.width == 1 && $0.text.first?.isASCII == true })
    #expect(glyphs.map(\.text).joined() == (flag == "🇩🇪" ? "DE" : "D"))
  }

  @Test(arguments: [(0, "0 B"), (812, "812 B"), (1024, "1.0 KB"), (20_000, "19 KB"), (1 << 20, "1.0 MB"), (-1, "0 B")])
  func `sizes are written short`(bytes: Int, text: String) {
    #expect(Formatting.bytes(bytes) == text)
  }

  @Test(arguments: [
    (JSON.number("0.30000000000000004"), "0.3"), (.number("12345678901234567890"), "12345678901234567890"),
    (.number("1.50"), "1.5"), (.string("0.30000000000000004"), "0.30000000000000004"),
  ])
  func `a value has no digits that mean nothing`(value: JSON, text: String) {
    #expect(Formatting.value(value) == text)
  }

  @Test(arguments: [
    (#"{"total":5150}"#, "total: 5150"), (#"{"sum":0.30000000000000004,"unit":"EUR"}"#, "sum: 0.3, unit: EUR"),
    (#"{"of":{"a":1}}"#, #"{"of":{"a":1}}"#), ("{}", "{}"), ("[1]", "[1]"), ("null", "null"),
  ])
  func `a value with plain members is shown without braces and quotes`(json: String, text: String) throws {
    #expect(Formatting.value(try JSON(parsing: json)) == text)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000")])
  func `thousands are set apart`(number: Int, text: String) {
    #expect(Formatting.count(number) == text)
  }

  @Test func `no sign of ours is wider than a cell, and each has a plain twin`() {
    let signs =
      JobState.allCases.map(Glyphs.state) + Glyphs.heights
      + [
        Glyphs.open, Glyphs.folded, Glyphs.mark, Glyphs.paused, Glyphs.half, Glyphs.stale, Glyphs.done, Glyphs.active,
        Glyphs.waiting, Glyphs.failed, Glyphs.line, Glyphs.times,
      ]
    for sign in signs {
      #expect(TextCleaner.width(sign, isASCII: false) == 1)
      #expect(sign.allSatisfy { $0.isASCII || Glyphs.twins[$0] != nil }, "\(sign)")
      #expect(sign.unicodeScalars.allSatisfy { !$0.properties.isEmojiPresentation }, "\(sign)")
    }
  }

  @Test func `an ASCII terminal gets ASCII alone`() {
    let drawn = TextCleaner.glyphs("a한\u{1B}🚀", isASCII: true).map(\.text).joined()
    #expect(drawn == "a???")
  }
}
