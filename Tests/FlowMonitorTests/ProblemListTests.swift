import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// The list of problems that people go through, and the children of wide families that they come to.
@Suite struct ProblemListTests {
  private func job(_ queue: String, _ id: String) -> JobKey { JobKey(queue: QueueKey(name: queue), id: id) }

  @Test func `each flow is one problem, however many of its parents wait, and names the way to what is to blame`()
    async throws
  {
    try await withRedis { redis, _ in
      try await FlowProducer(connection: redis).add(
        FlowNode(
          name: "year", queueName: "years", opts: ["jobId": "y"],
          children: [
            FlowNode(
              name: "month", queueName: "months", opts: ["jobId": "m"],
              children: [FlowNode(name: "entry", queueName: "ledger", opts: ["jobId": "e"])])
          ]))
      try await Queue("ledger", connection: redis).pause()
      try await watching(redis, MonitorConfiguration(notifications: .enable)) { watched in
        try await watched.expect { $0.sweep.isComplete && $0.problemCount == KnownCount(1, isExact: true) }
        let problems = await watched.last?.problems
        #expect(
          problems == [
            FlowProblem(root: job("years", "y"), chain: [job("years", "y"), job("months", "m"), job("ledger", "e")])
          ])
      }
    }
  }

  @Test func `a child of a wide family is shown by itself, as what it is, until it is none any more`() async throws {
    try await withRedis { redis, _ in
      let names = (0..<200).map { FlowNode(name: "kid", queueName: "kid", opts: ["jobId": .string("k\($0)")]) }
      try await FlowProducer(connection: redis).add(
        FlowNode(name: "wide", queueName: "par", opts: ["jobId": "p"], children: names))
      let (parent, child) = (job("par", "p"), job("kid", "k123"))
      var window = Window()
      window.revealed = [parent: child]
      try await watching(redis, MonitorConfiguration(notifications: .enable), through: window) { watched in
        try await watched.expect { picture in
          picture.families[parent]?.revealed == Family.Child(key: child, kind: .unprocessed)
            && picture.jobs[child]?.name == "kid"
            && Outline(of: picture, window: picture.window).rows.dropFirst().first?.id == .job(child)
        }
        try await Job.removeChildDependency(of: child, from: parent, connection: redis)
        try await watched.expect { $0.families[parent]?.revealed == nil && $0.families[parent]?.sought == child }
      }
    }
  }

  @Test func `the members of a group are all that are alike, and no others`() async throws {
    try await withRedis { redis, _ in
      let parent = job("par", "p")
      try await redis.put(parent, in: .waitingChildren)
      for number in 0..<700 {
        let isFailed = number.isMultiple(of: 7)
        try await redis.put(job("kid", "k\(number)"), in: isFailed ? .failed : .wait, parent: parent)
        try await redis.send(["HSET", "bull:kid:k\(number)", "name", .text(isFailed ? "bad" : "good")])
      }
      let reader = GroupReader(connection: redis)
      func members(_ id: ChildGroup.ID) async throws -> Set<JobKey> {
        Set(try await reader.members(of: GroupKey(parent: parent, group: id)))
      }
      let all = try await members(.init(kind: .unprocessed, state: .waiting, name: "good"))
      #expect(all.count == 600 && !all.contains(job("kid", "k7")))
      await #expect(throws: GroupReader.Refusal.mixed) {
        _ = try await members(.init(kind: .unprocessed, state: .waiting))
      }
    }
  }
}
