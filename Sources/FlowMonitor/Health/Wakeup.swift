import Synchronization

/// Lets one task sleep until somebody wakes it, or a time has passed.
final class Wakeup: Sendable {
  private enum State {
    case idle
    case called
    case sleeping(CheckedContinuation<Void, Never>)
  }

  private let state = Mutex(State.idle)

  /// Wakes the sleeper, or keeps the next one from falling asleep.
  func call() {
    let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if case .sleeping(let continuation) = state {
        state = .idle
        return continuation
      }
      state = .called
      return nil
    }
    sleeper?.resume()
  }

  /// Sleeps until the call, at most so long; a cancelled task sleeps no longer.
  func wait(atMost limit: Duration) async {
    let timer = Task {
      if (try? await Task.sleep(for: limit)) != nil { call() }
    }
    defer { timer.cancel() }
    await wait()
  }

  /// Sleeps until the call; a cancelled task sleeps no longer.
  func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isCalled = state.withLock { state in
          if case .called = state {
            state = .idle
            return true
          }
          state = .sleeping(continuation)
          return false
        }
        if isCalled { continuation.resume() }
      }
    } onCancel: {
      call()
    }
  }
}
