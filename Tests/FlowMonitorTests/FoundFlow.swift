import QueueClient

@testable import FlowMonitor

/// What was found of a flow, put together by hand: jobs are written `queue/id`, with another prefix `prefix:queue/id`.
struct FoundFlow {
  var facts: FlowFacts

  /// A flow of a root that waits for its children.
  init(root: String) {
    facts = FlowFacts(roots: [Self.key(root)])
    facts.isSettled = true
    facts.now = 1_795_000_600_000
    put(root, .waitingChildren)
  }

  static func key(_ text: String) -> JobKey {
    let parts = text.split(separator: "/").map(String.init)
    let queue = QueueKey(qualifiedName: parts[0].contains(":") ? parts[0] : "bull:\(parts[0])")
    return JobKey(queue: queue ?? QueueKey(name: parts[0]), id: parts.last ?? "")
  }

  /// Adds a job, that a parent waits for, and its queue, where one worker is at work.
  mutating func put(
    _ job: String, _ state: JobState, under parent: String? = nil, _ edit: (inout FlowFacts.Fact) -> Void = { _ in },
    queue: (inout QueueFacts) -> Void = { _ in }
  ) {
    let key = Self.key(job)
    var fact = FlowFacts.Fact()
    fact.state = state
    fact.name = key.id
    fact.isWhole = true
    fact.timestamp = 1_795_000_000_000
    edit(&fact)
    facts.jobs[key] = fact
    if let parent {
      facts.pending[Self.key(parent), default: []].append(key)
      facts.jobs[Self.key(parent)]?.state = .waitingChildren
    }
    var its = facts.queues[key.queue] ?? QueueFacts()
    if its.workers == nil { (its.workers, its.hasMarker, its.leastIdle) = (1, true, 0) }
    queue(&its)
    facts.queues[key.queue] = its
  }

  var causes: [Cause] { facts.roots.first.flatMap { CauseFinder.causes(in: facts)[$0] } ?? [] }
}

/// One way in which a job is not done.
struct Plight: Sendable {
  var code: CauseCode
  var state: JobState
  var edit: @Sendable (inout FlowFacts.Fact) -> Void = { _ in }
  var queue: @Sendable (inout QueueFacts) -> Void = { _ in }

  static let all: [Plight] = [
    Plight(code: .failedChild, state: .failed) { $0.failedReason = "no wheels left" },
    Plight(code: .missingChild, state: .unknown) { $0.exists = false },
    Plight(code: .completedStillPending, state: .completed),
    Plight(code: .waitsForNothing, state: .waitingChildren),
    Plight(code: .lostJob, state: .unknown),
    Plight(code: .twoPlaces, state: .delayed) { $0.places = 2 },
    Plight(code: .stalled, state: .active, queue: { $0.workers = 0 }),
    Plight(code: .noWorker, state: .waiting, queue: { $0.workers = 0 }),
    Plight(code: .noWorker, state: .delayed, queue: { $0.workers = 0 }),
    Plight(code: .queuePaused, state: .prioritized, queue: { $0.isPaused = true }),
    Plight(
      code: .lostMarker, state: .waiting,
      queue: {
        $0.hasMarker = false
        $0.leastIdle = 60
      }),
    Plight(code: .backlog, state: .waiting),
    Plight(code: .backlog, state: .prioritized),
    Plight(code: .delayed, state: .delayed),
    Plight(code: .retrying, state: .delayed) { $0.attemptsMade = 1 },
    Plight(code: .retrying, state: .waiting) { $0.attemptsMade = 1 },
    Plight(code: .rateLimited, state: .waiting, queue: { $0.limitedFor = 4000 }),
    Plight(
      code: .concurrencyFull, state: .waiting,
      queue: {
        $0.concurrency = 2
        $0.active = 2
      }),
    Plight(code: .active, state: .active) { $0.lock = 20_000 },
    Plight(code: .active, state: .active),
    Plight(code: .deferredFailure, state: .waiting) { $0.deferredFailure = "child bull:q:1 failed" },
  ]
}
