import QueueClient

/// The signs of the screen: all of width one, none with an emoji form, each with a plain twin.
enum Glyphs {
  static func state(_ state: JobState) -> String {
    switch state {
    case .waiting: "·"
    case .prioritized: "↑"
    case .delayed: "◷"
    case .waitingChildren: "◌"
    case .active: "●"
    case .completed: "✓"
    case .failed: "✗"
    case .unknown: "?"
    }
  }

  static let open = "▾"
  static let folded = "▸"
  static let upwards = "▴"
  static let branch = "├ "
  static let lastBranch = "└ "
  static let trunk = "│ "
  static let line = "─"
  static let side = "│"
  /// Of a box: above left and right, below left and right.
  static let corners = ["┌", "┐", "└", "┘"]
  static let mark = "▪"
  static let paused = "‖"
  static let live = "●"
  static let half = "◐"
  static let stale = "○"
  static let sum = "Σ "
  static let times = "×"
  static let atLeast = "≥ "
  static let about = "~"

  /// The parts of a bar.
  static let done = "█"
  static let active = "▓"
  static let waiting = "░"
  static let failed = "▒"
  /// Of those that have not ended: which are active or have failed is not known.
  static let unknown = "·"

  /// Heights of a sparkline, the lowest first.
  static let heights = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// What terminals that show ASCII alone get instead.
  static let twins: [Character: String] = [
    "·": ".", "↑": "^", "◷": "z", "◌": "o", "●": "*", "✓": "+", "✗": "x", "▾": "v", "▴": "^", "▸": ">", "├": "|",
    "└": "`", "│": "|", "─": "-", "┌": "+", "┐": "+", "┘": "+", "▪": "@", "‖": "%", "◐": "~", "○": "!", "Σ": "sum",
    "×": "x",
    "≥": ">=", "…": "~",
    "█": "#", "▓": "=", "░": ".", "▒": "x", "▁": "_", "▂": "_", "▃": ".", "▄": ":", "▅": ":", "▆": "|", "▇": "|",
    "↓": "Down", "←": "Left", "→": "Right",
  ]
}
