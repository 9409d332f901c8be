import NIOCore

/// One connection. Concurrent callers are pipelined: what they ask within one turn of the event loop
/// leaves in one write, and replies find their callers by order.
public final class RedisConnection: Sendable {
  private let channel: any Channel
  private let handler: NIOLoopBound<ConnectionHandler>
  private let host: String
  private let timeout: Duration
  private let standardTimeLimit: TimeAmount?
  private let outbox: Outbox
  private let isReadOnly: Bool

  init(
    channel: any Channel, handler: NIOLoopBound<ConnectionHandler>, outbox: Outbox, host: String, timeout: Duration,
    isReadOnly: Bool
  ) {
    self.channel = channel
    self.handler = handler
    self.host = host
    self.timeout = timeout
    standardTimeLimit = timeout == .zero ? nil : TimeAmount(timeout)
    self.outbox = outbox
    self.isReadOnly = isReadOnly
  }

  /// Whether the connection still stands.
  public var isActive: Bool { channel.isActive }

  /// Sends a command and waits for its reply.
  ///
  /// - Parameters:
  ///   - command: the command.
  ///   - timeout: how long to wait; `nil` is the connection's own limit, `.zero` no limit (for blocking commands).
  /// - Returns: the reply; never an error reply.
  /// - Throws: `RedisError`, or `CancellationError` when the task was cancelled; the reply is then dropped.
  @discardableResult
  public func send(_ command: RedisCommand, timeout: Duration? = nil) async throws -> RESPValue {
    try await rawReply(to: command, timeout: timeout).orThrow(command)
  }

  /// Sends a command and waits for its reply, an error reply included.
  ///
  /// - Throws: as `send`.
  public func rawReply(to command: RedisCommand, timeout: Duration? = nil) async throws -> RESPValue {
    try Task.checkCancellation()
    try refuse(CollectionOfOne(command))
    let answer = await withUnsafeContinuation { continuation in
      let waiting = OutgoingCommand(waiter: .caller(continuation), timeLimit: timeLimit(timeout))
      enqueue(CollectionOfOne(command), CollectionOfOne(waiting))
    }
    switch answer {
    case .result(.success(let reply)): return reply
    case .result(.failure(let reason)): throw error(reason, of: command, timeout)
    case .late(let replies): return try await outcome(of: replies, [command], timeout)[0]
    }
  }

  /// Sends commands in one write and waits for all their replies.
  ///
  /// - Parameters:
  ///   - commands: the commands.
  ///   - timeout: as of `send`, for each of them.
  /// - Returns: a reply for each command, in order, error replies included.
  /// - Throws: `RedisError`, naming the first command without a reply; `CancellationError`.
  public func rawReplies(to commands: [RedisCommand], timeout: Duration? = nil) async throws -> [RESPValue] {
    guard !commands.isEmpty else { return [] }
    try Task.checkCancellation()
    try refuse(commands)
    return try await outcome(of: start(commands, timeout: timeout), commands, timeout)
  }

  /// Sends commands in one write, at once: for callers whose order counts.
  ///
  /// - Parameter replyCount: how many replies there will be, where that is not one for each command.
  /// - Returns: their replies, for `rawReplies(of:)`.
  func start(_ commands: [RedisCommand], replyCount: Int? = nil, timeout: Duration? = nil) -> AwaitedReplies {
    let count = replyCount ?? commands.count
    let replies = AwaitedReplies(count: count)
    let waiting = OutgoingCommand(waiter: .replies(replies), timeLimit: timeLimit(timeout))
    enqueue(commands, repeatElement(waiting, count: count))
    return replies
  }

  /// Waits for the replies to commands that `start` has sent.
  func rawReplies(of replies: AwaitedReplies, to commands: [RedisCommand]) async throws -> [RESPValue] {
    try await outcome(of: replies, commands, nil)
  }

  /// Ends the connection; whoever waits is told.
  public func close() {
    channel.close(promise: nil)
  }

  /// Runs an action, once, when the connection is over.
  func whenClosed(_ action: @escaping @Sendable ((any Error)?) -> Void) {
    channel.eventLoop.execute { [handler] in handler.value.whenClosed(action) }
  }

  func receivePushes(_ receiver: @escaping @Sendable ([RESPValue]) -> Void) async throws {
    try await channel.eventLoop.submit { [handler] in handler.value.receivePushes(receiver) }.get()
  }

  // MARK: The way out

  /// The one place that all commands of callers pass: one that may not be sent takes those beside it along.
  private func refuse(_ commands: some Sequence<RedisCommand>) throws {
    guard isReadOnly, let command = commands.first(where: { !$0.isReadOnly }) else { return }
    throw RedisError.readOnly(command: command.name)
  }

  private func enqueue(_ commands: some Sequence<RedisCommand>, _ waiting: some Sequence<OutgoingCommand>) {
    switch outbox.add(commands, waiting) {
    case .askForFlush: channel.eventLoop.execute { [handler] in handler.value.flush() }
    case .flushOnLoop where channel.eventLoop.inEventLoop: handler.value.flush()
    case .flushOnLoop, nil: break
    }
  }

  // MARK: The way back

  private func timeLimit(_ timeout: Duration?) -> TimeAmount? {
    guard let timeout else { return standardTimeLimit }
    return timeout == .zero ? nil : TimeAmount(timeout)
  }

  private func outcome(
    of replies: AwaitedReplies, _ commands: [RedisCommand], _ timeout: Duration?
  ) async throws -> [RESPValue] {
    switch await replies.outcome() {
    case .success(let replies): return replies
    case .failure(let failure):
      throw error(failure.reason, of: commands[min(failure.answered, commands.count - 1)], timeout)
    }
  }

  private func error(_ reason: ReplyFailure, of command: RedisCommand, _ timeout: Duration?) -> any Error {
    reason.error(host: host, command: command.name, timeout: timeout ?? self.timeout)
  }
}
