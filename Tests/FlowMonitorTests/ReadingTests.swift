import Redis
import TestSupport
import Testing

@testable import FlowMonitor
@testable import QueueClient

/// Jobs, queues and families as they are read.
@Suite struct ReadingTests {
  @Test(arguments: [
    ("connect ECONNREFUSED 10.0.0.7:6379", "connect ECONNREFUSED …"),
    ("job 3f2a91c0-1234-4abc-9def-0123456789ab failed", "job … failed"),
    ("no user \"ann\" in 'db'", "no user \"…\" in '…'"), ("it doesn't work", "it doesn't work"),
    ("commit deadbeef12 not found", "commit … not found"), ("first line\nsecond 2", "first line"),
    ("timeout after 1500ms", "timeout after …ms"), ("", ""), ("42", "…"),
    ("cannot add: bad face", "cannot add: bad face"),
  ])
  func `failures that differ in numbers, ids and quotes are alike`(reason: String, shape: String) {
    #expect(ErrorNormalizer.normalized(reason) == shape)
  }

  @Test func `a script and a pipeline read the same, whatever Redis holds`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("par", "P"), in: .waitingChildren)
      try await redis.put(job("kid", "K1"), in: .wait, parent: job("par", "P"), fields: ["opts", #"{"attempts":3}"#])
      try await redis.put(job("kid", "K2"), in: .failed, parent: job("par", "P"), fields: ["failedReason", "no paint"])
      try await redis.put(job("kid", "K3"), in: .active, parent: job("par", "P"), fields: ["progress", "64"])
      try await redis.pipeline([
        [
          "HSET", "bull:kid:K1", "data", .bytes([0x22, 0xff, 0x22]), "returnvalue",
          .bytes(.init(repeating: 49, count: 5000)),
        ],
        ["ZADD", "bull:kid:delayed", "inf", "K4"], ["HSET", "bull:kid:K4", "timestamp", "-9223372036854775808"],
        ["LPUSH", "bull:kid:K5", "no hash"], ["SET", "bull:weird:waiting-children", "no zset"],
        ["HSET", "bull:weird:W", "name", "w"],
      ])
      let keys = ["K1", "K2", "K3", "K4", "K5", "gone"].map { job("kid", $0) } + [job("par", "P"), job("weird", "W")]
      let plain = try await redis.withoutScripts()
      defer { plain.close() }
      let byScript = try await JobReader(redis: redis).read(keys)
      let byPipeline = try await JobReader(redis: plain).read(keys)
      #expect(byScript.jobs == byPipeline.jobs)
      #expect(byScript.gone == [job("kid", "gone")] && byPipeline.gone == byScript.gone)
      #expect(byScript.wrongTyped == ["bull:kid:K5", "bull:weird:waiting-children"])
      #expect(byPipeline.wrongTyped == byScript.wrongTyped)
      let parent = try #require(byScript.jobs[job("par", "P")])
      #expect(parent.state == .waitingChildren && parent.counts.unprocessed == 3)
      #expect(byScript.jobs[job("kid", "K1")]?.attempts == 3)
      #expect(byScript.jobs[job("kid", "K1")]?.returnvalue == nil)
      #expect(byScript.jobs[job("kid", "K2")]?.failedReason == "no paint")
      #expect(byScript.jobs[job("kid", "K3")]?.isWithoutLock == true)
      #expect(byScript.jobs[job("kid", "K4")]?.state == .delayed)
    }
  }

  @Test func `a job that was taken once and waits for its second try is waiting`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("q", "a"), in: .wait, fields: ["processedOn", "1795000001000", "atm", "1"])
      let read = try #require(try await JobReader(redis: redis).read([job("q", "a")]).jobs[job("q", "a")])
      #expect(read.state == .waiting && !read.isStateAssumed && !read.isWithoutLock)
    }
  }

  @Test func `in a list of many thousands both ends are looked at, and the rest is assumed to wait`() async throws {
    try await withRedis { redis, _ in
      try await redis.pipeline(
        (0..<10).map { part in
          RedisCommand("RPUSH", ["bull:q:wait"] + (part * 1000..<part * 1000 + 1000).map { "j\($0)" })
        })
      for id in ["j3", "j5000", "j9990"] { try await redis.send(["HSET", "bull:q:\(id)", "name", "n"]) }
      let read = try await JobReader(redis: redis).read(["j3", "j5000", "j9990", "none"].map { job("q", $0) })
      #expect(read.jobs.values.allSatisfy { $0.state == .waiting })
      #expect(read.jobs.filter(\.value.isStateAssumed).map(\.key.id) == ["j5000"])
      #expect(read.gone == [job("q", "none")])
    }
  }

  @Test func `the parent of a scheduled job is the one that its parent field names`() async throws {
    try await withRedis { redis, _ in
      let parent = job("cron", "repeat:daily:1795000000000")
      try await redis.put(parent, in: .waitingChildren)
      try await redis.put(job("kids", "1"), in: .wait, parent: parent)
      let read = try await JobReader(redis: redis).read([job("kids", "1"), parent])
      #expect(read.jobs[job("kids", "1")]?.parentKey == parent)
      #expect(read.jobs[parent]?.state == .waitingChildren)
    }
  }

  @Test func `markers of BullMQ 3 and 4 are no jobs`() async throws {
    try await withRedis { redis, _ in
      try await redis.send(["RPUSH", "bull:q:wait", "0:0", "a", "b"])
      try await redis.send(["RPUSH", "bull:r:wait", "0:5"])
      try await redis.send(["HSET", "bull:q:meta", "paused", "1", "concurrency", "3", "max", "5", "duration", "1000"])
      let read = try await QueueReader(redis: redis).read([QueueKey(name: "q"), QueueKey(name: "r")])
      #expect(read.map { $0.counts[.waiting] } == [2, 0])
      #expect(read[0].isPaused && read[0].concurrency == 3 && read[0].limit?.jobs == 5)
    }
  }

  @Test(arguments: [true, false]) func `a small family has its children in a steady order, their values and the sum`(
    mayRunScripts: Bool
  ) async throws {
    try await withRedis { redis, _ in
      let client = mayRunScripts ? redis : try await redis.withoutScripts()
      let parent = job("par", "P")
      try await redis.put(parent, in: .waitingChildren)
      try await redis.put(job("kid", "b"), in: .wait, parent: parent)
      try await redis.pipeline([
        ["HSET", .text(parent[.processed]), "bull:kid:c", "0.1", "bull:kid:a", "0.2"],
        ["ZADD", .text(parent[.unsuccessful]), "1", "bull:kid:d"],
        ["HSET", .text(parent[.failed]), "bull:kid:e", "why"],
      ])
      let read = try #require(try await JobReader(redis: client).read([parent]).jobs[parent])
      let family = try await FamilyReader(redis: client).read(read, known: nil, openGroups: [:]).family
      #expect(family.children.map(\.key.id) == ["a", "b", "c", "d", "e"])
      #expect(family.children.map(\.kind) == [.processed, .unprocessed, .processed, .failed, .ignored])
      #expect(family.values == [job("kid", "a"): 0.2, job("kid", "c"): 0.1])
      #expect(abs((family.sum ?? 0) - 0.3) < 1e-9)
      #expect(family.progress.isComplete)
      if !mayRunScripts { client.close() }
    }
  }

  @Test(arguments: [("c100", "c…"), ("1-2", "…-…"), ("a1b22c", "a…b…c"), ("paint", "paint"), ("", "")])
  func `a name without its numbers`(name: String, shape: String) {
    #expect(FamilyPass.shape(of: name) == shape)
  }

  @Test func `children whose names are numbered are groups by the rest of their names, once they are many`() {
    func child(_ name: String) -> FamilyInspector.Child {
      FamilyInspector.Child(key: job("kid", name), kept: nil, name: name, state: .waiting)
    }
    var pass = FamilyPass(counts: DependenciesCount(processed: 0, unprocessed: 303, ignored: 0, failed: 0))
    let names = (0..<3).map { "size-\($0)" } + (0..<300).map { "page-\($0)" }
    while let kind = pass.kind {
      let children = kind == .unprocessed ? names.map(child) : []
      pass.take(FamilyInspector.Step(children: children, next: nil), wanted: [:])
    }
    let found = pass.groups.map { "\($0.key.name ?? "-") \($0.value.count) \($0.value.members.count)" }
    #expect(found.sorted() == ["page-… 300 100", "size-… 3 3"])
  }

  @Test(arguments: [true, false]) func `a wide family is groups with exact counts, which open to the last member`(
    mayRunScripts: Bool
  ) async throws {
    try await withRedis { redis, _ in
      let client = mayRunScripts ? redis : try await redis.withoutScripts()
      let parent = job("par", "P")
      try await redis.put(parent, in: .waitingChildren)
      try await fill(redis, parent: parent)
      let reader = FamilyReader(redis: client)
      let read = try #require(try await JobReader(redis: client).read([parent]).jobs[parent])
      var state = try await reader.read(read, known: nil, openGroups: [:])
      #expect(state.family.children.isEmpty && !state.family.groups.isEmpty)
      while !state.family.progress.isComplete { state = try await reader.read(read, known: state, openGroups: [:]) }
      let groups = state.family.groups
      #expect(
        groups.map { "\($0.id.state.rawValue) \($0.id.name ?? "-") \($0.id.reason ?? "") \($0.count.value)" } == [
          "failed thumbnail ECONNRESET … 7", "unknown -  1", "waiting thumbnail  592", "completed thumbnail  600",
        ])
      #expect(!groups.contains { !$0.count.isExact })
      #expect(state.family.sum == 1200)
      let done = groups[3].id
      for wanted in stride(from: 100, through: 600, by: 100) {
        repeat {
          state = try await reader.read(read, known: state, openGroups: [done: wanted])
        } while !state.family.progress.isComplete
        #expect(state.family.groups[3].members.count == wanted)
      }
      #expect(Set(state.family.groups[3].members).count == 600)
      if !mayRunScripts { client.close() }
    }
  }

  /// 600 finished children, 592 that wait, 7 that failed alike, one that is gone.
  private func fill(_ redis: RedisClient, parent: JobKey) async throws {
    var commands: [RedisCommand] = []
    for number in 0..<1200 {
      let key = job("kid", "k\(number)")
      if number != 700 { commands.append(["HSET", .text("\(key)"), "name", "thumbnail", "timestamp", "1"]) }
      if number < 600 {
        commands.append(["HSET", .text(parent[.processed]), .text("\(key)"), "2"])
        commands.append(["ZADD", "bull:kid:completed", "1", .text(key.id)])
      } else {
        commands.append(["SADD", .text(parent[.dependencies]), .text("\(key)")])
        if number < 607 {
          commands.append(["ZADD", "bull:kid:failed", "1", .text(key.id)])
          commands.append(["HSET", .text("\(key)"), "failedReason", "ECONNRESET \(number)"])
        } else if number != 700 {
          commands.append(["RPUSH", "bull:kid:wait", .text(key.id)])
        }
      }
    }
    try await redis.pipeline(commands)
  }
}
