import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// One connection. Concurrent callers are pipelined: what they ask within one turn of the event loop
/// leaves in one write, and replies find their callers by order.
public final class RedisConnection: Sendable {
  private let channel: any Channel
  private let handler: NIOLoopBound<ConnectionHandler>
  private let host: String
  private let timeout: Duration
  private let outbox: NIOLockedValueBox<Outbox>
  private let tickets = Atomic<UInt64>(0)

  private struct Outbox {
    var bytes: ByteBuffer
    var waiting: [OutgoingCommand] = []
    var isScheduled = false
  }

  init(channel: any Channel, handler: NIOLoopBound<ConnectionHandler>, host: String, timeout: Duration) {
    self.channel = channel
    self.handler = handler
    self.host = host
    self.timeout = timeout
    outbox = NIOLockedValueBox(Outbox(bytes: channel.allocator.buffer(capacity: 4096)))
  }

  /// Whether the connection still stands.
  public var isActive: Bool { channel.isActive }

  /// Sends a command and waits for its reply.
  ///
  /// - Parameters:
  ///   - command: the command.
  ///   - timeout: how long to wait; `nil` is the connection's own limit, `.zero` no limit (for blocking commands).
  /// - Returns: the reply, an error reply included.
  /// - Throws: `RedisError`, or `CancellationError` when the task was cancelled; the reply is then dropped.
  public func send(_ command: RedisCommand, timeout: Duration? = nil) async throws -> RESPValue {
    try Task.checkCancellation()
    let ticket = nextTicket()
    let limit = timeout ?? self.timeout
    let result = await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let waiting = OutgoingCommand(waiter: .caller(continuation), ticket: ticket, timeout: limit)
        enqueue(CollectionOfOne(command), CollectionOfOne(waiting))
        if Task.isCancelled { giveUp(ticket) }
      }
    } onCancel: {
      giveUp(ticket)
    }
    switch result {
    case .success(let reply): return reply
    case .failure(let failure): throw failure.error(host: host, command: command.name, timeout: limit)
    }
  }

  /// Sends commands in one write and waits for all their replies.
  ///
  /// - Parameters:
  ///   - commands: the commands.
  ///   - timeout: as of `send`, for each of them.
  /// - Returns: a reply for each command, in order, error replies included.
  /// - Throws: `RedisError`, naming the first command without a reply; `CancellationError`.
  public func pipeline(_ commands: [RedisCommand], timeout: Duration? = nil) async throws -> [RESPValue] {
    guard !commands.isEmpty else { return [] }
    try Task.checkCancellation()
    let ticket = nextTicket()
    let limit = timeout ?? self.timeout
    let outcome = await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let replies = PipelineReplies(expected: commands.count, continuation: continuation)
        let waiting = OutgoingCommand(waiter: .pipeline(replies), ticket: ticket, timeout: limit)
        enqueue(commands, repeatElement(waiting, count: commands.count))
        if Task.isCancelled { giveUp(ticket) }
      }
    } onCancel: {
      giveUp(ticket)
    }
    switch outcome {
    case .success(let replies): return replies
    case .failure(let failure):
      let command = commands[min(failure.answered, commands.count - 1)].name
      throw failure.reason.error(host: host, command: command, timeout: limit)
    }
  }

  /// Ends the connection; whoever waits is told.
  public func close() {
    channel.close(promise: nil)
  }

  /// Runs an action, once, when the connection is over.
  func whenClosed(_ action: @escaping @Sendable ((any Error)?) -> Void) {
    channel.eventLoop.execute { [handler] in handler.value.whenClosed(action) }
  }

  /// Sends commands that are answered by pushes instead of replies (`SUBSCRIBE` and its kin).
  func sendUnanswered(_ commands: [RedisCommand]) {
    enqueue(commands, EmptyCollection())
  }

  func receivePushes(_ receiver: @escaping @Sendable ([RESPValue]) -> Void) async throws {
    try await channel.eventLoop.submit { [handler] in handler.value.receivePushes(receiver) }.get()
  }

  // MARK: The way out

  private func nextTicket() -> UInt64 {
    tickets.add(1, ordering: .relaxed).newValue
  }

  private func enqueue(_ commands: some Sequence<RedisCommand>, _ waiting: some Sequence<OutgoingCommand>) {
    let mustSchedule = outbox.withLockedValue { outbox in
      for command in commands { command.encode(into: &outbox.bytes) }
      outbox.waiting.append(contentsOf: waiting)
      defer { outbox.isScheduled = true }
      return !outbox.isScheduled
    }
    if mustSchedule { channel.eventLoop.execute { self.flush() } }
  }

  private func flush() {
    let fresh = Outbox(bytes: channel.allocator.buffer(capacity: 4096))
    let full = outbox.withLockedValue { outbox in
      defer { outbox = fresh }
      return outbox
    }
    handler.value.send(full.bytes, full.waiting)
  }

  /// What came too early, for a command not yet enqueued, is done again by its caller.
  private func giveUp(_ ticket: UInt64) {
    channel.eventLoop.execute { [handler] in handler.value.giveUp(ticket) }
  }
}
