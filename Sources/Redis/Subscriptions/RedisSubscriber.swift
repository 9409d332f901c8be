import NIOConcurrencyHelpers

/// Follows channels and patterns, across lost connections.
///
/// `run()` keeps a connection of its own subscribed; `events` tells what happens. Channels and
/// patterns are added and removed while it runs. A connection lost and regained shows as
/// `.disconnected` and `.connected`: what was published in between is gone, so whoever needs the
/// whole truth reads it again.
public final class RedisSubscriber: Sendable {
  /// What a subscriber tells.
  public enum Event: Sendable {
    /// Subscribed to everything asked for; messages follow from here on.
    case connected
    /// Messages, in order, as many as came at once.
    case messages([Message])
    /// The connection is lost, or could not be made; another attempt follows by itself.
    case disconnected(RedisError)
  }

  /// One published message.
  public struct Message: Sendable, Hashable {
    /// Where it was published.
    public var channel: String
    /// What was published.
    public var payload: String

    /// A message from its parts.
    public init(channel: String, payload: String) {
      self.channel = channel
      self.payload = payload
    }
  }

  /// What happens, for one reader.
  public let events: AsyncStream<Event>

  private let configuration: RedisConfiguration
  private let sink: AsyncStream<Event>.Continuation
  private let state = NIOLockedValueBox(State())

  private struct State {
    var channels: Set<String> = []
    var patterns: Set<String> = []
    var connection: RedisConnection?
  }

  /// How often a silent connection is asked whether it still lives.
  private static let heartbeat = Duration.seconds(30)

  /// A subscriber that follows nothing yet.
  public init(configuration: RedisConfiguration) {
    self.configuration = configuration
    (events, sink) = AsyncStream.makeStream()
  }

  // MARK: What to follow

  /// Follows exactly these channels and patterns from now on.
  ///
  /// Returns when the server has confirmed it, or at once while there is no connection: `.connected`
  /// then comes when it has.
  public func follow(channels: Set<String>, patterns: Set<String>) async throws {
    let (connection, commands) = state.withLockedValue { state in
      let changes =
        Self.changes("SUBSCRIBE", channels.subtracting(state.channels))
        + Self.changes("PSUBSCRIBE", patterns.subtracting(state.patterns))
        + Self.changes("UNSUBSCRIBE", state.channels.subtracting(channels))
        + Self.changes("PUNSUBSCRIBE", state.patterns.subtracting(patterns))
      state.channels = channels
      state.patterns = patterns
      return (state.connection, changes)
    }
    guard let connection, !commands.isEmpty else { return }
    connection.sendUnanswered(commands)
    _ = try await connection.send(["PING"])
  }

  private static func changes(_ name: String, _ targets: Set<String>) -> [RedisCommand] {
    targets.isEmpty ? [] : [RedisCommand(name, targets.sorted())]
  }

  // MARK: Running

  /// Connects and stays connected until the task is cancelled.
  public func run() async {
    var failures = 0
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: configuration.backoff.delay(after: failures, random: .random(in: 0..<1)))
        let connection = try await subscribe()
        failures = 0
        sink.yield(.connected)
        try await stay(on: connection)
      } catch let error as RedisError {
        failures += 1
        sink.yield(.disconnected(error))
      } catch {
        break
      }
    }
    sink.finish()
  }

  private func subscribe() async throws -> RedisConnection {
    let connection = try await Connector(configuration: configuration).connect()
    do {
      try await connection.receivePushes { [sink] pushes in
        let messages = pushes.compactMap(Message.init)
        if !messages.isEmpty { sink.yield(.messages(messages)) }
      }
      let commands = state.withLockedValue { state in
        state.connection = connection
        return Self.changes("SUBSCRIBE", state.channels) + Self.changes("PSUBSCRIBE", state.patterns)
      }
      connection.sendUnanswered(commands)
      let reply = try await connection.rawReply(to: ["PING"])
      // A refused SUBSCRIBE answers with an error line where the PING's reply was expected.
      if let line = reply.errorLine, line.hasPrefix("NOPERM") {
        throw RedisError.refused(host: configuration.endpoint.host, cause: line)
      }
      return connection
    } catch {
      connection.close()
      throw error
    }
  }

  private func stay(on connection: RedisConnection) async throws {
    defer {
      state.withLockedValue { $0.connection = nil }
      connection.close()
    }
    while true {
      let closed = try await connection.closes(within: Self.heartbeat)
      if closed {
        throw RedisError.connectionLost(
          host: configuration.endpoint.host, command: "SUBSCRIBE", cause: "the server closed it"
        )
      }
      _ = try await connection.send(["PING"])
    }
  }
}

extension RedisSubscriber.Message {
  /// A message from a push; `nil` for confirmations.
  fileprivate init?(_ push: RESPValue) {
    guard let parts = push.array, let kind = parts.first?.string else { return nil }
    switch (kind, parts.count) {
    case ("message", 3): self.init(channel: parts[1].string ?? "", payload: parts[2].string ?? "")
    case ("pmessage", 4): self.init(channel: parts[2].string ?? "", payload: parts[3].string ?? "")
    default: return nil
    }
  }
}

extension RedisConnection {
  /// Waits for the connection's end.
  ///
  /// - Returns: whether it ended; `false` when the time passed first.
  fileprivate func closes(within limit: Duration) async throws -> Bool {
    let (ends, end) = AsyncStream<Void>.makeStream()
    whenClosed { _ in end.finish() }
    return try await withThrowingTaskGroup { group in
      group.addTask {
        for await _ in ends {}
        return true
      }
      group.addTask {
        try await Task.sleep(for: limit)
        return false
      }
      defer { group.cancelAll() }
      let first = try await group.next() ?? false
      try Task.checkCancellation()
      return first
    }
  }
}
