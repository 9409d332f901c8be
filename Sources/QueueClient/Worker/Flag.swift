import Synchronization

/// Something that happens once, and can be waited for by one.
final class Flag: Sendable {
  private struct State {
    var isRaised = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// It has happened.
  func raise() {
    let waiter = state.withLock { state in
      state.isRaised = true
      return state.waiter.take()
    }
    waiter?.resume()
  }

  /// Waits until it has happened.
  ///
  /// - Parameters:
  ///   - limit: how long at the most; `nil` is for ever. It runs in a cancelled task, too.
  ///   - heedsCancellation: whether a cancelled task waits no longer.
  func wait(within limit: Duration? = nil, heedsCancellation: Bool) async {
    // A task of its own, which the cancellation of ours does not wake.
    let timer = limit.map { limit in
      Task {
        try? await Task.sleep(for: limit)
        self.raise()
      }
    }
    defer { timer?.cancel() }
    guard heedsCancellation else { return await untilRaised() }
    await withTaskCancellationHandler {
      await untilRaised()
    } onCancel: {
      raise()
    }
  }

  private func untilRaised() async {
    await withCheckedContinuation { waiter in
      let isRaised = state.withLock { state in
        if !state.isRaised { state.waiter = waiter }
        return state.isRaised
      }
      if isRaised { waiter.resume() }
    }
  }
}
