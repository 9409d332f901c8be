import FlowMonitor

/// Which members of jobs' data rows show, as paths (`order.id`): those for the job's name, else those for its queue, else
/// those for all. The first that is there is shown; without any path, a short first member.
public struct HintPaths: Sendable, Hashable {
  /// For all jobs that have none of their own.
  public var all: [String]
  /// By the job's name.
  public var byName: [String: [String]]
  /// By the queue's name.
  public var byQueue: [String: [String]]

  /// Paths; by default none.
  public init(all: [String] = [], byName: [String: [String]] = [:], byQueue: [String: [String]] = [:]) {
    self.all = all
    self.byName = byName
    self.byQueue = byQueue
  }

  /// The paths for a job.
  func paths(for job: FlowJob) -> [String] { byName[job.name] ?? byQueue[job.key.queue.name] ?? all }
}
