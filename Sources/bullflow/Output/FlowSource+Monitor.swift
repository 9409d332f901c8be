import Dashboard
import FlowMonitor
import QueueClient
import Redis

extension FlowSource {
  /// A monitor, as the dashboard uses it.
  ///
  /// - Parameter record: is told of each change: what, to what, and what came of it.
  init(
    _ monitor: FlowMonitor, redis: RedisClient,
    record: @escaping @Sendable (_ verb: String, _ subjects: [String], _ result: String) -> Void
  ) {
    let runner = ActionRunner(connection: redis)
    self.init(
      pictures: monitor.pictures, run: { await monitor.run() }, look: { await monitor.look(through: $0) },
      readDetail: { try await JobDetail.read($0, from: redis) },
      explain: { try await FlowExplainer(redis: redis).explain($0) },
      preview: { try await runner.preview($0) },
      change: { preview, progress in
        let outcome = await runner.perform(preview, progress: progress)
        record(preview.action.command, outcome.subjects, outcome.result(of: preview))
        await monitor.lookAgain(at: outcome.queues(of: preview))
        return outcome
      },
      enableNotifications: { try await monitor.enableNotifications() })
  }
}

extension ActionOutcome {
  /// The queues in which something may have changed.
  fileprivate func queues(of preview: ActionPreview) -> Set<QueueKey> {
    Set(preview.action.targets.map(\.queue) + subjects.compactMap { JobKey($0)?.queue })
  }

  /// What came of it, for the record.
  fileprivate func result(of preview: ActionPreview) -> String {
    if let interruption { return Failure(interruption)?.line ?? "not done" }
    return refusals.isEmpty ? "done" : "done but for \(refusals.count)"
  }
}
