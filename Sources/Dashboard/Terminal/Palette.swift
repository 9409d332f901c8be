import CNcurses

/// Turns a theme's looks into what ncurses paints with: attributes and colour pairs, made when first used.
///
/// Belongs to the terminal's thread.
struct Palette {
  private let theme: Theme
  private let colors: Int
  private var pairs: [Pair: Int32] = [:]
  private var painted: [Style: (attributes: attr_t, pair: Int32)] = [:]

  private struct Pair: Hashable {
    var foreground: Int
    var background: Int
  }

  /// - Parameter isColored: `false` paints by attributes alone, as `NO_COLOR` asks.
  init(theme: Theme, isColored: Bool) {
    self.theme = theme
    colors = isColored && has_colors() ? Int(bullflow_colors()) : 0
  }

  mutating func paint(_ style: Style) -> (attributes: attr_t, pair: Int32) {
    if let known = painted[style] { return known }
    let look = theme.look(of: style)
    var attributes = look.attributes.reduce(attr_t(0)) { $0 | Self.bits($1) }
    var pair: Int32 = 0
    if colors >= 8 {
      let background = look.background.nearest(of: colors)
      var foreground = look.foreground.nearest(of: colors)
      // Where the terminal has too few colours to tell a text from what lies behind it: black on bright, else white.
      if foreground == background, foreground >= 0 { foreground = foreground == 0 ? 7 : 0 }
      pair = self.pair(Pair(foreground: foreground, background: background))
    } else if style.isSelected || style.role == .match {
      attributes |= bullflow_reverse
    }
    painted[style] = (attributes, pair)
    return (attributes, pair)
  }

  private mutating func pair(_ wanted: Pair) -> Int32 {
    if let known = pairs[wanted] { return known }
    let number = Int32(pairs.count + 1)
    guard number < bullflow_pairs() else { return 0 }
    init_extended_pair(number, Int32(wanted.foreground), Int32(wanted.background))
    pairs[wanted] = number
    return number
  }

  private static func bits(_ attribute: Theme.Attribute) -> attr_t {
    switch attribute {
    case .bold: bullflow_bold
    case .dim: bullflow_dim
    case .underline: bullflow_underline
    case .reverse: bullflow_reverse
    }
  }
}
