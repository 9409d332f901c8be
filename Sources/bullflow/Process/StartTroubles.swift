import Redis
import Synchronization

/// What keeps a program from being started: told when it comes or changes, and when it is over.
final class StartTroubles: Sendable {
  private let state = Mutex<(last: String?, failures: Int)>((nil, 0))
  private let backoff = Backoff(base: .milliseconds(20))

  /// The program could not be started.
  ///
  /// - Returns: whether the reason is another one than before, and how long to rest before the next try.
  func failed(_ reason: String) -> (isNews: Bool, rest: Duration) {
    let (isNews, failures) = state.withLock { state in
      defer { state.last = reason }
      state.failures += 1
      return (state.last != reason, state.failures)
    }
    return (isNews, backoff.delay(after: failures, random: .random(in: 0..<1)))
  }

  /// The program was started.
  ///
  /// - Returns: how often in a row it could not be before; `nil` for never.
  func over() -> Int? {
    state.withLock { state in
      defer { state = (nil, 0) }
      return state.failures > 0 ? state.failures : nil
    }
  }
}
