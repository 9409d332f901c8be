import NIOConcurrencyHelpers

/// Follows channels and patterns, across lost connections.
///
/// `run()` keeps a connection of its own subscribed; `events` tells what happens. Channels and
/// patterns are added and removed while it runs. A connection lost and regained shows as
/// `.disconnected` and `.connected`: what was published in between is gone, so whoever needs the
/// whole truth reads it again.
///
/// A server whose ACL forbids a channel is told as `.refused`, which is no lost connection: other ways to follow changes
/// may well work. The subscriber asks again from time to time.
public final class RedisSubscriber: Sendable {
  /// What a subscriber tells.
  public enum Event: Sendable {
    /// Subscribed to everything asked for; messages follow from here on.
    case connected
    /// Messages, in order, as many as came at once.
    case messages([Message])
    /// The connection is lost, could not be made, or gave no sign of life in time; another attempt follows by itself.
    case disconnected(RedisError)
    /// The server lets us in, but not subscribe (`NOPERM`): told once, until it does or the connection is lost.
    case refused(RedisError)
  }

  /// How a standing connection is asked whether it still lives: by a `PING` on itself.
  public struct Heartbeat: Sendable, Hashable {
    /// How long after one reply the next is asked for.
    public var interval: Duration
    /// How long a reply may take before the connection is given up.
    public var limit: Duration

    /// - Parameters:
    ///   - interval: how long after one reply the next is asked for.
    ///   - limit: how long a reply may take.
    public init(interval: Duration = .seconds(1), limit: Duration = .seconds(3)) {
      self.interval = interval
      self.limit = limit
    }
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
  private let heartbeat: Heartbeat
  private let retryOfRefused: Duration
  private let sink: AsyncStream<Event>.Continuation
  private let state = NIOLockedValueBox(State())

  private struct State {
    var channels: Set<String> = []
    var patterns: Set<String> = []
    var connection: RedisConnection?
  }

  /// A subscriber that follows nothing yet.
  ///
  /// - Parameters:
  ///   - configuration: the server, and how to connect.
  ///   - heartbeat: how a standing connection is watched.
  ///   - retryOfRefused: how long after a refusal to ask again.
  public init(
    configuration: RedisConfiguration, heartbeat: Heartbeat = Heartbeat(), retryOfRefused: Duration = .seconds(30)
  ) {
    self.configuration = configuration
    self.heartbeat = heartbeat
    self.retryOfRefused = retryOfRefused
    (events, sink) = AsyncStream.makeStream()
  }

  // MARK: What to follow

  /// Follows exactly these channels and patterns from now on.
  ///
  /// Returns when the server has confirmed it, or at once while there is no connection: `.connected`
  /// then comes when it has.
  ///
  /// - Throws: `RedisError`; with `isMissingRight` where the server's ACL forbids one of them. The others are followed.
  public func follow(channels: Set<String>, patterns: Set<String>) async throws {
    let underWay = state.withLockedValue { state in
      let commands =
        Self.commands("SUBSCRIBE", channels.subtracting(state.channels))
        + Self.commands("PSUBSCRIBE", patterns.subtracting(state.patterns))
        + Self.commands("UNSUBSCRIBE", state.channels.subtracting(channels))
        + Self.commands("PUNSUBSCRIBE", state.patterns.subtracting(patterns))
      state.channels = channels
      state.patterns = patterns
      return Subscribing(commands, on: state.connection)
    }
    try await underWay?.confirmed()
  }

  /// Follows some channels and patterns more, and some less.
  ///
  /// Costs one command of each kind, however many channels it names, and no look at what is followed already. Returns
  /// when the server has confirmed it, or at once while there is no connection: `.connected` then comes when it has.
  ///
  /// - Throws: `RedisError`. The connection is then over, and the next one, or `.refused`, tells what is true.
  public func change(_ differences: Differences) async throws {
    let underWay = state.withLockedValue { state -> (RedisConnection, [RedisCommand], AwaitedReplies)? in
      state.channels.subtract(differences.channelsLeft)
      state.channels.formUnion(differences.channels)
      state.patterns.subtract(differences.patternsLeft)
      state.patterns.formUnion(differences.patterns)
      guard let connection = state.connection, differences.count > 0 else { return nil }
      let commands = differences.commands
      return (connection, commands, connection.start(commands, replyCount: differences.count))
    }
    guard let (connection, commands, replies) = underWay else { return }
    do {
      for reply in try await connection.rawReplies(of: replies, to: commands) { try reply.orThrow(commands[0]) }
    } catch {
      // A refused command of many channels has one reply instead of many: the next ones would be taken for others'.
      connection.close()
      throw error
    }
  }

  /// What is followed from now on, and what no longer.
  public struct Differences: Sendable, Equatable {
    /// Channels to follow.
    public var channels: [String] = []
    /// Channels to leave.
    public var channelsLeft: [String] = []
    /// Patterns to follow.
    public var patterns: [String] = []
    /// Patterns to leave.
    public var patternsLeft: [String] = []

    /// No differences.
    public init() {}

    fileprivate var count: Int { channels.count + channelsLeft.count + patterns.count + patternsLeft.count }

    fileprivate var commands: [RedisCommand] {
      [
        ("UNSUBSCRIBE", channelsLeft), ("PUNSUBSCRIBE", patternsLeft), ("SUBSCRIBE", channels),
        ("PSUBSCRIBE", patterns),
      ].filter { !$0.1.isEmpty }.map { RedisCommand($0.0, $0.1) }
    }
  }

  private static func commands(_ name: String, _ targets: Set<String>) -> [RedisCommand] {
    targets.sorted().map { [.text(name), .text($0)] }
  }

  // MARK: Running

  /// Connects and stays connected until the task is cancelled.
  public func run() async {
    var failures = 0
    var isRefused = false
    while !Task.isCancelled {
      do {
        let pause =
          isRefused ? retryOfRefused : configuration.backoff.delay(after: failures, random: .random(in: 0..<1))
        try await Task.sleep(for: pause)
        let connection = try await subscribe()
        failures = 0
        isRefused = false
        sink.yield(.connected)
        try await stay(on: connection)
      } catch let error as RedisError where error.isMissingRight {
        if !isRefused { sink.yield(.refused(error)) }
        isRefused = true
      } catch let error as RedisError {
        failures += 1
        isRefused = false
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
      let underWay = state.withLockedValue { state in
        state.connection = connection
        return Subscribing(
          Self.commands("SUBSCRIBE", state.channels) + Self.commands("PSUBSCRIBE", state.patterns), on: connection)
      }
      try await underWay?.confirmed()
      return connection
    } catch {
      leave(connection)
      throw error
    }
  }

  private func stay(on connection: RedisConnection) async throws {
    defer { leave(connection) }
    while true {
      let closed = try await connection.closes(within: heartbeat.interval)
      if closed {
        throw RedisError.connectionLost(
          host: configuration.endpoint.host, command: "SUBSCRIBE", cause: "the server closed it"
        )
      }
      // Whatever the reply says, it is a sign of life.
      _ = try await connection.rawReply(to: ["PING"], timeout: heartbeat.limit)
    }
  }

  private func leave(_ connection: RedisConnection) {
    state.withLockedValue { $0.connection = nil }
    connection.close()
  }
}

/// Commands on their way that each subscribe to one channel, or leave one.
private struct Subscribing {
  let commands: [RedisCommand]
  let connection: RedisConnection
  let replies: AwaitedReplies

  /// Sends the commands; `nil` where there is nothing to send, or no connection.
  init?(_ commands: [RedisCommand], on connection: RedisConnection?) {
    guard let connection, !commands.isEmpty else { return nil }
    self.commands = commands
    self.connection = connection
    replies = connection.start(commands)
  }

  /// Waits until the server has confirmed all of them.
  ///
  /// - Throws: the first refusal.
  func confirmed() async throws {
    let answers = try await connection.rawReplies(of: replies, to: commands)
    for (command, answer) in zip(commands, answers) { try answer.orThrow(command) }
  }
}

extension RedisClient {
  /// Makes sure that channels can be subscribed to, on a connection of its own; nothing is followed afterwards.
  ///
  /// - Throws: `RedisError`; with `isMissingRight` where the server's ACL forbids it.
  public func trySubscribing(channels: [String], patterns: [String]) async throws {
    let connection = try await dedicatedConnection()
    defer { connection.close() }
    let commands: [RedisCommand] =
      channels.map { ["SUBSCRIBE", .text($0)] } + patterns.map { ["PSUBSCRIBE", .text($0)] }
    try await Subscribing(commands, on: connection)?.confirmed()
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
