import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// Flows of ours worked off by real BullMQ, flows of theirs by ours, and both at once.
@Suite(.serialized) struct FleetTests {
  private let flow: JSON = [
    "name": "renovate-interior", "queueName": "renovate", "data": ["sums": true], "opts": ["jobId": "root"],
    "children": [
      ["name": "paint", "queueName": "steps", "data": ["returns": 2500], "opts": ["jobId": "c1"]],
      [
        "name": "fix", "queueName": "steps", "data": ["returns": 1750],
        "opts": ["jobId": "c2", "attempts": 2, "backoff": 10],
      ],
    ],
  ]

  @Test func `a flow of ours is worked off by real BullMQ, and read back`() async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      let tree = try await FlowProducer(connection: redis).add(FlowNode(json: flow))
      #expect(try await peer.ask("state", ["queue": "renovate", "id": "root"]) == "waiting-children")
      try await peer.ask("work", ["queue": "steps"])
      try await peer.ask("work", ["queue": "renovate"])
      #expect(try await tree.job.waitUntilFinished(timeout: .seconds(10)) == 4250)
      #expect(try await tree.job.getChildrenValues(as: Int.self).values.sorted() == [1750, 2500])
      #expect(try await peer.ask("returnvalue", ["queue": "renovate", "id": "root"]) == 4250)
      try await peer.ask("stop")
      #expect(try await ConsistencyCheck(connection: redis).run() == [])
    }
  }

  @Test func `a flow of real BullMQ is worked off, retried and removed by ours`() async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      try await peer.ask("add", ["flow": flow])
      let attempts = Locked(0)
      let steps = Worker("steps", connection: redis) { job -> JSON in
        if job.name == "fix" {
          attempts.edit { $0 += 1 }
          if attempts.value < 3 { throw CocoaError(.fileNoSuchFile) }
        }
        return try JSON(parsing: job.data)["returns"] ?? .null
      }
      let renovate = Worker("renovate", connection: redis) { job in
        try await job.getChildrenValues(as: Int.self).values.reduce(0, +)
      }
      let runs = [steps, renovate].map { worker in Task { try await worker.run() } }
      #expect(
        try await eventually { try await peer.ask("state", ["queue": "steps", "id": "c2"]) == "failed" } != nil)
      try await peer.ask("retry", ["queue": "steps", "id": "c2"])
      #expect(
        try await eventually { try await peer.ask("state", ["queue": "renovate", "id": "root"]) == "completed" } != nil)
      #expect(try await peer.ask("values", ["queue": "renovate", "id": "root"])["bull:steps:c1"] == 2500)
      #expect(try await peer.ask("returnvalue", ["queue": "renovate", "id": "root"]) == 4250)
      for worker in [steps, renovate] { await worker.close() }
      for run in runs { try await run.value }
      try await Queue("renovate", connection: redis).remove("root")
      await #expect(throws: Peer.Refusal.self) { try await peer.ask("state", ["queue": "steps", "id": "c1"]) }
    }
  }

  @Test func `two thousand flows of both, by workers of both: every parent saw every value`() async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      let total = 2000
      let producer = FlowProducer(connection: redis)
      func flow(_ number: Int) -> FlowNode {
        FlowNode(
          name: "parent", queueName: "parents", data: ["sums": true, "i": .int(number)],
          children: (0..<4).map {
            FlowNode(name: "child", queueName: "children", data: ["returns": .int(number * 10 + $0)])
          })
      }
      for first in stride(from: 0, to: total, by: 100) {
        let flows = (first..<first + 100).map(flow)
        if first / 100 % 2 == 0 {
          try await producer.addBulk(flows)
        } else {
          try await peer.ask("addBulk", ["flows": .array(flows.map(\.json))])
        }
      }
      // Whether a job is worked on twice shows where its runs are counted.
      let runs = Locked<[String: Int]>([:])
      let children = Worker(
        "children", connection: redis, configuration: WorkerConfiguration(concurrency: 10, name: "swift")
      ) { job -> JSON in
        runs.edit { $0[job.id, default: 0] += 1 }
        return try JSON(parsing: job.data)["returns"] ?? .null
      }
      let parents = Worker(
        "parents", connection: redis, configuration: WorkerConfiguration(concurrency: 10, name: "swift")
      ) { job in try await job.getChildrenValues(as: Int.self).values.reduce(0, +) }
      for queue in ["children", "parents"] {
        try await peer.ask("work", ["queue": .string(queue), "concurrency": 10, "opts": ["name": "python"]])
      }
      let work = [children, parents].map { worker in Task { try await worker.run() } }
      let took = try await eventually(within: .seconds(120)) {
        try await redis.send(["ZCARD", "bull:parents:completed"]).int == total
      }
      #expect(took != nil)
      for worker in [children, parents] { await worker.close() }
      for run in work { try await run.value }
      try await peer.ask("stop")

      #expect(try await ConsistencyCheck(connection: redis).run() == [])
      let all = try await Queue("parents", connection: redis).getJobs([.completed])
      let wrong = try all.filter { job in
        let number = try JSON(parsing: job.data)["i"]?.int ?? -1
        return job.returnvalue != "\(number * 40 + 6)"
      }
      #expect(all.count == total && wrong.isEmpty)
      let ended = try await Queue("children", connection: redis).getJobs([.completed])
      #expect(ended.count == total * 4)
      #expect(ended.allSatisfy { $0.attemptsStarted == 1 && $0.attemptsMade == 1 })
      #expect(runs.value.values.allSatisfy { $0 == 1 })
      let swift = ended.filter { $0.processedBy == "swift" }.count
      print("mixed fleet: \(swift) children by Swift, \(total * 4 - swift) by Python")
      #expect(swift > 0 && swift < total * 4)
    }
  }
}
