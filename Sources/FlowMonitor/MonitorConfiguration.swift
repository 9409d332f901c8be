import Foundation
import QueueClient

/// What a monitor watches, and how much of it.
public struct MonitorConfiguration: Sendable, Hashable {
  /// What the keys of the queues begin with.
  public var prefix: String
  /// Names of the queues to watch; empty for all.
  public var queueNames: [String]
  /// What to do about a server that publishes no keyspace notifications.
  public var notifications: Notifications
  /// How long changes are gathered before they are read.
  public var gathering: Duration
  /// Where the names of the queues are remembered until the next time; `nil` for nowhere.
  public var cacheFolder: URL?

  /// What to do about notifications.
  public enum Notifications: String, Sendable, Hashable, CaseIterable {
    /// Use them where they are on; else follow the event streams and say so.
    case auto
    /// Turn them on.
    case enable
    /// Never use them.
    case off
  }

  /// A configuration; each part has a sensible default.
  public init(
    prefix: String = QueueKey.defaultPrefix, queueNames: [String] = [], notifications: Notifications = .auto,
    gathering: Duration = .milliseconds(30), cacheFolder: URL? = nil
  ) {
    self.prefix = prefix
    self.queueNames = queueNames
    self.notifications = notifications
    self.gathering = gathering
    self.cacheFolder = cacheFolder
  }
}
