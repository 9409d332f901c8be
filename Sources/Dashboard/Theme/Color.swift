/// A colour as a theme names it, and the nearest a terminal has.
public enum Color: Sendable, Hashable {
  /// The terminal's own.
  case `default`
  /// One of the sixteen that terminals let their users choose.
  case ansi(Int)
  /// One of the 256.
  case indexed(Int)
  /// Red, green and blue, 0 to 255 each.
  case rgb(Int, Int, Int)

  private static let names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]

  /// A colour from a theme's word for it.
  public init?(_ word: String) {
    if word == "default" {
      self = .default
    } else if word.hasPrefix("#"), word.count == 7, let value = Int(word.dropFirst(), radix: 16) {
      self = .rgb(value >> 16, value >> 8 & 0xFF, value & 0xFF)
    } else if let index = Self.names.firstIndex(of: word) {
      self = .ansi(index)
    } else if word.hasPrefix("bright-"), let index = Self.names.firstIndex(of: String(word.dropFirst(7))) {
      self = .ansi(index + 8)
    } else if let number = Int(word), let indexed = Color(index: number) {
      self = indexed
    } else {
      return nil
    }
  }

  /// One of the 256.
  public init?(index: Int) {
    guard (0...255).contains(index) else { return nil }
    self = .indexed(index)
  }

  /// The number of the nearest colour of a terminal that has so many; -1 is its default.
  public func nearest(of count: Int) -> Int {
    switch self {
    case .default:
      return -1
    case .ansi(let index):
      return count >= 16 ? index : index % 8
    case .indexed(let index):
      return count >= 256 ? index : Self.nearestAnsi(Self.components(of: index), of: count)
    case .rgb(let red, let green, let blue):
      return count >= 256 ? Self.nearestIndexed(red, green, blue) : Self.nearestAnsi((red, green, blue), of: count)
    }
  }

  private static let steps = [0, 95, 135, 175, 215, 255]

  private static func nearestIndexed(_ red: Int, _ green: Int, _ blue: Int) -> Int {
    (16...255).min {
      distance(components(of: $0), (red, green, blue)) < distance(components(of: $1), (red, green, blue))
    }
      ?? 7
  }

  /// By brightness and hue alone: eight colours leave no finer choice.
  private static func nearestAnsi(_ color: (Int, Int, Int), of count: Int) -> Int {
    let high = max(color.0, color.1, color.2)
    let low = min(color.0, color.1, color.2)
    if high - low < 40 { return high < 64 ? 0 : high < 160 && count >= 16 ? 8 : 7 }
    let middle = (high + low) / 2
    let index = (color.0 > middle ? 1 : 0) | (color.1 > middle ? 2 : 0) | (color.2 > middle ? 4 : 0)
    return count >= 16 && high > 200 ? index + 8 : index
  }

  /// Red, green and blue, 0 to 255 each; `nil` for the terminal's own.
  var components: (Int, Int, Int)? {
    switch self {
    case .default: nil
    case .ansi(let index), .indexed(let index): Self.components(of: index)
    case .rgb(let red, let green, let blue): (red, green, blue)
    }
  }

  private static func components(of index: Int) -> (Int, Int, Int) {
    switch index {
    case ..<16:
      let level = index >= 8 ? 255 : 170
      return (index & 1 != 0 ? level : 0, index & 2 != 0 ? level : 0, index & 4 != 0 ? level : 0)
    case ..<232:
      let cube = index - 16
      return (steps[cube / 36], steps[cube / 6 % 6], steps[cube % 6])
    default:
      let grey = 8 + (index - 232) * 10
      return (grey, grey, grey)
    }
  }

  private static func distance(_ a: (Int, Int, Int), _ b: (Int, Int, Int)) -> Int {
    (a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1) + (a.2 - b.2) * (a.2 - b.2)
  }
}
