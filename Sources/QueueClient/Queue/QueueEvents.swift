import Redis

/// What happens in a queue, as it happens: the events of its stream, typed.
///
/// ```swift
/// for try await event in QueueEvents("steps", connection: redis) {
///   if case .completed(let returnvalue) = event.kind { print(event.jobId ?? "", returnvalue) }
/// }
/// ```
///
/// It survives lost connections: it goes on behind the last event it gave. Where the stream, which is cut to a length,
/// no longer holds what came next, it says so by a `.gap`.
public struct QueueEvents: AsyncSequence, Sendable {
  /// One event.
  public struct Element: Sendable, Hashable {
    /// Its place in the stream; what a later `QueueEvents` goes on behind.
    public var id: String
    /// The job it is about; `nil` where it is about the queue.
    public var jobId: String?
    /// What happened.
    public var kind: Kind
    /// The event's fields as they stand in the stream, such as `prev`: the state that the job has left.
    public var fields: [String: String] = [:]
  }

  /// What happened.
  public enum Kind: Sendable, Hashable {
    /// A job was added.
    case added(name: String)
    /// A job is ready to run.
    case waiting(prev: String?)
    /// A parent waits for its children.
    case waitingChildren(prev: String?)
    /// A worker has taken a job.
    case active(prev: String?)
    /// A job tells how far it is.
    case progress(JSON)
    /// A job has completed.
    case completed(returnvalue: JSON)
    /// A job has failed for good.
    case failed(reason: String)
    /// A job is due later, in milliseconds since 1970.
    case delayed(until: Int)
    /// A job has no attempts left.
    case retriesExhausted(attemptsMade: Int)
    /// A job with that id was there already.
    case duplicated
    /// A job like it was there already: that of the event; the one named is not added.
    case deduplicated(deduplicationId: String, deduplicatedJobId: String)
    /// A job was removed.
    case removed(prev: String?)
    /// A job has lost its worker.
    case stalled
    /// The queue was paused.
    case paused
    /// The queue was resumed.
    case resumed
    /// The queue has nothing left to do.
    case drained
    /// Jobs were removed.
    case cleaned(count: Int)
    /// An event that we do not know, with its fields.
    case other(name: String, fields: [String: String])
    /// Events are missing here: the stream was cut before they were read.
    case gap
  }

  let key: QueueKey
  let redis: RedisClient
  let start: String
  let backoff: Backoff

  /// The events of a queue.
  ///
  /// - Parameters:
  ///   - queueName: the queue.
  ///   - connection: its Redis; without one, the local Redis.
  ///   - prefix: the queue's prefix.
  ///   - id: the event to go on behind; `$` begins with what happens from now on, `0` with the oldest there is.
  public init(
    _ queueName: String, connection: RedisClient = RedisClient(), prefix: String = QueueKey.defaultPrefix,
    from id: String = "$"
  ) {
    self.init(QueueKey(prefix: prefix, name: queueName), connection: connection, from: id)
  }

  /// The events of a queue by its place.
  public init(_ key: QueueKey, connection: RedisClient, from id: String = "$") {
    self.key = key
    redis = connection
    start = id
    backoff = connection.configuration.backoff
  }

  /// What `CLIENT LIST` calls those who follow a queue's events, as BullMQ does.
  static func clientName(of queue: QueueKey) -> String { Doorbell.clientName(of: queue) + ":qe" }

  /// An iterator, with a connection of its own that ends with it.
  public func makeAsyncIterator() -> Iterator { Iterator(events: self) }

  /// Gives the events one by one.
  public struct Iterator: AsyncIteratorProtocol {
    private let events: QueueEvents
    private let connection: OwnConnection
    private var position: String
    private var buffer: ArraySlice<Element> = []
    private var isChecked: Bool

    init(events: QueueEvents) {
      self.events = events
      connection = OwnConnection(to: events.redis, name: QueueEvents.clientName(of: events.key))
      position = events.start
      isChecked = !Self.canBeCut(position)
    }

    /// The next event; waits for it, and for a Redis that is away.
    ///
    /// - Throws: `CancellationError`; `RedisError`, where Redis refuses.
    public mutating func next() async throws -> Element? {
      var failures = 0
      while true {
        if let event = buffer.popFirst() { return event }
        do {
          try await read()
          failures = 0
        } catch let error as RedisError where error.isAway {
          isChecked = !Self.canBeCut(position)
          failures += 1
          try await Task.sleep(for: events.backoff.delay(after: failures, random: .random(in: 0..<1)))
        }
      }
    }

    private mutating func read() async throws {
      if position == "$" { position = try await newest() }
      if !isChecked {
        let isCut = try await isCut()
        isChecked = true
        if isCut { buffer.append(Element(id: position, jobId: nil, kind: .gap)) }
      }
      let reply = try await connection.send(
        ["XREAD", "COUNT", "500", "BLOCK", "10000", "STREAMS", .text(events.key[.events]), .text(position)],
        timeout: .seconds(20))
      for entry in reply.array?.first?.array?.last?.array ?? [] {
        guard let parts = entry.array, parts.count == 2, let id = parts[0].string else { continue }
        position = id
        buffer.append(Element(id: id, fields: parts[1].pairs))
      }
    }

    /// The last event there is; what happens from now on is found from there, whatever happens to the connection.
    private func newest() async throws -> String {
      let reply = try await connection.send(["XREVRANGE", .text(events.key[.events]), "+", "-", "COUNT", "1"])
      return reply.array?.first?.array?.first?.string ?? "0-0"
    }

    /// Whether a position is that of an event, which may be gone by now.
    private static func canBeCut(_ position: String) -> Bool { !["$", "0", "0-0"].contains(position) }

    /// Whether the event that we gave last is gone from the stream: those behind it may be, too.
    private func isCut() async throws -> Bool {
      let reply = try await connection.send([
        "XRANGE", .text(events.key[.events]), .text(position), .text(position), "COUNT", "1",
      ])
      return (reply.array ?? []).isEmpty
    }
  }
}

extension QueueEvents.Element {
  init(id: String, fields: [(name: String, value: RESPValue)]) {
    let values = Dictionary(fields.map { ($0.name, $0.value.string ?? "") }) { _, last in last }
    self.init(id: id, jobId: values[.jobID], kind: QueueEvents.Kind(values), fields: values)
  }
}

extension QueueEvents.Kind {
  init(_ fields: [String: String]) {
    func json(_ name: EventField) -> JSON { fields[name].map { JSON(tolerating: $0) } ?? .null }
    func int(_ name: EventField) -> Int { fields[name].flatMap { Int(clamping: $0) } ?? 0 }
    let (prev, name) = (fields[.previous], fields[.event] ?? "")
    guard let event = EventName(rawValue: name) else {
      self = .other(name: name, fields: fields)
      return
    }
    switch event {
    case .added: self = .added(name: fields[.name] ?? "")
    case .waiting: self = .waiting(prev: prev)
    case .waitingChildren: self = .waitingChildren(prev: prev)
    case .active: self = .active(prev: prev)
    case .progress: self = .progress(json(.data))
    case .completed: self = .completed(returnvalue: json(.returnvalue))
    case .failed: self = .failed(reason: fields[.failedReason] ?? "")
    case .delayed: self = .delayed(until: int(.delay))
    case .retriesExhausted: self = .retriesExhausted(attemptsMade: int(.attemptsMade))
    case .duplicated: self = .duplicated
    case .deduplicated:
      self = .deduplicated(
        deduplicationId: fields[.deduplicationID] ?? "", deduplicatedJobId: fields[.deduplicatedJobID] ?? "")
    case .removed: self = .removed(prev: prev)
    case .stalled: self = .stalled
    case .paused: self = .paused
    case .resumed: self = .resumed
    case .drained: self = .drained
    case .cleaned: self = .cleaned(count: int(.count))
    }
  }
}
