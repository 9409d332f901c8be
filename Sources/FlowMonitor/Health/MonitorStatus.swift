/// How true the picture is. Each of them is earned: `HealthState` says by what.
public enum MonitorStatus: Sendable, Hashable {
  /// The first connection is being made, or the first picture read.
  case connecting
  /// Read a moment ago, and not followed.
  case readOnce
  /// Pushed by keyspace notifications, which are proved to arrive.
  case live
  /// Pushed by the queues' event streams, because notifications cannot be had; the reason in words.
  case followingStreams(reason: String)
  /// Read again and again, because neither notifications nor streams can be had; the reason in words.
  case polling(every: Duration, reason: String)
  /// Not known to be true since a time (seconds since 1970): what is shown is that old; the reason in words.
  case stale(since: Double, reason: String)
}
