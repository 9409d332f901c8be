import Logging
import Redis
import Synchronization

/// Tells the log what goes wrong between a worker and its Redis, and says how long to rest then.
final class WorkerTroubles: Sendable {
  /// What a worker asks of Redis beside its jobs.
  enum Activity: String {
    case exchanging = "take or end jobs"
    case listening = "be woken for jobs, and looks for them from time to time"
    case naming = "name its connection, so that no screen shows it among the workers"
    case telling = "tell of all that it does"
    case renewing = "renew the locks of its jobs"
    case recovering = "look for jobs whose worker is gone"
  }

  private let queue: QueueKey
  private let logger: Logger
  private let backoff = Backoff(base: .milliseconds(20))
  private let logs = Mutex<[Activity: ErrorLog]>([:])

  init(queue: QueueKey, logger: Logger) {
    self.queue = queue
    self.logger = logger
  }

  /// An activity has failed.
  ///
  /// - Returns: how long to rest before the next try.
  func failed(_ activity: Activity, _ error: any Error) -> Duration {
    if error is CancellationError { return .zero }
    let (isNews, failures) = logs.withLock { logs in
      let isNews = logs[activity, default: ErrorLog()].failed("\(error)", at: .now)
      return (isNews, logs[activity]?.failures ?? 1)
    }
    if isNews { logger.warning("the worker of \(queue) cannot \(activity.rawValue): \(error)") }
    // Where nobody can be reached, the connection has rested already.
    if case RedisError.unreachable = error { return backoff.base }
    return backoff.delay(after: failures, random: .random(in: 0..<1))
  }

  /// A key is of another kind than it should be, and was done without.
  func wentWithout(_ key: String) {
    _ = failed(.telling, OddKey(description: "\(String(reflecting: key)) holds another kind of value than it should"))
  }

  private struct OddKey: Error, CustomStringConvertible {
    let description: String
  }

  /// An activity works.
  func over(_ activity: Activity) {
    // Asked after each exchange: where nothing is wrong, that must cost nothing.
    let failures = logs.withLock { logs in
      logs.isEmpty ? nil : logs[activity]?.succeeded(at: .now)
    }
    guard let failures else { return }
    logger.notice("the worker of \(queue) can \(activity.rawValue) again, after \(failures) failures")
  }
}
