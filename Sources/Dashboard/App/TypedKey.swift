/// What a key does to a line of text that is being typed.
enum TypedKey: Equatable {
  case enter, escape, erase
  case letter(Character)

  /// - Returns: `nil` for a key that is neither a letter nor one of these.
  init?(_ input: InputEvent) {
    switch input {
    case .key(.enter), .character("\r"), .character("\n"): self = .enter
    case .key(.escape): self = .escape
    case .key(.backspace), .character("\u{7F}"), .character("\u{08}"): self = .erase
    case .character(let character) where (character.unicodeScalars.first?.value ?? 0) >= 32: self = .letter(character)
    default: return nil
    }
  }
}
