import Synchronization

/// The jobs that a worker is processing.
final class JobsInHand: Sendable {
  private struct State {
    var attempts: [JobLock: Attempt] = [:]
    var isStopped = false
  }

  private let state = Mutex(State())

  /// A job is being processed.
  func add(_ lock: JobLock, _ attempt: Attempt) {
    let isStopped = state.withLock { state in
      state.attempts[lock] = attempt
      return state.isStopped
    }
    if isStopped { attempt.giveUp() }
  }

  /// A job is processed no more.
  func remove(_ lock: JobLock) {
    state.withLock { _ = $0.attempts.removeValue(forKey: lock) }
  }

  /// The attempt at a job.
  subscript(_ lock: JobLock) -> Attempt? { state.withLock { $0.attempts[lock] } }

  /// All attempts.
  var attempts: [Attempt] { state.withLock { Array($0.attempts.values) } }

  /// The attempts at the job of an id: two, where one has lost its lock and does not know it yet.
  func attempts(at id: String) -> [Attempt] {
    state.withLock { $0.attempts }.filter { $0.key.id == id }.map(\.value)
  }

  /// The locks of all jobs in hand that are not lost.
  var locks: [JobLock] { state.withLock { $0.attempts }.filter { !$0.value.isLost }.map(\.key) }

  /// Nobody is waited for any more, now or later.
  func stop() {
    state.withLock { $0.isStopped = true }
    for attempt in attempts { attempt.giveUp() }
  }
}
