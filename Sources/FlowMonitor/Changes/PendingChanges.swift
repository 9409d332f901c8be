import QueueClient

/// Everything that must be read again, gathered until somebody does.
struct PendingChanges: Sendable, Equatable {
  var jobs: Set<JobKey> = []
  var queues: Set<QueueKey> = []
  var waitingChildren: Set<QueueKey> = []
  /// Nothing that was read can be trusted any more.
  var everything = false

  var isEmpty: Bool { jobs.isEmpty && queues.isEmpty && waitingChildren.isEmpty && !everything }

  mutating func add(_ change: Change) {
    switch change {
    case .job(let key):
      jobs.insert(key)
    case .queue(let key):
      queues.insert(key)
    case .waitingChildren(let key):
      queues.insert(key)
      waitingChildren.insert(key)
    }
  }

  mutating func merge(_ other: PendingChanges) {
    jobs.formUnion(other.jobs)
    queues.formUnion(other.queues)
    waitingChildren.formUnion(other.waitingChildren)
    everything = everything || other.everything
  }

  mutating func take() -> PendingChanges {
    defer { self = PendingChanges() }
    return self
  }
}
