import QueueClient

/// How a cell looks: its role, which a theme turns into colours.
public struct Style: Sendable, Hashable {
  /// What the text is.
  public var role: Role
  /// Whether it stands in the selected row.
  public var isSelected = false
  /// Whether it is not known to be true any more.
  public var isDimmed = false

  /// A style for a role.
  public init(_ role: Role) { self.role = role }

  /// What a text is, in a theme's words.
  public enum Role: String, Sendable, Hashable, CaseIterable {
    /// What lies behind everything; its foreground is that of roles without one.
    case background
    /// Plain text.
    case text
    /// Less important text.
    case faint
    /// Names and headings.
    case title
    /// Lines.
    case border
    /// A key to press.
    case key
    /// A value from a job.
    case value
    /// Something good.
    case good
    /// Something to look at.
    case warning
    /// Something wrong.
    case error
    /// The selected row.
    case selection
    /// A state.
    case waiting
    /// A state.
    case prioritized
    /// A state.
    case delayed
    /// A state.
    case waitingChildren = "waiting-children"
    /// A state.
    case active
    /// A state.
    case completed
    /// A state.
    case failed
    /// A state.
    case unknown
    /// A paused queue.
    case paused
    /// A progress bar.
    case bar
    /// The name of a view or page that is shown.
    case tab
    /// A row that is marked.
    case mark
    /// What a search has found.
    case match
  }
}

extension Style {
  /// The style of a state.
  init(_ state: JobState) {
    self.init(Role(rawValue: state.rawValue) ?? .unknown)
  }
}
