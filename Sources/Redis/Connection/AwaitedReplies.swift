import Synchronization

/// Gathers a number of replies, until the last has come, one has failed, or nobody waits any longer.
///
/// What comes after that is dropped; it keeps its place in the order of replies all the same.
final class AwaitedReplies: Sendable {
  /// All the replies, or what went wrong and how many had come by then.
  typealias Outcome = Result<[RESPValue], Failure>

  struct Failure: Error {
    let reason: ReplyFailure
    let answered: Int
  }

  private struct State {
    var replies: [RESPValue]
    var outcome: Outcome?
    var continuation: UnsafeContinuation<Outcome, Never>?
  }

  private let count: Int
  private let state: Mutex<State>

  /// - Parameter count: how many replies there will be; at least one.
  init(count: Int) {
    self.count = count
    var replies: [RESPValue] = []
    replies.reserveCapacity(count)
    state = Mutex(State(replies: replies))
  }

  func add(_ result: Result<RESPValue, ReplyFailure>) {
    let told = state.withLock { state -> (caller: UnsafeContinuation<Outcome, Never>, outcome: Outcome)? in
      guard state.outcome == nil else { return nil }
      switch result {
      case .success(let reply):
        state.replies.append(reply)
        if state.replies.count == count { state.outcome = .success(state.replies) }
      case .failure(let reason):
        state.outcome = .failure(Failure(reason: reason, answered: state.replies.count))
      }
      guard let outcome = state.outcome, let caller = state.continuation.take() else { return nil }
      return (caller, outcome)
    }
    if let told { told.caller.resume(returning: told.outcome) }
  }

  /// Waits for all of them; a cancelled task waits no longer. Asked once.
  func outcome() async -> Outcome {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let outcome = state.withLock { state in
          if state.outcome == nil { state.continuation = continuation }
          return state.outcome
        }
        if let outcome { continuation.resume(returning: outcome) }
      }
    } onCancel: {
      add(.failure(.cancelled))
    }
  }
}
