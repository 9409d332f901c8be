import QueueClient

/// What a view beside the flows shows of Redis: it is read again and again for as long as somebody looks.
public enum ViewQuestion: Sendable, Hashable {
  /// All queues; those on the screen are read each time, some of the others in turn.
  case queues(onScreen: [QueueKey])
  /// One page of the jobs of a queue in one state.
  case jobs(JobPage.Place)
  /// The workers, and the jobs that they hold.
  case workers
  /// The job schedulers of all queues.
  case schedulers
  /// What happens in all queues.
  case events
}

/// What was found.
public enum ViewAnswer: Sendable, Equatable {
  /// The queues.
  case queues(QueueOverview)
  /// One page of jobs.
  case jobs(JobPage)
  /// The workers.
  case workers(WorkerList)
  /// The job schedulers.
  case schedulers(SchedulerLister.Listing)
  /// The newest events.
  case events(EventLog)
  /// Nothing, and why; whether the server is away, as against one that refuses us.
  case failed(String, isAway: Bool)
}
