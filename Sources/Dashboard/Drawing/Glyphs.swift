import QueueClient

/// The signs of the screen, with a plain form for terminals that show ASCII alone.
struct Glyphs: Sendable, Equatable {
  let isASCII: Bool

  func state(_ state: JobState) -> String {
    switch state {
    case .waiting: isASCII ? "." : "·"
    case .prioritized: isASCII ? "^" : "↑"
    case .delayed: isASCII ? "z" : "⧗"
    case .waitingChildren: isASCII ? "o" : "◌"
    case .active: isASCII ? ">" : "▶"
    case .completed: isASCII ? "+" : "✓"
    case .failed: isASCII ? "x" : "✗"
    case .unknown: "?"
    }
  }

  var open: String { isASCII ? "v" : "▾" }
  var folded: String { isASCII ? ">" : "▸" }
  var branch: String { isASCII ? "|-" : "├ " }
  var lastBranch: String { isASCII ? "`-" : "└ " }
  var trunk: String { isASCII ? "| " : "│ " }
  var line: String { isASCII ? "-" : "─" }
  var barFull: String { isASCII ? "#" : "█" }
  var barEmpty: String { isASCII ? "." : "░" }
  var live: String { isASCII ? "*" : "●" }
  var half: String { isASCII ? "~" : "◐" }
  var lost: String { isASCII ? "!" : "○" }
  var sum: String { isASCII ? "sum " : "Σ " }
  var paused: String { isASCII ? "||" : "⏸" }
  var dot: String { isASCII ? "-" : "·" }
}
