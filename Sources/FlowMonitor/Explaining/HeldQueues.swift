import QueueClient

/// Queues in which jobs are held up whatever their turn, each told once for all of them, those with jobs that are due first. Pure.
struct HeldQueues {
  let facts: [QueueKey: QueueFacts]
  /// The server's time, in milliseconds since 1970.
  let now: Int
  /// The job of each queue that is taken next.
  let firsts: [QueueKey: JobKey]

  /// What holds them up: how many jobs, and one of them.
  var causes: [Cause] {
    let all = facts.keys.sorted().flatMap(causes)
    return all.filter { !$0.evidence.areAllDelayed } + all.filter(\.evidence.areAllDelayed)
  }

  private func causes(of queue: QueueKey) -> [Cause] {
    guard let its = facts[queue] else { return [] }
    let ready = its.waiting.addingClamped(its.prioritized)
    let coming = ready.addingClamped(its.delayed)
    var causes: [Cause] = []
    func add(_ code: CauseCode, _ job: JobKey?, count: Int, _ fix: Cause.Fix?) {
      guard let job, count > 0 else { return }
      var cause = Cause(code, at: job, chain: [job], fixes: fix.map { [$0] } ?? [])
      cause.evidence.count = count
      if code != .stalled { cause.evidence.delayed = coming - ready }
      if code == .concurrencyFull { cause.evidence.limit = its.concurrency }
      cause.needsPerson = cause.isForGood
      causes.append(cause)
    }
    if its.isPaused { add(.queuePaused, firsts[queue], count: coming, .resumeQueue(queue)) }
    if its.workers == 0 {
      add(.noWorker, firsts[queue], count: coming, .startWorker(queue))
      add(.stalled, its.activeJobs.first, count: its.active, .startWorker(queue))
    }
    if its.allowsNone { add(.concurrencyFull, firsts[queue], count: coming, nil) }
    if its.isAsleep(besideJobOf: nil, at: now) { add(.lostMarker, firsts[queue], count: ready, .resumeQueue(queue)) }
    return causes
  }
}

extension CauseCode {
  /// Whether it is a queue's plight, and all its jobs' at once.
  public var isOfQueue: Bool {
    switch self {
    case .queuePaused, .noWorker, .lostMarker, .stalled: true
    default: false
    }
  }
}
