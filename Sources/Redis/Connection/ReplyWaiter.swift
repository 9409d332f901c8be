/// Who is told of one reply.
///
/// The continuation is an unsafe one, which costs no allocation a command. What makes it safe: a waiter is in the
/// outbox or in `PendingReplies`, never in both, and both give it away only once.
enum ReplyWaiter {
  /// The caller of one command, which is likely to be answered at once.
  case caller(UnsafeContinuation<FirstAnswer, Never>)
  /// The replies of a pipeline, or the one of a command that turned out to be late.
  case replies(AwaitedReplies)

  func resume(_ result: Result<RESPValue, ReplyFailure>) {
    switch self {
    case .caller(let continuation): continuation.resume(returning: .result(result))
    case .replies(let replies): replies.add(result)
    }
  }

  /// Sends the caller of a command that is late to wait where it can be cancelled.
  mutating func beLate() {
    guard case .caller(let continuation) = self else { return }
    let replies = AwaitedReplies(count: 1)
    self = .replies(replies)
    continuation.resume(returning: .late(replies))
  }
}

/// What the caller of a command hears first.
///
/// Most replies are there within a millisecond, and the guard that a cancellation needs costs more than half of what the
/// wait itself does. So only the callers of late commands are guarded: they are told, and wait once more.
enum FirstAnswer {
  case result(Result<RESPValue, ReplyFailure>)
  case late(AwaitedReplies)
}

/// Why a command on its way got no reply.
enum ReplyFailure: Error {
  /// The caller's task was cancelled.
  case cancelled
  /// The time was over.
  case timeout
  /// The connection ended, with the cause in words.
  case lost(String)
  /// What came was no reply.
  case protocolViolation(String)

  /// The error the caller sees.
  func error(host: String, command: String, timeout: Duration) -> any Error {
    switch self {
    case .cancelled: CancellationError()
    case .timeout: RedisError.timeout(host: host, command: command, after: timeout)
    case .lost(let cause): RedisError.connectionLost(host: host, command: command, cause: cause)
    case .protocolViolation(let why): RedisError.protocolViolation(why)
    }
  }
}
