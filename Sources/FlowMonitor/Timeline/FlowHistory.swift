import QueueClient

/// What the event streams of a flow's queues still tell of its jobs: streams are trimmed, so the oldest may be missing.
public struct FlowHistory: Sendable, Hashable {
  /// The events of jobs whose hashes do not tell enough, the oldest first.
  public var events: [JobKey: [JobEvent]] = [:]
  /// When queues were paused, as far as it is told; the last pause may last.
  public var pauses: [QueueKey: [Pause]] = [:]

  /// Nothing is told.
  public init() {}

  /// Something that happened to a job.
  public struct JobEvent: Sendable, Hashable {
    /// When, by the server's clock, in milliseconds since 1970.
    public var time: Int
    /// What.
    public var name: EventName

    /// An event from its parts.
    public init(_ name: EventName, at time: Int) { (self.name, self.time) = (name, time) }
  }

  /// A time in which a queue was paused.
  public struct Pause: Sendable, Hashable {
    /// When it began, in milliseconds since 1970.
    public var start: Int
    /// When it was over; `nil` while it lasts.
    public var end: Int?

    /// A pause from its parts.
    public init(from start: Int, to end: Int?) { (self.start, self.end) = (start, end) }
  }
}
