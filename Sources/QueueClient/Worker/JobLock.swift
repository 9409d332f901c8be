import Synchronization

/// What makes a job ours: its id, and the token that its lock holds while we have it in hand.
struct JobLock: Hashable, Sendable {
  let id: String
  let token: String
}

extension Job {
  /// The lock under which it was taken.
  var lock: JobLock { JobLock(id: id, token: token ?? "") }
}

/// The tokens of a worker's locks: a new one for each time that it takes jobs.
///
/// An attempt that has lost its lock can then never end, renew or release the lock of the job's next attempt, not even
/// where the same worker has taken it.
final class LockTokens: Sendable {
  private let worker: String
  private let count = Atomic(0)

  /// - Parameter worker: what all its tokens begin with; unique among workers.
  init(worker: String = RandomIDs.one()) { self.worker = worker }

  /// A token that no lock has had yet.
  func next() -> String { "\(worker):\(count.wrappingAdd(1, ordering: .relaxed).newValue)" }

  /// Whether a token is one of this worker's.
  func contains(_ token: String) -> Bool { token.hasPrefix(worker + ":") }
}
