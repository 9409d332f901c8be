/// Makes any text fit for a terminal, and measures it.
///
/// Control characters, escape sequences and bidirectional overrides become visible marks; what terminals
/// disagree about (joined emoji, skin tones, flags) is reduced to what all of them show at the same width.
enum TextCleaner {
  /// A character as it is drawn: its text, and whether it takes one cell or two.
  struct Glyph: Equatable {
    var text: String
    var width: Int
  }

  /// The characters to draw.
  ///
  /// - Parameter most: where to stop: so many cells are wanted at the most.
  static func glyphs(_ text: String, isASCII: Bool, most: Int = .max) -> [Glyph] {
    var result: [Glyph] = []
    var width = 0
    for character in text {
      if width >= most { break }
      if isASCII, let twin = Glyphs.twins[character] {
        for each in twin { result.append(Glyph(text: String(each), width: 1)) }
        width += twin.count
        continue
      }
      if let letters = flagLetters(character) {
        result += letters.map { Glyph(text: $0, width: 1) }
        width += letters.count
        continue
      }
      let glyph = glyph(character, isASCII: isASCII)
      width += glyph.width
      result.append(glyph)
    }
    return result
  }

  /// How many cells a text takes; no more than `most` of a longer one are counted, give or take a character.
  static func width(_ text: String, isASCII: Bool, most: Int = .max) -> Int {
    var width = 0
    for character in text {
      if width >= most { break }
      if let letters = flagLetters(character) {
        width += letters.count
      } else {
        width += isASCII ? Glyphs.twins[character]?.count ?? 1 : glyph(character, isASCII: false).width
      }
    }
    return width
  }

  /// The letters of a flag: no two terminals agree how wide it is.
  private static func flagLetters(_ character: Character) -> [String]? {
    guard let first = character.unicodeScalars.first, flagLetter(first) != nil else { return nil }
    return character.unicodeScalars.prefix(2).compactMap(flagLetter)
  }

  private static func flagLetter(_ scalar: Unicode.Scalar) -> String? {
    let letters: ClosedRange<UInt32> = 0x1F1E6...0x1F1FF
    guard letters.contains(scalar.value) else { return nil }
    return Unicode.Scalar(scalar.value - letters.lowerBound + 0x41).map { String($0) }
  }

  private static func glyph(_ character: Character, isASCII: Bool) -> Glyph {
    if let ascii = character.asciiValue, ascii >= 0x20, ascii != 0x7F {
      return Glyph(text: String(character), width: 1)
    }
    guard !isASCII, let base = character.unicodeScalars.first else { return Glyph(text: "?", width: 1) }
    if let mark = mark(for: base) { return Glyph(text: mark, width: 1) }
    let width = CharacterWidth.of(base)
    guard width > 0 else { return Glyph(text: "\u{FFFD}", width: 1) }
    var text = String(base)
    // Terminals hold a base and a few combining marks; anything that would take cells of its own is left out.
    for scalar in character.unicodeScalars.dropFirst().prefix(4)
    where scalar.properties.generalCategory == .nonspacingMark && !isInvisible(scalar) {
      text.unicodeScalars.append(scalar)
    }
    return Glyph(text: text, width: width)
  }

  /// What stands for a character that must not reach a terminal.
  private static func mark(for scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value).map { String($0) } ?? "\u{FFFD}"
    case 0x7F: "\u{2421}"
    case 0x80..<0xA0: "\u{FFFD}"
    default: isInvisible(scalar) ? "\u{FFFD}" : nil
    }
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: (0xFE00...0xFE0F).contains(scalar.value) || (0xE0000...0xE0FFF).contains(scalar.value)
    }
  }
}
