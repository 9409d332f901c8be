import NIOCore

/// Somebody who waits for one reply, or for all the replies of a pipeline.
///
/// The continuations are unsafe ones, which cost no allocation a command. What makes them safe: a waiter
/// is in the outbox or in `PendingReplies`, never in both, and both give it away only once.
enum ReplyWaiter {
  case caller(UnsafeContinuation<Result<RESPValue, ReplyFailure>, Never>)
  case pipeline(PipelineReplies)

  func resume(_ result: Result<RESPValue, ReplyFailure>) {
    switch self {
    case .caller(let continuation): continuation.resume(returning: result)
    case .pipeline(let pipeline): pipeline.add(result)
    }
  }
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

// `@unchecked Sendable`: made by the caller and handed over once; from then on only the connection's
// event loop, one thread, reads or changes it.
/// Gathers the replies of one pipeline until the last has come.
final class PipelineReplies: @unchecked Sendable {
  /// All the replies, or what went wrong and how many had come by then.
  typealias Outcome = Result<[RESPValue], Failure>

  struct Failure: Error {
    let reason: ReplyFailure
    let answered: Int
  }

  private var replies: [RESPValue] = []
  private let expected: Int
  private var continuation: UnsafeContinuation<Outcome, Never>?

  init(expected: Int, continuation: UnsafeContinuation<Outcome, Never>) {
    self.expected = expected
    self.continuation = continuation
    replies.reserveCapacity(expected)
  }

  func add(_ result: Result<RESPValue, ReplyFailure>) {
    switch result {
    case .success(let reply):
      replies.append(reply)
      if replies.count == expected { finish(.success(replies)) }
    case .failure(let reason):
      finish(.failure(Failure(reason: reason, answered: replies.count)))
    }
  }

  private func finish(_ outcome: Outcome) {
    continuation?.resume(returning: outcome)
    continuation = nil
  }
}
