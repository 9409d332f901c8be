import QueueClient

/// Everything that must be read again, gathered until somebody does: a job that changed fifty times is in it once.
struct PendingChanges: Sendable, Equatable {
  /// Jobs whose hash or lock has changed.
  var jobs: Set<JobKey> = []
  /// Jobs whose children have changed.
  var parents: Set<JobKey> = []
  /// Queues whose flows came, went or ended.
  var flows: Set<QueueKey> = []
  /// Queues whose settings have changed.
  var settings: Set<QueueKey> = []
  /// Any unfinished parent may have changed: a stream tells of the child alone.
  var unfinished = false
  /// Everything visible is to be compared with Redis.
  var reconcile = false
  /// Nothing that was read can be trusted any more.
  var everything = false
  /// Somebody looks elsewhere, which must not wait.
  var isUrgent = false
  /// Something else of the picture has changed, or its loading goes on.
  var isShown = false

  /// More jobs than this are not remembered one by one: then everything visible is read again.
  static let limit = 10_000

  var isEmpty: Bool { self == PendingChanges() }

  mutating func add(_ change: Change) {
    switch change {
    case .job(let key, .itself): jobs.insert(key)
    case .job(let key, .children): parents.insert(key)
    case .flows(let queue): flows.insert(queue)
    case .settings(let queue): settings.insert(queue)
    }
    guard jobs.count + parents.count > Self.limit else { return }
    (jobs, parents, everything) = ([], [], true)
  }

  mutating func merge(_ other: PendingChanges) {
    jobs.formUnion(other.jobs)
    parents.formUnion(other.parents)
    flows.formUnion(other.flows)
    settings.formUnion(other.settings)
    unfinished = unfinished || other.unfinished
    reconcile = reconcile || other.reconcile
    everything = everything || other.everything
    isUrgent = isUrgent || other.isUrgent
    isShown = isShown || other.isShown
  }
}
