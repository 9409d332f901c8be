import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// What is read of a real Redis for a timeline.
@Suite struct TimelineReadingTests {
  private static let root = JobKey(queue: QueueKey(name: "album"), id: "r")

  private func addWide(_ redis: RedisClient, _ count: Int) async throws {
    try await FlowProducer(connection: redis).add(
      FlowNode(
        name: "album", queueName: "album", opts: ["jobId": "r"],
        children: (0..<count).map { FlowNode(name: "image", queueName: "images", opts: ["jobId": .string("i-\($0)")]) })
    )
  }

  @Test func `a flow is read from its root, whichever of its jobs is asked about`() async throws {
    try await withRedis { redis, _ in
      try await addWide(redis, 3)
      let leaf = JobKey(queue: QueueKey(name: "images"), id: "i-1")
      let facts = try await TimelineReader(redis: redis).facts(of: leaf)
      #expect(facts?.root == Self.root && facts?.job == leaf && facts?.jobs.count == 4 && facts?.isCut == false)
      #expect(try await TimelineReader(redis: redis).facts(of: leaf, below: true)?.jobs.count == 1)
      #expect(try await TimelineReader(redis: redis).facts(of: JobKey(queue: leaf.queue, id: "no")) == nil)
    }
  }

  @Test func `of a wide family so many are looked at, and the rest is counted`() async throws {
    try await withRedis { redis, _ in
      try await addWide(redis, 3000)
      let facts = try #require(try await TimelineReader(redis: redis).facts(of: Self.root))
      let family = try #require(facts.families[Self.root])
      #expect(family.isWide && family.children.count == TimelineReader.mostChildren)
      #expect(family.unread == 3000 - TimelineReader.mostChildren && facts.isCut)
      #expect(facts.jobs.count <= TimelineReader.mostJobs)
    }
  }

  @Test func `without the right to run scripts it is the same`() async throws {
    try await withRedis { redis, _ in
      try await addWide(redis, 30)
      let plain = try await redis.withoutScripts()
      defer { plain.close() }
      var ours = try #require(try await TimelineReader(redis: redis).facts(of: Self.root))
      let theirs = try #require(try await TimelineReader(redis: plain).facts(of: Self.root))
      ours.now = theirs.now
      #expect(ours.jobs == theirs.jobs && Set(ours.jobs.keys) == Set(theirs.jobs.keys))
    }
  }

  @Test func `a circle in Redis comes to an end`() async throws {
    try await withRedis { redis, _ in
      let (a, b) = (JobKey(queue: Self.root.queue, id: "a"), JobKey(queue: Self.root.queue, id: "b"))
      try await redis.put(a, in: .waitingChildren, parent: b)
      try await redis.put(b, in: .waitingChildren, parent: a)
      let facts = try #require(try await TimelineReader(redis: redis).facts(of: b))
      #expect(facts.jobs.count == 2 && Timeline(facts).rows.count == 3)
    }
  }

  @Test func `earlier flows are those of the root's name that have completed, this one not among them`() async throws {
    try await withRedis { redis, _ in
      let queue = Self.root.queue
      for number in 1...60 {
        let key = JobKey(queue: queue, id: "r-\(number)")
        let begin = 1_795_000_000_000
        try await redis.put(
          key, in: .completed, score: number, name: number % 2 == 0 ? "album" : "other",
          fields: ["processedOn", "\(begin + 100)", "finishedOn", "\(begin + 100 + number)"])
        let child = JobKey(queue: QueueKey(name: "images"), id: "c-\(number)")
        try await redis.put(
          child, in: .completed, score: number, name: "image", parent: key,
          fields: ["processedOn", "1000", "finishedOn", "\(1000 + number)"], isPending: false)
      }
      let facts = try #require(try await TimelineReader(redis: redis).facts(of: JobKey(queue: queue, id: "r-60")))
      #expect(facts.earlier.flows == 29)
      let usual = facts.earlier.steps[.init(queue: QueueKey(name: "images"), name: "image")]
      #expect(usual?.median == 30 && usual?.count == 29)
      #expect(facts.earlier.steps[.init(queue: queue, name: "album")]?.median == 30)
      #expect(facts.earlier.steps[.init(queue: queue, name: "other")] == nil)
    }
  }

  @Test func `flows that ended after one began are no earlier ones`() async throws {
    try await withRedis { redis, _ in
      for (id, added, ended) in [("one", 1000, 2000), ("two", 1500, 2500), ("it", 2400, 3000), ("late", 5000, 6000)] {
        let key = JobKey(queue: Self.root.queue, id: id)
        try await redis.put(
          key, in: .completed, score: ended, name: "album",
          fields: ["timestamp", "\(added)", "processedOn", "\(added)", "finishedOn", "\(ended)"])
      }
      let facts = try #require(
        try await TimelineReader(redis: redis).facts(of: JobKey(queue: Self.root.queue, id: "it")))
      #expect(facts.earlier.flows == 1 && facts.earlier.total == 1000)
    }
  }
}
