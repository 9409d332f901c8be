import FlowMonitor
import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// Real BullMQ makes and works flows; the monitor watches.
@Suite(.serialized) struct LiveTests {
  private let flow: JSON = [
    "name": "renovate-interior", "queueName": "renovate", "data": ["sums": true], "opts": ["jobId": "root"],
    "children": [
      ["name": "paint", "queueName": "steps", "data": ["returns": 2500, "sleeps": 0.2], "opts": ["jobId": "c1"]],
      ["name": "fix", "queueName": "steps", "data": ["returns": 1750, "sleeps": 0.4], "opts": ["jobId": "c2"]],
    ],
  ]
  private let root = JobKey(queue: QueueKey(name: "renovate"), id: "root")

  /// When what the monitor shows first fulfilled a condition.
  private actor Sightings {
    private var first: [String: ContinuousClock.Instant] = [:]
    private(set) var isReady = false

    func take(_ picture: Picture, root: JobKey) {
      if picture.discovery.isComplete, picture.status == .live { isReady = true }
      guard let job = picture.jobs[root] else { return }
      note("appeared")
      if job.counts.processed >= 1, picture.families[root]?.values.isEmpty == false { note("one child done") }
      if job.state == .completed, job.returnvalue == 4250 { note("completed") }
    }

    private func note(_ what: String) { if first[what] == nil { first[what] = .now } }
    func time(_ what: String) -> ContinuousClock.Instant? { first[what] }
  }

  @Test func `flows of real BullMQ are shown by push alone`() async throws {
    try await withRedis(options: ["--notify-keyspace-events", "AK"]) { redis, server in
      let peer = try await Peer(on: server.endpoint)
      var configuration = RedisConfiguration(endpoint: server.endpoint, clientName: "watcher")
      configuration.commandTimeout = .seconds(5)
      let watcher = RedisClient(configuration: configuration)
      defer { watcher.close() }
      let monitor = FlowMonitor(redis: watcher)
      let sightings = Sightings()
      try await withThrowingTaskGroup { group in
        group.addTask { await monitor.run() }
        group.addTask { [root] in for await picture in monitor.pictures { await sightings.take(picture, root: root) } }
        #expect(try await eventually { await sightings.isReady } != nil)
        // How fast, `bullflow-bench live` measures: here, other tests have the machine as well.
        try await peer.ask("add", ["flow": flow])
        #expect(try await eventually { await sightings.time("appeared") != nil } != nil)
        try await peer.ask("work", ["queue": "steps", "concurrency": 2])
        try await peer.ask("work", ["queue": "renovate"])
        for what in ["one child done", "completed"] {
          #expect(try await eventually { await sightings.time(what) != nil } != nil, "\(what)")
        }
        group.cancelAll()
      }
      try await peer.ask("stop")
    }
  }

  @Test(arguments: ["paint 천장 🚀", "evil\u{1B}[2J"]) func `names come over as they are`(name: String) async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      try await peer.ask(
        "add",
        [
          "flow": [
            "name": .string(name), "queueName": "q", "opts": ["jobId": "x"],
            "children": [["name": "c", "queueName": "q"]],
          ]
        ])
      let picture = try await FlowMonitor(redis: redis).picture(of: Window())
      #expect(picture.jobs[JobKey(queue: QueueKey(name: "q"), id: "x")]?.name == name)
    }
  }
}
