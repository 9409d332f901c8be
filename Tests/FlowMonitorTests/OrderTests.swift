import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// The orders that more is needed for than a sorted set.
@Suite struct OrderTests {
  private let queue = QueueKey(name: "par")

  /// Parents that wait for one child each, which waits.
  private func fill(_ redis: RedisClient, names: [String]) async throws {
    for (index, name) in names.enumerated() {
      let parent = job("par", "p\(index)")
      try await redis.put(parent, in: .waitingChildren, score: 1000 + index, name: name)
      try await redis.put(job("kid", "k\(index)"), in: .wait, parent: parent)
    }
  }

  @Test func `by name, flows stand in the order of their names, wherever the list stands, and stay all listed`()
    async throws
  {
    try await withRedis { redis, _ in
      let names = (0..<60).map { "Flow \(($0 * 7) % 60 + 100)" } + ["aster", "Zebra"]
      try await fill(redis, names: names)
      var contents = WindowContents()
      contents.window.order = .name
      contents.window.height = 5
      contents.window.anchor = .flow(job("par", "p3"))
      let reader = WindowReader(redis: redis)
      try await reader.readPage(of: &contents, queues: [queue], problems: [])
      _ = try await reader.fill(&contents)
      contents.trim()
      let expected = names.sorted { $0.lowercased() < $1.lowercased() }
      #expect(contents.page.roots.map { names[Int($0.id.dropFirst()) ?? 0] } == expected)
      #expect(contents.page.isFirst && contents.page.isLast)
      #expect(contents.jobs.count < 40)
      // Scrolling asks for no other page.
      var other = contents.window
      other.anchor = .last
      #expect(contents.shows(other))
    }
  }

  @Test(arguments: [FlowFilter.all, .state(.waitingChildren)])
  func `of the flows in a state, too, those that need somebody come first`(filter: FlowFilter) async throws {
    try await withRedis { redis, _ in
      try await fill(redis, names: ["a", "b", "c"])
      try await redis.put(job("par", "broke"), in: .failed)
      try await redis.send(["SADD", .text(job("par", "broke")[.dependencies]), "bull:kid:gone"])
      let page = try await FlowIndex(redis: redis).page(
        order: .attention, filter: filter, anchor: .first, before: 0, after: 10, queues: [queue],
        problems: [job("par", "p2"), job("par", "broke")])
      #expect(page.roots.map(\.id) == (filter == .all ? ["p2", "broke", "p0", "p1"] : ["p2", "p0", "p1"]))
    }
  }

  @Test(arguments: [FlowFilter.all, .state(.waitingChildren)])
  func `what is seen to become stuck rises`(filter: FlowFilter) async throws {
    try await withRedis { redis, _ in
      try await fill(redis, names: ["a", "b", "c"])
      let monitor = FlowMonitor(
        redis: redis, configuration: MonitorConfiguration(queueNames: ["par", "kid"], notifications: .enable))
      var window = Window()
      window.filter = filter
      await monitor.look(through: window)
      try await withThrowingTaskGroup { group in
        group.addTask { await monitor.run() }
        let reader = Task {
          var isBroken = false
          for await picture in monitor.pictures {
            let first = picture.flows.roots.first?.id
            if first == "p0", picture.jobs[job("kid", "k2")]?.state == .waiting, !isBroken {
              isBroken = true
              try await redis.pipeline([
                ["LREM", "bull:kid:wait", "0", "k2"], ["ZADD", "bull:kid:failed", "5", "k2"],
                ["HSET", "bull:kid:k2", "failedReason", "no more"],
              ])
            }
            if isBroken, first == "p2" { return true }
          }
          return false
        }
        let time = try await eventually { await monitor.listedProblems.first?.id == "p2" }
        #expect(time != nil)
        #expect(try await reader.value)
        group.cancelAll()
      }
    }
  }

  @Test func `while the children of a kind are still gone through, nothing is counted that was not met`() async throws {
    try await withRedis { redis, _ in
      let parent = job("par", "P")
      try await redis.put(parent, in: .waitingChildren)
      for first in stride(from: 0, to: 1000, by: 500) {
        try await redis.pipeline(
          (first..<first + 500).flatMap { number -> [RedisCommand] in
            [
              ["HSET", .text("bull:kid:\(number)"), "name", "thumbnail"],
              ["HSET", .text(parent[.processed]), .text("bull:kid:\(number)"), "1"],
            ]
          })
      }
      let reader = FamilyReader(redis: redis)
      let read = try #require(try await JobReader(redis: redis).read([parent]).jobs[parent])
      let group = ChildGroup.ID(kind: .processed, state: .completed, name: "thumbnail")
      var state: FamilyState?
      repeat {
        state = try await reader.read(read, known: state, openGroups: [group: 50])
      } while state?.family.groups.count != 2
      let groups = try #require(state?.family.groups)
      #expect(groups.map(\.id.name) == ["thumbnail", nil])
      #expect(groups.map(\.count.isExact) == [false, true])
      #expect(groups.reduce(0) { $0 + $1.count.value } == 1000)
      repeat {
        state = try await reader.read(read, known: state, openGroups: [group: 50])
      } while state?.family.progress.isComplete == false
      let whole = try #require(state?.family.groups.first)
      #expect(whole.count == KnownCount(1000, isExact: true))
      #expect(whole.members.count == 50 && whole.last.count == FamilyState.lastShown)
      #expect(Set(whole.members).isDisjoint(with: whole.last))
      #expect(whole.position(of: whole.last[49]) == 1000)
    }
  }

  @Test(arguments: [true, false]) func `of what is too long to hold, the size is known`(mayRunScripts: Bool)
    async throws
  {
    try await withRedis { redis, _ in
      let client = mayRunScripts ? redis : try await redis.withoutScripts()
      let (long, short) = (job("kid", "long"), job("kid", "short"))
      let text = "\"\(String(repeating: "x", count: 100_000))\""
      try await redis.put(long, in: .completed, fields: ["returnvalue", text])
      try await redis.put(short, in: .completed, fields: ["returnvalue", "1"])
      let jobs = try await JobReader(redis: client).read([long, short]).jobs
      #expect(jobs[long]?.longReturnvalue == 100_002 && jobs[long]?.returnvalue == nil)
      #expect(jobs[short]?.longReturnvalue == nil && jobs[short]?.returnvalue == 1)
      if !mayRunScripts { client.close() }
    }
  }

  @Test func `a sum of many fractions is right`() {
    var sum = CompensatedSum()
    for _ in 0..<100_000 { sum.add(0.1) }
    #expect(sum.value == 10_000)
  }
}
