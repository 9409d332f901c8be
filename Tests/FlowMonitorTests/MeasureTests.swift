import Foundation
import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// What the readers cost on a large Redis; only where somebody names one: `BULLFLOW_MEASURE=unix:///tmp/x.sock`.
@Suite struct MeasureTests {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["BULLFLOW_MEASURE"] != nil))
  func `pages, sweep and readings of a large Redis`() async throws {
    let url = try #require(ProcessInfo.processInfo.environment["BULLFLOW_MEASURE"])
    let redis = try RedisClient(url: url)
    defer { redis.close() }
    func measure(_ name: String, _ body: () async throws -> String) async throws {
      try await redis.send(["CONFIG", "RESETSTAT"])
      let start = ContinuousClock.now
      let note = try await body()
      let wall = (ContinuousClock.now - start).seconds * 1000
      let info = try await redis.send(["INFO", "commandstats"]).string ?? ""
      var (calls, usec) = (0, 0)
      for line in info.split(whereSeparator: \.isNewline)
      where line.hasPrefix("cmdstat_") && !line.hasPrefix("cmdstat_config") {
        // What scripts call counts within them.
        let isOuter = ["evalsha", "scan", "client|list", "dbsize", "script|load"].contains {
          line.hasPrefix("cmdstat_\($0):")
        }
        guard isOuter else { continue }
        for part in line.split(separator: ":")[1].split(separator: ",") {
          if part.hasPrefix("calls=") { calls += Int(part.dropFirst(6)) ?? 0 }
          if part.hasPrefix("usec=") { usec += Int(part.dropFirst(5)) ?? 0 }
        }
      }
      print("MEASURED \(name): \(Int(wall)) ms wall, \(usec / 1000) ms of Redis, \(calls) calls \(note)")
    }
    let discovery = QueueDiscovery(redis: redis, prefix: "bull", names: [], cacheFolder: nil)
    var queues: Set<QueueKey> = []
    try await measure("discovery by scan") {
      while true {
        let step = try await discovery.step(keys: 1000)
        queues.formUnion(step.found)
        if step.progress.isComplete { return "(\(queues.count) queues)" }
      }
    }
    let index = FlowIndex(redis: redis)
    for (name, anchor) in [("first", FlowAnchor.first), ("first again", .first), ("last", .last)] {
      for order in [FlowOrder.attention, .newest] {
        try await measure("\(name) page, \(order.rawValue)") {
          let page = try await index.page(
            order: order, filter: .all, anchor: anchor, before: 50, after: 50, queues: Array(queues), problems: [])
          return "(\(page.roots.count) flows)"
        }
      }
    }
    let page = try await index.page(
      order: .attention, filter: .all, anchor: .first, before: 0, after: 50, queues: Array(queues), problems: [])
    let reader = JobReader(redis: redis)
    try await measure("50 parents") { "(\(try await reader.read(page.roots).jobs.count))" }
    let ids = try await redis.send(["LRANGE", "bull:children-0:wait", "100000", "100049"]).strings
    try await measure("50 jobs amid a long list of waiting ones") {
      let read = try await reader.read(ids.map { JobKey(queue: QueueKey(name: "children-0"), id: $0) })
      return "(\(read.jobs.values.count(where: \.isStateAssumed)) assumed)"
    }
    let sweep = AttentionSweep(redis: redis)
    try await measure("full sweep") {
      var roots: Set<JobKey> = []
      var longest = Duration.zero
      while true {
        let start = ContinuousClock.now
        let step = try await sweep.step(queues: queues.sorted())
        longest = max(longest, ContinuousClock.now - start)
        roots.formUnion(step.findings.map(\.root))
        if step.progress.isComplete { return "(\(roots.count) problems, \(step.flowCount), longest step \(longest))" }
      }
    }
  }
}
