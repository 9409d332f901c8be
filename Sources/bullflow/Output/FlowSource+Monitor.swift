import Dashboard
import FlowMonitor
import Redis

extension FlowSource {
  /// A monitor, as the dashboard uses it.
  init(_ monitor: FlowMonitor, redis: RedisClient) {
    self.init(
      pictures: monitor.pictures, run: { await monitor.run() }, look: { await monitor.look(through: $0) },
      readDetail: { try await JobDetail.read($0, from: redis) },
      explain: { try await FlowExplainer(redis: redis).explain($0) },
      enableNotifications: { try await monitor.enableNotifications() })
  }
}
