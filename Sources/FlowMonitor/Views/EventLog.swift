import QueueClient

/// The newest events of all queues, in the order they came: so many of them as somebody may scroll through.
public struct EventLog: Sendable, Equatable {
  /// The events, the oldest first.
  public private(set) var events: [LoggedEvent] = []
  /// How many there have been in all since somebody began to look.
  public private(set) var total = 0

  /// So many are kept.
  public static let most = 1000
  /// Of so many queues the events are followed.
  public static let mostQueues = 2048

  /// No events.
  public init() {}

  /// The same events, each value of a field made into another.
  public func mappingValues(_ change: (String) -> String) -> EventLog {
    var log = self
    for index in log.events.indices { log.events[index].fields = log.events[index].fields.mapValues(change) }
    return log
  }

  /// Takes events in, and forgets the oldest beyond the limit.
  mutating func add(_ new: [LoggedEvent]) {
    for var event in new {
      event.number = total
      total = total.addingClamped(1)
      events.append(event)
    }
    if events.count > Self.most { events.removeFirst(events.count - Self.most) }
  }
}

/// One event of a queue's stream.
public struct LoggedEvent: Sendable, Hashable {
  /// Its place among those that were seen, from 0 on.
  public var number = 0
  /// The queue.
  public var queue: QueueKey
  /// When it happened, in milliseconds since 1970, by its id in the stream.
  public var time: Int
  /// What happened, by BullMQ's name.
  public var name: String
  /// The job that it is about; `nil` where it is about the queue.
  public var job: JobKey?
  /// Its other fields, shortened.
  public var fields: [String: String]

  /// Longer values are cut.
  static let textLimit = 300

  /// An event from its parts.
  public init(queue: QueueKey, time: Int, name: String, job: JobKey? = nil, fields: [String: String] = [:]) {
    self.queue = queue
    self.time = time
    self.name = name
    self.job = job
    self.fields = fields
  }

  /// An event as the stream holds it.
  init(queue: QueueKey, id: String, values: [String: String]) {
    var fields = values.mapValues { String($0.prefix(Self.textLimit)) }
    fields[EventField.event.rawValue] = nil
    fields[EventField.jobID.rawValue] = nil
    self.init(
      queue: queue, time: id.split(separator: "-").first.flatMap { Int(clamping: $0) } ?? 0,
      name: String((values[.event] ?? "").prefix(Self.textLimit)),
      job: values[.jobID].map { JobKey(queue: queue, id: $0) }, fields: fields)
  }
}
