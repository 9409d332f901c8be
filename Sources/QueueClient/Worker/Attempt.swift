import Synchronization

/// One run of a processor: it ends by itself, or is told to stop, or is given up.
final class Attempt: Sendable {
  /// Nobody waits for the processor any more, which does not heed its cancellation.
  struct GivenUp: Error {}

  private struct State {
    var result: Result<JSON, any Error>?
    var waiter: CheckedContinuation<Result<JSON, any Error>, Never>?
    var task: Task<Void, Never>?
    var isLost = false
  }

  private let state = Mutex(State())

  /// Runs a processor, and waits until it has ended or was given up.
  ///
  /// - Parameter executor: where; without one, in Swift's pool.
  func run(
    on executor: (any TaskExecutor)?, _ body: @escaping @Sendable () async throws -> JSON
  ) async -> Result<JSON, any Error> {
    let task = Task(executorPreference: executor) {
      let result: Result<JSON, any Error>
      do { result = .success(try await body()) } catch { result = .failure(error) }
      self.end(with: result)
    }
    state.withLock { $0.task = task }
    return await withCheckedContinuation { waiter in
      let result = state.withLock { state in
        if state.result == nil { state.waiter = waiter }
        return state.result
      }
      if let result { waiter.resume(returning: result) }
    }
  }

  private func end(with result: Result<JSON, any Error>) {
    let waiter = state.withLock { state in
      guard state.result == nil else { return nil as CheckedContinuation<Result<JSON, any Error>, Never>? }
      state.result = result
      return state.waiter.take()
    }
    waiter?.resume(returning: result)
  }

  /// Tells the processor to stop.
  func cancel() { state.withLock { $0.task }?.cancel() }

  /// Waits for the processor no longer.
  func giveUp() {
    cancel()
    end(with: .failure(GivenUp()))
  }

  /// The job has gone to another worker.
  func lose() {
    state.withLock { $0.isLost = true }
    cancel()
  }

  /// Whether the job has gone to another worker.
  var isLost: Bool { state.withLock { $0.isLost } }
}
