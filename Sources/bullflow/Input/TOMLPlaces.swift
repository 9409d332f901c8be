/// Where the keys of a TOML text stand: the parser tells only of texts that are none. Takes any text.
struct TOMLPlaces {
  /// A line and a column, from 1 on.
  struct Place: Equatable, Comparable {
    var line: Int
    var column: Int

    static func < (first: Place, second: Place) -> Bool { (first.line, first.column) < (second.line, second.column) }
  }

  private var places: [[String]: Place] = [:]
  private let text: [Character]
  private var at = 0
  private var place = Place(line: 1, column: 1)

  init(_ text: String) {
    self.text = Array(text)
    var table: [String] = []
    while let character = next {
      if character.isWhitespace {
        step()
      } else if character == "#" {
        skipLine()
      } else if character == "[" {
        let start = place
        while next == "[" { step() }
        table = path()
        note(table, start)
        skipLine()
      } else {
        let start = place
        let key = path()
        note(table + key, start)
        skipValue()
      }
    }
  }

  /// Where a key stands, or else the nearest table around it.
  func place(of path: [String]) -> Place {
    var path = path
    while !path.isEmpty {
      if let place = places[path] { return place }
      path.removeLast()
    }
    return Place(line: 1, column: 1)
  }

  private var next: Character? { at < text.count ? text[at] : nil }

  private mutating func note(_ path: [String], _ place: Place) { if places[path] == nil { places[path] = place } }

  private mutating func step() {
    guard let character = next else { return }
    at += 1
    if character.isNewline { place = Place(line: place.line + 1, column: 1) } else { place.column += 1 }
  }

  private mutating func skipLine() {
    while let character = next, !character.isNewline { step() }
  }

  /// A key with dots and quotes, up to what ends it.
  private mutating func path() -> [String] {
    var parts: [String] = []
    var part = ""
    while let character = next, character != "=", character != "]", !character.isNewline {
      if character == "\"" || character == "'" {
        part += quoted(character)
        continue
      }
      if character == "." {
        parts.append(part)
        part = ""
      } else if !character.isWhitespace {
        part.append(character)
      }
      step()
    }
    return parts + [part]
  }

  /// A text in quotes on one line.
  private mutating func quoted(_ quote: Character) -> String {
    var word = ""
    step()
    while let character = next, character != quote, !character.isNewline {
      if character == "\\", quote == "\"" { step() }
      if let character = next { word.append(character) }
      step()
    }
    step()
    return word
  }

  /// From the equals sign to the end of the value, over lines where lists and texts go on.
  private mutating func skipValue() {
    var depth = 0
    while let character = next {
      if character == "#" {
        skipLine()
        continue
      }
      if character.isNewline, depth <= 0 { return }
      if character == "[" || character == "{" { depth += 1 }
      if character == "]" || character == "}" { depth -= 1 }
      if character == "\"" || character == "'" { skipText(character) } else { step() }
    }
  }

  private mutating func skipText(_ quote: Character) {
    let isLong = at + 2 < text.count && text[at + 1] == quote && text[at + 2] == quote
    guard isLong else {
      _ = quoted(quote)
      return
    }
    for _ in 0..<3 { step() }
    while let character = next {
      if character == quote, at + 2 < text.count, text[at + 1] == quote, text[at + 2] == quote { break }
      if character == "\\", quote == "\"" { step() }
      step()
    }
    for _ in 0..<3 { step() }
  }
}
