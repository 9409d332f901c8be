import FlowMonitor

/// How the stretches of a job's life look: signs of width one, each with a plain twin, told apart without colours.
struct TimelineSign: Sendable, Equatable {
  var glyph: String
  var ascii: String
  var role: Style.Role

  private init(_ glyph: String, _ ascii: String, _ role: Style.Role) {
    (self.glyph, self.ascii, self.role) = (glyph, ascii, role)
  }

  func text(isASCII: Bool) -> String { isASCII ? ascii : glyph }

  /// The sign of a stretch; `nil` where nothing is drawn.
  init?(_ span: JobSpan, isCritical: Bool) {
    switch span.kind {
    case .waitingChildren: self = Self.children
    case .waiting: self = Self.queued
    case .delayed, .backoff: self = Self.delayed
    case .blocked: self = Self.blocked
    case .unknown: self = Self.untold
    case .ended: return nil
    case .active:
      self = isCritical ? Self.criticalRun : Self.run
      role = span.isFailure ? .failed : span.end == nil ? .active : .completed
    }
  }

  static let criticalRun = TimelineSign("█", "#", .completed)
  static let run = TimelineSign("▄", "=", .completed)
  static let children = TimelineSign("┄", "-", .waitingChildren)
  static let queued = TimelineSign("·", ".", .waiting)
  static let delayed = TimelineSign("░", ":", .delayed)
  static let blocked = TimelineSign("▒", "!", .warning)
  static let untold = TimelineSign("?", "?", .unknown)
  static let failure = TimelineSign("✗", "x", .failed)
  static let critical = TimelineSign("◆", "#", .title)
  static let now = TimelineSign("│", "|", .border)

  /// What the signs mean, the most needed first.
  static let legend: [(sign: TimelineSign, meaning: String)] = [
    (criticalRun, "ran, critical path"), (run, "ran"), (queued, "queue"), (children, "children"), (delayed, "delayed"),
    (blocked, "blocked"), (failure, "failed"), (untold, "not told"),
  ]
}
