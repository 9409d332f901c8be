import NIOCore

/// Somebody who waits for one reply, or for all the replies of a pipeline.
struct ReplyWaiter {
  /// The command's name, for errors.
  let command: String
  private let destination: Destination

  private enum Destination {
    case caller(CheckedContinuation<RESPValue, any Error>)
    case pipeline(PipelineReplies)
  }

  init(command: String, continuation: CheckedContinuation<RESPValue, any Error>) {
    self.command = command
    destination = .caller(continuation)
  }

  init(command: String, pipeline: PipelineReplies) {
    self.command = command
    destination = .pipeline(pipeline)
  }

  func succeed(_ reply: RESPValue) {
    switch destination {
    case .caller(let continuation): continuation.resume(returning: reply)
    case .pipeline(let pipeline): pipeline.succeed(reply)
    }
  }

  func fail(_ error: any Error) {
    switch destination {
    case .caller(let continuation): continuation.resume(throwing: error)
    case .pipeline(let pipeline): pipeline.fail(error)
    }
  }
}

// `@unchecked Sendable`: made by the caller and handed over once; from then on only the connection's
// event loop, one thread, reads or changes it.
/// Gathers the replies of one pipeline until the last has come.
final class PipelineReplies: @unchecked Sendable {
  private var replies: [RESPValue] = []
  private let expected: Int
  private var continuation: CheckedContinuation<[RESPValue], any Error>?

  init(expected: Int, continuation: CheckedContinuation<[RESPValue], any Error>) {
    self.expected = expected
    self.continuation = continuation
    replies.reserveCapacity(expected)
  }

  func succeed(_ reply: RESPValue) {
    replies.append(reply)
    if replies.count == expected {
      continuation?.resume(returning: replies)
      continuation = nil
    }
  }

  func fail(_ error: any Error) {
    continuation?.resume(throwing: error)
    continuation = nil
  }
}
