import NIOConcurrencyHelpers
import NIOCore

/// One connection. Concurrent callers are pipelined: what they ask within one turn of the event loop
/// leaves in one write, and replies find their callers by order.
public final class RedisConnection: Sendable {
  private let channel: any Channel
  private let handler: NIOLoopBound<ConnectionHandler>
  private let timeout: Duration
  private let outbox: NIOLockedValueBox<Outbox>

  private struct Outbox {
    var bytes: ByteBuffer
    var waiters: [(ReplyWaiter, NIODeadline)] = []
    var isScheduled = false
    var nextID: UInt64 = 0
  }

  init(channel: any Channel, handler: NIOLoopBound<ConnectionHandler>, timeout: Duration) {
    self.channel = channel
    self.handler = handler
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
    let ticket = NIOLockedValueBox(Ticket())
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let waiter = ReplyWaiter(command: command.name, continuation: continuation)
        let id = enqueue([command], [waiter], timeout: timeout)
        let isCancelled = ticket.withLockedValue { ticket in
          ticket.id = id
          return ticket.isCancelled
        }
        if isCancelled { giveUp(id) }
      }
    } onCancel: {
      let id = ticket.withLockedValue { ticket in
        ticket.isCancelled = true
        return ticket.id
      }
      if let id { giveUp(id) }
    }
  }

  /// Sends commands in one write and waits for all their replies.
  ///
  /// - Returns: a reply for each command, in order, error replies included.
  public func pipeline(_ commands: [RedisCommand], timeout: Duration? = nil) async throws -> [RESPValue] {
    guard !commands.isEmpty else { return [] }
    try Task.checkCancellation()
    return try await withCheckedThrowingContinuation { continuation in
      let replies = PipelineReplies(expected: commands.count, continuation: continuation)
      let waiters = commands.map { ReplyWaiter(command: $0.name, pipeline: replies) }
      _ = enqueue(commands, waiters, timeout: timeout)
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
    _ = enqueue(commands, [], timeout: nil)
  }

  func receivePushes(_ receiver: @escaping @Sendable ([RESPValue]) -> Void) async throws {
    try await channel.eventLoop.submit { [handler] in handler.value.receivePushes(receiver) }.get()
  }

  // MARK: The way out

  private struct Ticket {
    var id: UInt64?
    var isCancelled = false
  }

  private func enqueue(_ commands: [RedisCommand], _ waiters: [ReplyWaiter], timeout: Duration?) -> UInt64 {
    let limit = timeout ?? self.timeout
    let deadline = limit == .zero ? NIODeadline.distantFuture : .now() + TimeAmount(limit)
    let (id, mustSchedule) = outbox.withLockedValue { outbox in
      for command in commands { command.encode(into: &outbox.bytes) }
      let id = outbox.nextID
      for waiter in waiters { outbox.waiters.append((waiter, deadline)) }
      outbox.nextID += UInt64(waiters.count)
      defer { outbox.isScheduled = true }
      return (id, !outbox.isScheduled)
    }
    if mustSchedule { channel.eventLoop.execute { self.flush() } }
    return id
  }

  private func flush() {
    let (bytes, waiters) = outbox.withLockedValue { outbox in
      defer {
        outbox.bytes = channel.allocator.buffer(capacity: 4096)
        outbox.waiters = []
        outbox.isScheduled = false
      }
      return (outbox.bytes, outbox.waiters)
    }
    handler.value.send(bytes, waiters: waiters)
  }

  private func giveUp(_ id: UInt64) {
    channel.eventLoop.execute { [handler] in handler.value.cancel(id) }
  }
}
