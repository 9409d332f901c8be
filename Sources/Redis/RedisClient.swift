import NIOConcurrencyHelpers
import NIOPosix

/// A Redis that is always there as far as it can be: connects when first used, and again when lost.
///
/// One connection serves all callers; their commands are pipelined. A command on its way when the
/// connection ends fails with `RedisError.connectionLost`: only the caller knows whether it may be
/// asked twice.
///
/// ```swift
/// let redis = RedisClient(url: "redis://localhost:6379")
/// let name = try await redis.send(["GET", "name"]).string
/// ```
public final class RedisClient: Sendable {
  /// How the client behaves, and where its server is.
  public let configuration: RedisConfiguration
  private let state = NIOLockedValueBox(State())
  private let loopExecutor: EventLoopExecutor
  private let onWrongType: (@Sendable (String) -> Void)?

  private typealias Waiter = CheckedContinuation<RedisConnection, any Error>

  private struct State {
    var connection: RedisConnection?
    var attempt: Task<Void, Never>?
    var waiters: [UInt64: Waiter] = [:]
    var nextWaiter: UInt64 = 0
    var failures = 0
    var shas: [String: String] = [:]
    /// Whether the server does not let us load scripts: they are sent whole with each call.
    var mayNotLoad = false
    var isClosed = false
  }

  /// A client of a server; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - configuration: where the server is, and how the client behaves.
  ///   - onWrongType: for who only looks: is told of a key that holds another kind of value than a reading command is
  ///     for, and the command is answered as if there were no such key. Without it, the command's error is thrown.
  public init(
    configuration: RedisConfiguration = RedisConfiguration(), onWrongType: (@Sendable (String) -> Void)? = nil
  ) {
    self.configuration = configuration
    self.onWrongType = onWrongType
    loopExecutor = EventLoopExecutor(eventLoop: MultiThreadedEventLoopGroup.singleton.next())
  }

  /// A client of the server at a URL; nothing is sent yet.
  ///
  /// - Throws: `RedisError.badURL`.
  public convenience init(url: String) throws(RedisError) {
    self.init(configuration: RedisConfiguration(endpoint: try RedisEndpoint(url: url)))
  }

  deinit {
    state.withLockedValue { $0.connection }?.close()
  }

  // MARK: Commands

  /// Sends a command.
  ///
  /// - Parameters:
  ///   - command: the command.
  ///   - timeout: how long to wait for the reply; `nil` is the configuration's limit.
  /// - Returns: the reply; never an error reply.
  /// - Throws: `RedisError`; `CancellationError`.
  @discardableResult
  public func send(_ command: RedisCommand, timeout: Duration? = nil) async throws -> RESPValue {
    let connection = if let standing = standingConnection { standing } else { try await newConnection() }
    guard onWrongType != nil else { return try await connection.send(command, timeout: timeout) }
    do {
      return try await connection.send(command, timeout: timeout)
    } catch let error as RedisError where error.isWrongType && doesWithout(command) {
      return .null
    }
  }

  /// Whether a command that met a key of another kind is answered all the same, and somebody is told.
  private func doesWithout(_ command: RedisCommand) -> Bool {
    guard let onWrongType, command.isReadOnly, let key = command.key else { return false }
    onWrongType(key)
    return true
  }

  /// Sends commands in one write.
  ///
  /// - Returns: a reply for each command in order; never an error reply.
  /// - Throws: `RedisError`, the first error reply included; `CancellationError`.
  @discardableResult
  public func pipeline(_ commands: [RedisCommand], timeout: Duration? = nil) async throws -> [RESPValue] {
    var replies = try await rawReplies(to: commands, timeout: timeout)
    for (index, command) in commands.enumerated() where replies[index].errorLine != nil {
      if replies[index].errorLine?.hasPrefix("WRONGTYPE") == true, doesWithout(command) {
        replies[index] = .null
      } else {
        try replies[index].orThrow(command)
      }
    }
    return replies
  }

  /// Sends commands in one write, for callers who look at each reply.
  ///
  /// - Returns: a reply for each command in order; an error reply stays in its place, so that one
  ///   bad key spoils no page.
  public func rawReplies(to commands: [RedisCommand], timeout: Duration? = nil) async throws -> [RESPValue] {
    guard !commands.isEmpty else { return [] }
    let connection = if let standing = standingConnection { standing } else { try await newConnection() }
    return try await connection.rawReplies(to: commands, timeout: timeout)
  }

  /// Runs a script by its SHA, loading it where the server does not know it yet.
  ///
  /// - Parameters:
  ///   - script: the script.
  ///   - keys: `KEYS`.
  ///   - arguments: `ARGV`.
  /// - Returns: the script's reply; never an error reply.
  @discardableResult
  public func run(
    _ script: RedisScript, keys: [String], arguments: [RedisCommand.Argument] = [], timeout: Duration? = nil
  ) async throws -> RESPValue {
    for _ in 0..<2 {
      let call = try await command(running: script, keys: keys, arguments: arguments)
      do {
        return try await send(call, timeout: timeout)
      } catch RedisError.reply(_, let line) where line.hasPrefix("NOSCRIPT") {
        state.withLockedValue { $0.shas[script.name] = nil }
      } catch RedisError.reply(_, let line) {
        // Rights may have changed: which way is open is asked anew.
        if ServerRefusal(line) == .missingRight { state.withLockedValue { $0.mayNotLoad = false } }
        throw RedisError.reply(command: script.name, line: line)
      } catch RedisError.readOnly {
        throw RedisError.readOnly(command: script.name)
      }
    }
    throw RedisError.reply(command: script.name, line: "the server forgets scripts as fast as they are loaded")
  }

  /// The command that runs a script, for a pipeline. The script is loaded where we have not done so before; a server
  /// that has forgotten it meanwhile answers with an error that begins with `NOSCRIPT`: `run` then does it. Where we may not load scripts, its text goes along.
  public func command(
    running script: RedisScript, keys: [String], arguments: [RedisCommand.Argument] = []
  ) async throws -> RedisCommand {
    let sha = try await sha(of: script)
    var command = RedisCommand(
      sha == nil ? "EVAL" : "EVALSHA",
      [.text(sha ?? script.source), .init(keys.count)] + keys.map { .text($0) } + arguments)
    command.runsReadOnlyScript = script.isReadOnly
    return command
  }

  /// Loads scripts that will soon be run, all in one write: over a slow link each would cost a round trip of its own.
  public func load(_ scripts: [RedisScript]) async throws {
    let unknown = state.withLockedValue { state in
      state.mayNotLoad ? [] : scripts.filter { state.shas[$0.name] == nil }
    }
    let replies: [RESPValue]
    do {
      replies = try await pipeline(unknown.map { ["SCRIPT", "LOAD", .text($0.source)] })
    } catch let error as RedisError where error.isMissingRight {
      return state.withLockedValue { $0.mayNotLoad = true }
    }
    state.withLockedValue { state in
      for (script, reply) in zip(unknown, replies) { state.shas[script.name] = reply.string }
    }
  }

  /// By what a script is run; `nil` where we may not load it.
  private func sha(of script: RedisScript) async throws -> String? {
    let (known, mayNotLoad) = state.withLockedValue { ($0.shas[script.name], $0.mayNotLoad) }
    if known != nil || mayNotLoad { return known }
    let reply: RESPValue
    do {
      reply = try await send(["SCRIPT", "LOAD", .text(script.source)])
    } catch let error as RedisError where error.isMissingRight {
      state.withLockedValue { $0.mayNotLoad = true }
      return nil
    }
    guard let sha = reply.string else { throw RedisError.unexpectedReply(command: "SCRIPT LOAD") }
    state.withLockedValue { $0.shas[script.name] = sha }
    return sha
  }

  /// Where tasks run that do little but ask this Redis: on the connection's own event loop, so that no command
  /// and no reply changes the thread, and what many such tasks ask leaves in one write.
  ///
  /// Work that takes long there holds up every command of this client.
  ///
  /// ```swift
  /// try await withTaskExecutorPreference(redis.executor) { try await redis.send(["GET", "name"]) }
  /// ```
  public var executor: any TaskExecutor { loopExecutor }

  /// A connection of one's own, for blocking commands. The caller closes it.
  ///
  /// - Parameter name: what `CLIENT LIST` calls it; without one, as it calls us.
  public func dedicatedConnection(name: String? = nil) async throws -> RedisConnection {
    var configuration = configuration
    if let name { configuration.clientName = name }
    return try await Connector(configuration: configuration).connect()
  }

  /// Ends the connection and lets nobody wait any longer; further commands throw `RedisError.closed`.
  public func close() {
    let (connection, attempt, waiters) = state.withLockedValue { state in
      state.isClosed = true
      defer {
        state.connection = nil
        state.waiters = [:]
      }
      return (state.connection, state.attempt, state.waiters.values)
    }
    attempt?.cancel()
    for waiter in waiters { waiter.resume(throwing: RedisError.closed) }
    connection?.close()
  }

  // MARK: Connecting

  private var standingConnection: RedisConnection? {
    state.withLockedValue { state in
      if state.connection?.isActive == false { state.connection = nil }
      return state.connection
    }
  }

  private func newConnection() async throws -> RedisConnection {
    try Task.checkCancellation()
    let id = state.withLockedValue { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { waiter in wait(waiter, as: id) }
    } onCancel: {
      state.withLockedValue { $0.waiters.removeValue(forKey: id) }?.resume(throwing: CancellationError())
    }
  }

  private func wait(_ waiter: Waiter, as id: UInt64) {
    let answer: Result<RedisConnection, any Error>? = state.withLockedValue { state in
      if state.isClosed { return .failure(RedisError.closed) }
      if let connection = state.connection { return .success(connection) }
      // Cancelled between the ask and here: the handler has already been and gone.
      if Task.isCancelled { return .failure(CancellationError()) }
      state.waiters[id] = waiter
      if state.attempt == nil { state.attempt = Task { await self.attemptToConnect() } }
      return nil
    }
    if let answer { waiter.resume(with: answer) }
  }

  private func attemptToConnect() async {
    let failures = state.withLockedValue { $0.failures }
    let result: Result<RedisConnection, any Error>
    do {
      try await Task.sleep(for: configuration.backoff.delay(after: failures, random: .random(in: 0..<1)))
      result = .success(try await Connector(configuration: configuration, eventLoops: loopExecutor.eventLoop).connect())
    } catch {
      result = .failure(error)
    }
    let (waiters, isClosed) = state.withLockedValue { state in
      state.attempt = nil
      state.failures = if case .success = result { 0 } else { state.failures + 1 }
      if !state.isClosed { state.connection = try? result.get() }
      defer { state.waiters = [:] }
      return (state.waiters.values, state.isClosed)
    }
    if isClosed { (try? result.get())?.close() }
    for waiter in waiters { waiter.resume(with: result) }
  }
}
