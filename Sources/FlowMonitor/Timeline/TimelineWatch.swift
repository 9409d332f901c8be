import QueueClient
import Redis

/// What a look at a flow gives.
public enum TimelineAnswer: Sendable, Equatable {
  /// What was read.
  case facts(TimelineFacts)
  /// There is no such job any more.
  case gone
  /// Nothing, and why.
  case failed(String)
}

extension TimelineReader {
  /// Reads a flow again and again, until the task is cancelled: at once, and then at a pace that leaves Redis at least
  /// nineteen twentieths of its time, less often once the flow has ended.
  ///
  /// - Parameter tell: is told each answer.
  public func watch(_ job: JobKey, tell: @escaping @Sendable (TimelineAnswer) -> Void) async {
    var earlier: EarlierFlows?
    while !Task.isCancelled {
      let start = ContinuousClock.now
      var isFinished = false
      do {
        let facts = try await facts(of: job, earlier: earlier)
        earlier = facts?.earlier
        isFinished = facts?.isFinished ?? true
        if Task.isCancelled { return }
        tell(facts.map { .facts($0) } ?? .gone)
      } catch {
        if Task.isCancelled { return }
        tell(.failed("\(error)"))
      }
      let least: Duration = isFinished ? .seconds(5) : .seconds(1)
      try? await Task.sleep(for: max(least, (ContinuousClock.now - start) * 19))
    }
  }
}
