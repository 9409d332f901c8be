/// A text in which `*` stands for any others, and `?` for one character.
public struct Glob: Sendable, Hashable {
  private enum Part: Sendable, Hashable {
    case scalar(Unicode.Scalar)
    case one
    case any
  }

  private let parts: [Part]
  /// The text, where it stands for itself alone.
  public let literal: String?

  /// A pattern from its characters, each with whether it means itself whatever it is.
  init(_ characters: some Sequence<(character: Character, isLiteral: Bool)>) {
    parts = characters.flatMap { each -> [Part] in
      switch (each.character, each.isLiteral) {
      case ("*", false): [.any]
      case ("?", false): [.one]
      default: each.character.unicodeScalars.map { .scalar($0) }
      }
    }
    var text = String.UnicodeScalarView()
    for case .scalar(let scalar) in parts { text.append(scalar) }
    literal = text.count == parts.count ? String(text) : nil
  }

  /// A pattern from its text.
  public init(_ text: String) { self.init(text.map { (character: $0, isLiteral: false) }) }

  /// A text that stands for itself.
  public init(literal text: String) { self.init(text.map { (character: $0, isLiteral: true) }) }

  /// Whether a text is like this, from its beginning to its end. It takes no longer than each
  /// character of the one beside each of the other.
  public func matches(_ text: String) -> Bool {
    if let literal { return text == literal }
    let text = Array(text.unicodeScalars)
    var (at, part) = (0, 0)
    // Where the last `*` is, and how far what it stands for reaches: only that one needs to be tried again.
    var star: (part: Int, end: Int)?
    while at < text.count {
      if part < parts.count, parts[part] == .any {
        star = (part, at)
        part += 1
      } else if part < parts.count, parts[part] == .one || parts[part] == .scalar(text[at]) {
        at += 1
        part += 1
      } else if let last = star {
        star = (last.part, last.end + 1)
        (at, part) = (last.end + 1, last.part + 1)
      } else {
        return false
      }
    }
    return parts[part...].allSatisfy { $0 == .any }
  }
}
