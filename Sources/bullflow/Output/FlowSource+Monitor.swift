import Dashboard
import FlowMonitor
import Foundation
import QueueClient
import Redis

extension FlowSource {
  /// A monitor, as the dashboard uses it.
  ///
  /// - Parameter audit: is told of each change.
  init(
    _ monitor: FlowMonitor, redis: RedisClient, configuration: MonitorConfiguration,
    audit: @escaping ChangeAudit
  ) {
    let runner = ActionRunner(connection: redis)
    self.init(
      pictures: monitor.pictures, run: { await monitor.run() }, look: { await monitor.look(through: $0) },
      watch: { await monitor.watch($0, tell: $1) },
      readDetail: { try await JobDetail.read($0, from: redis) },
      readPart: { try await $1.read(of: $0, by: redis) },
      explain: { try await FlowExplainer(redis: redis).explain($0) },
      members: { try await GroupReader(connection: redis).members(of: $0) },
      preview: { try await runner.preview($0) },
      change: { preview, progress in
        var outcome = await runner.perform(preview, progress: progress)
        outcome.warning = audit(outcome.record(of: preview.action.command, to: preview.action.targets.map(\.key)))
        await monitor.lookAgain(at: outcome.queues(of: preview))
        return outcome
      },
      enableNotifications: { try await monitor.enableNotifications() }, finder: JobFinder(redis, configuration),
      watchTimeline: { await TimelineReader(redis: redis).watch($0, tell: $1) })
    close = { redis.close() }
  }
}

extension JobFinder {
  /// Finds the jobs of a Redis.
  fileprivate init(_ redis: RedisClient, _ configuration: MonitorConfiguration) {
    let found = FoundJobs(redis: redis)
    self.init(
      search: { request, tell in
        let search = JobSearch(
          redis: redis, filter: request.filter, configuration: configuration, known: request.queues,
          most: request.most)
        for try await step in search { tell(step) }
      },
      read: { try await found.read($0) }, chain: { try await found.chain(to: $0) })
  }
}

extension ActionOutcome {
  /// The queues in which something may have changed.
  fileprivate func queues(of preview: ActionPreview) -> Set<QueueKey> {
    Set(preview.action.targets.map(\.queue) + subjects.compactMap { JobKey($0)?.queue })
  }
}
