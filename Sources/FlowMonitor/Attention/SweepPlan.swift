import QueueClient

/// What a sweep does next: the places of each queue, one after the other, those that tell most first. Pure.
struct SweepPlan: Sendable {
  /// What is looked at in one step.
  enum Task: Sendable, Hashable {
    /// The newest failed jobs of a queue: where trouble most often shows.
    case newestFailed(QueueKey)
    /// How a queue stands, and the jobs that wait in it while it is paused.
    case queue(QueueKey)
    /// Parents that wait, from a rank on.
    case parents(QueueKey, rank: Int)
    /// One of the other places of a queue, from a rank on.
    case place(QueueKey, QueueKey.Suffix, rank: Int)
    /// A parent with many children, from a cursor on.
    case children(JobKey, cursor: String?)
    /// Troubles found before, to see whether they still are.
    case again(QueueKey)
    /// The whole keyspace, from a cursor on: parents that are in no place are met nowhere else.
    case keys(cursor: String)

    /// Whether it is a look at what matters most, not a part of going through everything.
    var isQuick: Bool {
      switch self {
      case .newestFailed, .queue, .again: true
      case .parents, .place, .children, .keys: false
      }
    }

    /// The queue that it is about, where it is one's.
    var queue: QueueKey? {
      switch self {
      case .newestFailed(let queue), .queue(let queue), .parents(let queue, _), .place(let queue, _, _),
        .again(let queue):
        queue
      case .children(let parent, _): parent.queue
      case .keys: nil
      }
    }
  }

  /// What is to be done, the next first.
  private var quick: [Task] = []
  private var slow: [Task] = []

  /// The places that are gone through after the parents that wait, and in what order.
  static let places: [QueueKey.Suffix] = [
    .failed, .active, .wait, .paused, .delayed, .prioritized, .completed,
  ]

  /// Looks at queues from the beginning.
  mutating func add(_ queues: [QueueKey]) {
    quick += queues.map { .newestFailed($0) } + queues.map { .queue($0) }
    slow += queues.map { .parents($0, rank: 0) }
    for place in Self.places { slow += queues.map { .place($0, place, rank: 0) } }
  }

  /// Looks quickly at queues where something has changed.
  mutating func addChanged(_ queues: some Sequence<QueueKey>) {
    for queue in queues {
      for task in [Task.newestFailed(queue), .again(queue), .queue(queue)] where !quick.contains(task) {
        quick.append(task)
      }
    }
  }

  /// Whether a queue is being gone through.
  func isUnderWay(_ queue: QueueKey) -> Bool { slow.contains { $0.queue == queue } }

  /// The queues that are being gone through.
  var underWay: Set<QueueKey> { Set(slow.compactMap(\.queue)) }

  /// Whether there is something that is looked at before all else.
  var hasQuick: Bool { !quick.isEmpty }

  var isEmpty: Bool { quick.isEmpty && slow.isEmpty }

  /// The next task.
  mutating func next() -> Task? {
    if !quick.isEmpty { return quick.removeFirst() }
    return slow.isEmpty ? nil : slow.removeFirst()
  }

  /// Goes on with a task before anything else of its kind.
  mutating func goOn(_ task: Task) { slow.insert(task, at: 0) }

  /// Does a task when all others are done.
  mutating func doLast(_ task: Task) { slow.append(task) }
}
