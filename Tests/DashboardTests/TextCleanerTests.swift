import Testing

@testable import Dashboard

@Suite struct TextCleanerTests {
  @Test(arguments: [
    ("plain", 5), ("한국어", 6), ("日本", 4), ("é", 1), ("e\u{301}", 1), ("🚀", 2), ("👩‍👩‍👧", 2), ("👍🏽", 2), ("❤️", 1),
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

  @Test func `an ASCII terminal gets ASCII alone`() {
    let drawn = TextCleaner.glyphs("a한\u{1B}🚀", isASCII: true).map(\.text).joined()
    #expect(drawn == "a???")
  }
}
