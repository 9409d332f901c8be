/// The Redis servers that a person has named, each of which the dashboard can be switched to.
public struct Profiles: Sendable {
  /// Reaches a profile's Redis, and has it watched; the error says why it cannot be.
  public var open: @Sendable (String) async throws -> Opened

  /// A Redis that is ready to be shown.
  public struct Opened: Sendable {
    /// How it is shown.
    public var setup: Scene.Setup
    /// What is true in it.
    public var source: FlowSource
    /// The colours.
    public var theme: Theme

    /// A Redis from its parts.
    public init(setup: Scene.Setup, source: FlowSource, theme: Theme) {
      self.setup = setup
      self.source = source
      self.theme = theme
    }
  }

  /// Profiles by what opens them.
  public init(open: @escaping @Sendable (String) async throws -> Opened) { self.open = open }

  /// No profiles.
  public static let none = Profiles { _ in throw CancellationError() }
}
