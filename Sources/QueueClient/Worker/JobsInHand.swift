import Synchronization

/// The jobs that a worker is processing.
final class JobsInHand: Sendable {
  private struct State {
    var attempts: [String: Attempt] = [:]
    var isStopped = false
  }

  private let state = Mutex(State())

  /// A job is being processed.
  func add(_ id: String, _ attempt: Attempt) {
    let isStopped = state.withLock { state in
      state.attempts[id] = attempt
      return state.isStopped
    }
    if isStopped { attempt.giveUp() }
  }

  /// A job is processed no more.
  func remove(_ id: String) {
    state.withLock { _ = $0.attempts.removeValue(forKey: id) }
  }

  /// The attempt at a job.
  subscript(_ id: String) -> Attempt? { state.withLock { $0.attempts[id] } }

  /// All attempts.
  var attempts: [Attempt] { state.withLock { Array($0.attempts.values) } }

  /// The ids of all jobs in hand that are not lost.
  var ids: [String] { state.withLock { $0.attempts }.filter { !$0.value.isLost }.map(\.key) }

  /// Nobody is waited for any more, now or later.
  func stop() {
    state.withLock { $0.isStopped = true }
    for attempt in attempts { attempt.giveUp() }
  }
}
