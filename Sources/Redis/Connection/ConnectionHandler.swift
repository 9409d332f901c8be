import NIOCore

/// The channel's end of a connection: carries out what `PendingReplies` and `ReplyParser` decide.
///
/// Everything here happens on the connection's event loop.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// How long after it was sent a command is late: its caller then waits where it can be cancelled.
  private static let patience = TimeAmount.milliseconds(10)

  /// Where callers leave what is to be sent.
  let outbox: Outbox
  private var outgoing: OutgoingCommands
  private let parser: ReplyParser
  private var pending = PendingReplies<ReplyWaiter>(patience: ConnectionHandler.patience)
  private var failure: (any Error)?
  private var isOver = false
  private var timer: (scheduled: Scheduled<Void?>, deadline: NIODeadline)?
  private var lastRead = NIODeadline.now()
  private var context: ChannelHandlerContext?
  private var onPush: (@Sendable ([RESPValue]) -> Void)?
  private var onClose: (@Sendable ((any Error)?) -> Void)?

  init(allocator: ByteBufferAllocator, limits: ReplyLimits) {
    outbox = Outbox(allocator: allocator)
    outgoing = OutgoingCommands(allocator: allocator)
    parser = ReplyParser(limits: limits)
  }

  /// Sets where pushed messages go, in batches; without it they count as replies.
  func receivePushes(_ receiver: @escaping @Sendable ([RESPValue]) -> Void) {
    onPush = receiver
  }

  /// Sets who is told, once, that the connection is over.
  func whenClosed(_ action: @escaping @Sendable ((any Error)?) -> Void) {
    if isOver { action(failure) } else { onClose = action }
  }

  // MARK: Commands

  /// Sends all that has been gathered.
  func flush() {
    outbox.exchange(&outgoing)
    defer { outgoing.removeAll() }
    guard !isOver, let context else {
      for command in outgoing.waiting { command.waiter.resume(.failure(loss)) }
      return
    }
    guard outgoing.bytes.readableBytes > 0 else { return }
    let now = NIODeadline.now()
    var nextEvent = now + Self.patience
    for command in outgoing.waiting {
      let deadline = command.timeLimit.map { now + $0 } ?? .distantFuture
      nextEvent = min(nextEvent, deadline)
      pending.append(command.waiter, sent: now, deadline: deadline)
    }
    context.writeAndFlush(wrapOutboundOut(outgoing.bytes), promise: nil)
    startTimer(at: nextEvent, on: context)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  // MARK: Replies

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    lastRead = .now()
    var pushes: [RESPValue] = []
    do {
      try unwrapInboundIn(data).withUnsafeReadableBytes(parser.feed)
      while let value = try parser.next() {
        if onPush != nil, value.isPush { pushes.append(value) } else { try deliver(value) }
      }
    } catch {
      failure = error
      context.close(promise: nil)
    }
    if !pushes.isEmpty { onPush?(pushes) }
  }

  private func deliver(_ reply: RESPValue) throws {
    switch pending.reply() {
    case .waiter(let waiter): waiter.resume(.success(reply))
    case .nobody: break
    case .unasked:
      // A server says why it cuts a client off in an error line of its own.
      throw RedisError.protocolViolation(reply.errorLine ?? "a reply that no command asked for")
    }
  }

  // MARK: Time

  /// Sets the timer to the next command that will be late or overdue, where it is not set to an earlier time already.
  private func startTimer(at deadline: NIODeadline?, on context: ChannelHandlerContext) {
    guard let deadline, deadline < .distantFuture else { return }
    if let timer, timer.deadline <= deadline { return }
    timer?.scheduled.cancel()
    let scheduled = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
      self?.timeIsOver(on: context)
    }
    timer = (scheduled, deadline)
  }

  private func timeIsOver(on context: ChannelHandlerContext) {
    timer = nil
    let now = NIODeadline.now()
    pending.changeLate(at: now) { $0.beLate() }
    let isSilent = pending.oldest.map { lastRead < $0 } ?? false
    let overdue = pending.giveUpOverdue(at: now)
    for waiter in overdue { waiter.resume(.failure(.timeout)) }
    // Not a byte in all that time: the link is dead, and only a new one helps.
    if !overdue.isEmpty, isSilent {
      failure = Silence()
      context.close(promise: nil)
    } else {
      startTimer(at: pending.nextEvent, on: context)
    }
  }

  // MARK: The end

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    failure = failure ?? error
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end()
    self.context = nil
  }

  private func end() {
    guard !isOver else { return }
    isOver = true
    timer?.scheduled.cancel()
    for waiter in pending.removeAll() { waiter.resume(.failure(loss)) }
    onClose?(failure)
    onClose = nil
  }

  private var loss: ReplyFailure {
    if case RedisError.protocolViolation(let why)? = failure as? RedisError { return .protocolViolation(why) }
    return .lost(failure.map(Connector.cause) ?? "the server closed it")
  }
}

/// The server stopped sending anything at all.
private struct Silence: Error, CustomStringConvertible {
  var description: String { "it fell silent" }
}

extension RESPValue {
  /// Whether this came unasked, to a subscriber. What confirms a subscription is the reply to its command: one for each
  /// channel, so commands name one at a time.
  fileprivate var isPush: Bool {
    guard case .array(let elements) = self, case .bulk(let kind)? = elements.first else { return false }
    return Self.pushKinds.contains(kind)
  }

  private static let pushKinds: Set<[UInt8]> = Set(["message", "pmessage"].map { Array($0.utf8) })
}
