import QueueClient

/// What a monitor watches, and how much of it.
public struct MonitorConfiguration: Sendable, Hashable {
  /// What the keys of the queues begin with.
  public var prefix: String
  /// Names of the queues to watch; empty for all.
  public var queueNames: [String]
  /// What to do about a server that publishes no keyspace notifications.
  public var notifications: Notifications
  /// Most flows of one queue that are held.
  public var rootLimit: Int
  /// Most children of a job that are read before it is opened.
  public var childLimit: Int
  /// Most finished flows that are kept.
  public var finishedLimit: Int
  /// How long changes are gathered before they are read.
  public var gathering: Duration

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
    rootLimit: Int = 1000, childLimit: Int = 100, finishedLimit: Int = 200, gathering: Duration = .milliseconds(30)
  ) {
    self.prefix = prefix
    self.queueNames = queueNames
    self.notifications = notifications
    self.rootLimit = rootLimit
    self.childLimit = childLimit
    self.finishedLimit = finishedLimit
    self.gathering = gathering
  }
}

/// How true the picture is.
public enum MonitorStatus: Sendable, Hashable {
  /// The first connection is being made.
  case connecting
  /// Pushed by keyspace notifications.
  case live
  /// Pushed by the queues' event streams, because notifications cannot be had; the reason in words.
  case followingStreams(reason: String)
  /// Read again every so often, because neither can be had; the reason in words.
  case polling(every: Duration, reason: String)
  /// The connection is lost since a time (seconds since 1970): what is shown is that old.
  case stale(since: Double, reason: String)
}
