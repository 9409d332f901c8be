import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// What a monitor at work shows.
actor Watched {
  let monitor: FlowMonitor
  /// The newest picture.
  private(set) var last: Picture?

  init(_ monitor: FlowMonitor) { self.monitor = monitor }

  func collect() async { for await picture in monitor.pictures { last = picture } }
  func job(_ key: JobKey) -> FlowJob? { last?.jobs[key] }

  /// Waits until the picture fulfils a condition.
  func expect(
    within limit: Duration = .seconds(30), at location: SourceLocation = #_sourceLocation,
    _ condition: @Sendable (Picture) -> Bool
  ) async throws {
    let time = try await eventually(within: limit) { last.map(condition) ?? false }
    if time == nil {
      Issue.record(
        "not seen within \(limit): \(last.map { "\($0.status) \($0.discovery)" } ?? "nothing")",
        sourceLocation: location)
    }
  }
}

/// Watches with a monitor until the body has ended.
func watching(
  _ redis: RedisClient, _ configuration: MonitorConfiguration = MonitorConfiguration(),
  through window: Window = Window(), _ body: (Watched) async throws -> Void
) async throws {
  let monitor = FlowMonitor(redis: redis, configuration: configuration)
  await monitor.look(through: window)
  let watched = Watched(monitor)
  try await withThrowingTaskGroup { group in
    group.addTask { await monitor.run() }
    group.addTask { await watched.collect() }
    try await body(watched)
    group.cancelAll()
  }
}
