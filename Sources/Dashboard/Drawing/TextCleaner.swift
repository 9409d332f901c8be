import CNcurses
import Foundation

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
      let glyph = glyph(character, isASCII: isASCII)
      width += glyph.width
      result.append(glyph)
    }
    return result
  }

  /// How many cells a text takes.
  static func width(_ text: String, isASCII: Bool) -> Int {
    text.reduce(0) { $0 + glyph($1, isASCII: isASCII).width }
  }

  private static func glyph(_ character: Character, isASCII: Bool) -> Glyph {
    if let ascii = character.asciiValue, ascii >= 0x20, ascii != 0x7F {
      return Glyph(text: String(character), width: 1)
    }
    guard let base = character.unicodeScalars.first else { return Glyph(text: "?", width: 1) }
    if isASCII { return Glyph(text: "?", width: 1) }
    if let mark = mark(for: base) { return Glyph(text: mark, width: 1) }
    let width = Int(cellWidth(base))
    guard width > 0 else { return Glyph(text: "\u{FFFD}", width: 1) }
    var text = String(base)
    // ncurses holds a base and a few combining marks; anything that would take cells of its own is left out.
    for scalar in character.unicodeScalars.dropFirst().prefix(4)
    where scalar.properties.generalCategory == .nonspacingMark && !isInvisible(scalar) {
      text.unicodeScalars.append(scalar)
    }
    return Glyph(text: text, width: width)
  }

  /// What stands for a character that must not reach a terminal.
  private static func mark(for scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value).map { String($0) } ?? "?"
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

  /// The C library's own measure, which ncurses uses too.
  private static func cellWidth(_ scalar: Unicode.Scalar) -> Int32 {
    _ = Self.hasLocale
    return wcwidth(wchar_t(scalar.value))
  }

  // `wcwidth` measures by the locale of the process.
  private static let hasLocale: Bool = {
    if let codeset = bullflow_codeset(), String(cString: codeset) == "UTF-8" { return true }
    return setlocale(LC_CTYPE, "") != nil && String(cString: bullflow_codeset()) == "UTF-8"
      || setlocale(LC_CTYPE, "C.UTF-8") != nil
  }()
}
