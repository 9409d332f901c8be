import Metrics

/// What a worker reports of its jobs, through swift-metrics.
struct WorkerMetrics: Sendable {
  private let completed: Counter
  private let failed: Counter
  private let retried: Counter
  private let stalled: Counter
  private let duration: Timer

  init(queue: QueueKey) {
    let dimensions = [("queue", queue.description)]
    completed = Counter(label: "bullflow.jobs.completed", dimensions: dimensions)
    failed = Counter(label: "bullflow.jobs.failed", dimensions: dimensions)
    retried = Counter(label: "bullflow.jobs.retried", dimensions: dimensions)
    stalled = Counter(label: "bullflow.jobs.stalled", dimensions: dimensions)
    duration = Timer(label: "bullflow.job.duration", dimensions: dimensions)
  }

  func ended(_ outcome: Outcome, after time: Duration) {
    switch outcome {
    case .completed: completed.increment()
    case .failed: failed.increment()
    case .retried: retried.increment()
    case .handedBack, .moved: return
    }
    duration.recordNanoseconds(Int64(clamping: Int(clamping: time.seconds * 1e9)))
  }

  func foundStalled(_ count: Int) { stalled.increment(by: count) }
}
