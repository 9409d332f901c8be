/// The server's `notify-keyspace-events`, and the letters that we need of it.
public struct NotificationSetting: Sendable, Hashable {
  /// The letters that are set.
  public var letters: String

  /// A setting from the server's answer.
  public init(letters: String) { self.letters = letters }

  /// Keyspace channels, and the events of hashes, lists, sets, sorted sets, streams, strings, keys and expiry.
  private static let needed = "Khlszt$gx"

  /// Whether every event that we need is published.
  public var isSufficient: Bool { missing.isEmpty }

  /// The letters to be added; `A` stands for all kinds of events.
  public var missing: String {
    String(Self.needed.filter { !letters.contains($0) && ($0 == "K" || !letters.contains("A")) })
  }

  /// The setting with the missing letters added; none is ever taken away.
  public var extended: NotificationSetting { NotificationSetting(letters: letters + missing) }
}
