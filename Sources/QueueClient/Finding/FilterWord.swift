/// A word of a filter: what stands between spaces outside quotes.
struct FilterWord {
  /// Its characters, each with whether it stood in quotes and so means itself.
  var characters: [(character: Character, isLiteral: Bool)] = []
  /// Where its characters stand in the filter, from 1.
  var columns: [Int] = []
  /// Where it begins.
  var column: Int
  /// Whether it has quotes: then an empty value is meant to be one.
  var hasQuotes = false
  /// Whether a `!` stood before it.
  var isNegated = false

  /// The characters as they are.
  var text: String { String(characters.map(\.character)) }

  /// Where the first sign is that may follow a field's name.
  var signIndex: Int? {
    characters.firstIndex { !$0.isLiteral && FilterGrammar.Sign.first.contains($0.character) }
  }

  /// Whether a character stands at a place and means what such a one means outside quotes.
  func isSign(_ character: Character, at index: Int) -> Bool {
    characters.indices.contains(index) && characters[index] == (character, false)
  }

  /// Where a character stands in the filter; the end, for one behind the last.
  func column(of index: Int) -> Int {
    columns.indices.contains(index) ? columns[index] : (columns.last.map { $0 + 1 } ?? column)
  }

  /// Takes a filter apart.
  static func words(of text: String) throws(JobFilter.SyntaxError) -> [FilterWord] {
    var words: [FilterWord] = []
    var word: FilterWord?
    var quote: Int?
    var isEscaped = false
    for (index, character) in text.enumerated() {
      let column = index + 1
      if quote == nil, character.isWhitespace {
        if let word { words.append(word) }
        word = nil
        continue
      }
      var its = word ?? FilterWord(column: column)
      if character == "\"", !isEscaped {
        quote = quote == nil ? column : nil
        its.hasQuotes = true
      } else if character == "\\", quote != nil, !isEscaped {
        isEscaped = true
        word = its
        continue
      } else if character == "!", quote == nil, its.characters.isEmpty, !its.hasQuotes, !its.isNegated {
        its.isNegated = true
      } else {
        its.characters.append((character, quote != nil))
        its.columns.append(column)
      }
      isEscaped = false
      word = its
    }
    if let quote { throw JobFilter.SyntaxError("a quote is not closed", at: quote) }
    if let word { words.append(word) }
    return words
  }
}
