import Foundation
import QueueClient
import Redis

extension FlowMonitor {
  /// Answers what a view asks, at once and then every second or two, until the task is cancelled.
  ///
  /// - Parameter tell: is told each answer.
  public nonisolated func watch(
    _ question: ViewQuestion, tell: @escaping @Sendable (ViewAnswer) -> Void
  ) async {
    if question == .events {
      return await EventFollower(redis: redis, queues: { await self.queues.keys }, tell: tell).run()
    }
    while !Task.isCancelled {
      // Who scrolls on at once has asked something else by now.
      try? await Task.sleep(for: .milliseconds(20))
      let answer = await answer(to: question)
      if Task.isCancelled { return }
      tell(answer)
      try? await Task.sleep(for: question.interval)
    }
  }

  private nonisolated func answer(to question: ViewQuestion) async -> ViewAnswer {
    do {
      let known = await queues.keys
      switch question {
      case .queues(let onScreen): return .queues(try await overview.read(known, onScreen: onScreen))
      case .jobs(let place): return .jobs(try await JobPageReader(redis: redis).read(place))
      case .workers: return .workers(try await WorkerReader(redis: redis).read(known))
      case .schedulers:
        return .schedulers(
          try await SchedulerLister(connection: redis).list(Array(known.prefix(ViewQuestion.mostQueues))))
      case .events: return .events(EventLog())
      }
    } catch {
      return .failed("\(error)", isAway: (error as? RedisError)?.isConnectionFailure ?? true)
    }
  }
}

extension ViewQuestion {
  /// How long the next answer waits.
  var interval: Duration {
    switch self {
    case .queues, .jobs, .events: .seconds(1)
    case .workers, .schedulers: .seconds(2)
    }
  }

  /// Views over all queues look at so many.
  static let mostQueues = 512
}
