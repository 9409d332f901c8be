import Foundation

extension Color {
  /// How well one colour can be read on another: 1 for not at all, 21 for black on white, by the rules of WCAG 2.
  ///
  /// - Returns: `nil` where either is the terminal's own, which nobody knows.
  func contrast(with other: Color) -> Double? {
    guard let one = luminance, let two = other.luminance else { return nil }
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)
  }

  /// The same on whatever terminal: as the theme says it, or as terminals with 256 colours show it.
  func leastContrast(with other: Color) -> Double? {
    guard let exact = contrast(with: other),
      let (one, two) = Color(index: nearest(of: 256)).flatMap({ one in
        Color(index: other.nearest(of: 256)).map { (one, $0) }
      })
    else { return nil }
    return min(exact, one.contrast(with: two) ?? exact)
  }

  /// From 0 for black to 1 for white; of the sixteen that terminals let their users choose, as most show them.
  private var luminance: Double? {
    guard let (red, green, blue) = components else { return nil }
    func linear(_ part: Int) -> Double {
      let part = Double(part) / 255
      return part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }
}

extension Style.Role {
  /// The least contrast with what lies behind it. Lines and bars are no text: what they show stands beside them in words.
  var leastContrast: Double { self == .border || self == .bar ? 3 : 4.5 }
}
