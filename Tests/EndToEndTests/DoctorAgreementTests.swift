import FlowMonitor
import QueueClient
import Redis
import TestSupport
import Testing

/// The doctor says of every flow what `explain` says of it: the same causes, at the same jobs, by the same way.
@Suite struct DoctorAgreementTests {
  /// A root `root/r` that waits for `mid/m`, which waits for `leaf/l`, and what is different.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var code: CauseCode
    /// The job that is explained, and the one that the cause lies with.
    var root = "bull:root:r"
    var culprit = "bull:leaf:l"
    var depth = 3
    /// The sentence, where it matters how it is said.
    var sentence: String?
    var commands: [String]
  }

  private static let tree = [
    "HSET bull:root:meta opts.maxLenEvents 10000", "HSET bull:mid:meta opts.maxLenEvents 10000",
    "HSET bull:leaf:meta opts.maxLenEvents 10000",
    "HSET bull:root:r name root data {} opts {} timestamp 1795000000000", "ZADD bull:root:waiting-children 1 r",
    "SADD bull:root:r:dependencies bull:mid:m",
    "HSET bull:mid:m name mid data {} opts {} timestamp 1795000000000 parentKey bull:root:r"
      + " parent {\"id\":\"r\",\"queueKey\":\"bull:root\"}",
    "ZADD bull:mid:waiting-children 1 m", "SADD bull:mid:m:dependencies bull:leaf:l",
    "HSET bull:leaf:l name leaf data {} opts {} timestamp 1795000000000 failedReason 503 parentKey bull:mid:m"
      + " parent {\"id\":\"m\",\"queueKey\":\"bull:mid\"}",
  ]

  static let cases: [Case] = [
    Case(
      testDescription: "a failed child below", code: .failedChild,
      sentence: "mid waits for leaf, which failed for good: 503", commands: ["ZADD bull:leaf:failed 1 l"]),
    Case(
      testDescription: "a child that is gone", code: .missingChild,
      sentence: "mid waits for leaf/l, which does not exist", commands: ["DEL bull:leaf:l"]),
    Case(
      testDescription: "a child that is no job's key", code: .missingChild, culprit: "junk",
      sentence: "mid waits for 'junk', which is no job's key",
      commands: ["SADD bull:mid:m:dependencies junk", "RPUSH bull:leaf:wait l"]),
    Case(
      testDescription: "a completed child", code: .completedStillPending, commands: ["ZADD bull:leaf:completed 1 l"]),
    Case(
      testDescription: "nothing to wait for", code: .waitsForNothing, culprit: "bull:mid:m", depth: 2,
      commands: ["DEL bull:mid:m:dependencies bull:leaf:l"]),
    Case(
      testDescription: "a child that tells another parent", code: .waitsForNothing, culprit: "bull:mid:m", depth: 2,
      commands: [
        "RPUSH bull:leaf:wait l",
        "HSET bull:leaf:l parentKey bull:mid:n parent {\"id\":\"n\",\"queueKey\":\"bull:mid\"}",
      ]),
    Case(
      testDescription: "a failed root, through a chain", code: .failed,
      sentence: "it failed through leaf: 503",
      commands: [
        "ZREM bull:root:waiting-children r", "ZADD bull:root:failed 1 r", "DEL bull:root:r:dependencies",
        "HSET bull:root:r failedReason child-failed", "ZADD bull:root:r:unsuccessful 1 bull:mid:m",
        "ZREM bull:mid:waiting-children m", "ZADD bull:mid:failed 1 m", "DEL bull:mid:m:dependencies",
        "ZADD bull:mid:m:unsuccessful 1 bull:leaf:l", "ZADD bull:leaf:failed 1 l",
      ]),
    Case(
      testDescription: "a circle that names no parents", code: .circle, culprit: "bull:root:r", depth: 4,
      commands: ["SADD bull:leaf:l:dependencies bull:root:r", "ZADD bull:leaf:waiting-children 1 l"]),
    Case(
      testDescription: "a circle of parents", code: .circle, root: "bull:leaf:l", culprit: "bull:leaf:l", depth: 4,
      commands: [
        "SADD bull:leaf:l:dependencies bull:root:r", "ZADD bull:leaf:waiting-children 1 l",
        "HSET bull:root:r parentKey bull:leaf:l parent {\"id\":\"l\",\"queueKey\":\"bull:leaf\"}",
      ]),
    Case(
      testDescription: "a root that is gone", code: .missingParent, culprit: "bull:root:r", depth: 1,
      commands: ["DEL bull:root:r", "RPUSH bull:leaf:wait l"]),
    Case(
      testDescription: "a parent that is gone, and not waiting", code: .missingParent, root: "bull:mid:m",
      culprit: "bull:mid:m", depth: 1,
      commands: ["DEL bull:root:r", "ZREM bull:root:waiting-children r", "RPUSH bull:leaf:wait l"]),
    Case(testDescription: "a job in no list", code: .lostJob, commands: []),
    Case(
      testDescription: "a root in no list", code: .lostJob, culprit: "bull:root:r", depth: 1,
      commands: ["ZREM bull:root:waiting-children r", "RPUSH bull:leaf:wait l"]),
    Case(
      testDescription: "a job in two sets", code: .twoPlaces,
      commands: ["ZADD bull:leaf:delayed 7352320000000000 l", "ZADD bull:leaf:prioritized 1 l"]),
    Case(
      testDescription: "a job in a set and a list", code: .twoPlaces,
      commands: ["ZADD bull:leaf:delayed 7352320000000000 l", "RPUSH bull:leaf:wait l"]),
    Case(
      testDescription: "a job in two lists", code: .twoPlaces,
      commands: ["RPUSH bull:leaf:wait l", "RPUSH bull:leaf:active l"]),
    Case(
      testDescription: "an active job with a lock, and no worker", code: .stalled,
      commands: ["RPUSH bull:leaf:active l", "SET bull:leaf:l:lock token PX 600000"]),
    Case(testDescription: "no worker", code: .noWorker, commands: ["RPUSH bull:leaf:wait l"]),
    Case(
      testDescription: "an overdue delayed job, and no worker", code: .noWorker,
      commands: ["ZADD bull:leaf:delayed 4096000 l"]),
    Case(
      testDescription: "a paused queue", code: .queuePaused,
      commands: ["RPUSH bull:leaf:wait l", "HSET bull:leaf:meta paused 1"]),
    Case(
      testDescription: "a failed child in another prefix, below a parent there", code: .failedChild,
      culprit: "other:leaf:l", depth: 3,
      commands: [
        "SREM bull:root:r:dependencies bull:mid:m", "SADD bull:root:r:dependencies other:mid:m",
        "DEL bull:mid:m bull:mid:waiting-children bull:mid:m:dependencies bull:leaf:l",
        "HSET other:mid:meta opts.maxLenEvents 10000", "HSET other:leaf:meta opts.maxLenEvents 10000",
        "HSET other:mid:m name mid data {} opts {} timestamp 1795000000000 parentKey bull:root:r"
          + " parent {\"id\":\"r\",\"queueKey\":\"bull:root\"}",
        "ZADD other:mid:waiting-children 1 m", "SADD other:mid:m:dependencies other:leaf:l",
        "HSET other:leaf:l name leaf data {} opts {} timestamp 1795000000000 failedReason 503 parentKey other:mid:m"
          + " parent {\"id\":\"m\",\"queueKey\":\"other:mid\"}",
        "ZADD other:leaf:failed 1 l",
      ]),
  ]

  private static func run(_ lines: [String], _ redis: RedisClient) async throws {
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      try await redis.send(RedisCommand(words[0], Array(words.dropFirst())))
    }
  }

  private static func told(_ redis: RedisClient, _ url: String, root: String) async throws -> (
    explain: JSON, doctor: JSON, code: Int32
  ) {
    let parts = root.split(separator: ":").map(String.init)
    let explain = try await ChildProcess.run(Places.bullflow, ["explain", parts[1], parts[2], "--json", "--url", url])
    let doctor = try await ChildProcess.run(Places.bullflow, ["doctor", "--json", "--url", url])
    return (try JSON(parsing: explain.output), try JSON(parsing: doctor.output), doctor.code)
  }

  @Test(arguments: cases) func `what explain says of a flow, the doctor finds`(example: Case) async throws {
    try await withRedis { redis, server in
      try await Self.run(Self.tree + example.commands, redis)
      let (explain, doctor, code) = try await Self.told(redis, Peer.url(of: server.endpoint), root: example.root)
      let cause = explain["causes"]?.array?.first { $0["code"]?.string == example.code.rawValue }
      #expect(cause?["job"]?.string == example.culprit, "\(explain.text)")
      #expect(cause?["chain"]?.array?.count == example.depth, "\(explain.text)")
      #expect(code == 1 && doctor["causes"]?[example.code.rawValue]?.int ?? 0 > 0, "\(doctor.text)")
      // A queue's plight is told once, with the queue.
      let findings = doctor["findings"]?.array?.filter { $0["code"] != nil } ?? []
      let same = findings.first { $0["code"]?.string == example.code.rawValue }
      #expect(same?["job"]?.string == example.culprit, "\(doctor.text)")
      if !example.code.isOfQueue { #expect(same?["chain"] == cause?["chain"], "\(doctor.text)") }
      if let sentence = example.sentence {
        #expect(same?["words"]?.string?.hasPrefix(sentence) == true, "\(doctor.text)")
      }
      // And nothing that explain does not say.
      let codes = Set((explain["causes"]?.array ?? []).compactMap { $0["code"]?.string })
      let others = findings.compactMap { $0["code"]?.string }.filter {
        !codes.contains($0) && CauseCode(rawValue: $0)?.isOfQueue != true
      }
      #expect(others.isEmpty, "\(doctor.text)\(explain.text)")
      let problems = try #require(doctor["problems"]?.int)
      try await Self.expect(problems: problems, of: redis)
    }
  }

  /// Waits until the dashboard's header tells that number of problems, and that these are all.
  private static func expect(problems: Int, of redis: RedisClient) async throws {
    let monitor = FlowMonitor(redis: redis)
    try await withThrowingTaskGroup(of: KnownCount?.self) { group in
      group.addTask {
        await monitor.run()
        return nil
      }
      group.addTask {
        var last: KnownCount?
        for await picture in monitor.pictures {
          last = picture.problemCount
          if picture.problemCount == KnownCount(problems, isExact: true) { break }
        }
        return last
      }
      group.addTask {
        try await Task.sleep(for: .seconds(30))
        return nil
      }
      let last = try await group.next() ?? nil
      #expect(last == KnownCount(problems, isExact: true))
      group.cancelAll()
    }
  }

  @Test func `every cause that needs somebody is among these, but for the lost marker, which takes a while`() {
    let told = Set(Self.cases.map(\.code))
    #expect(Set(CauseCode.allCases.filter(\.needsPerson)).subtracting(told) == [.lostMarker])
  }

  @Test func `all causes of one flow are counted`() async throws {
    try await withRedis { redis, server in
      try await Self.run(
        Self.tree + [
          "ZADD bull:leaf:failed 1 l", "SADD bull:mid:m:dependencies bull:leaf:nobody",
          "SADD bull:root:r:dependencies bull:leaf:done", "HSET bull:leaf:done name done parentKey bull:root:r",
          "ZADD bull:leaf:completed 1 done",
        ], redis)
      let (_, doctor, _) = try await Self.told(redis, Peer.url(of: server.endpoint), root: "bull:root:r")
      for code in ["failed-child", "missing-child", "completed-still-pending"] {
        #expect(doctor["causes"]?[code]?.int == 1, "\(doctor.text)")
      }
    }
  }

  @Test
  func `a job whose marker is lost, beside a worker that looks again and again and takes nothing, is told every time`()
    async throws
  {
    try await withRedis { redis, server in
      try await Self.run(Self.tree + ["RPUSH bull:leaf:wait l"], redis)
      let sleeper = try await redis.dedicatedConnection(name: "bull:leaf")
      defer { sleeper.close() }
      let sleep = Task {
        while !Task.isCancelled {
          _ = try await sleeper.send(["BZPOPMIN", "bull:leaf:marker", "1"], timeout: .seconds(60))
        }
      }
      defer { sleep.cancel() }
      // Its newest event is long ago.
      try await redis.send(["XADD", "bull:leaf:events", "1795000000000-0", "event", "waiting", "jobId", "l"])
      for _ in 0..<2 {
        let (explain, doctor, code) = try await Self.told(redis, Peer.url(of: server.endpoint), root: "bull:root:r")
        #expect(explain["causes"]?.array?.first?["code"] == "lost-marker", "\(explain.text)")
        #expect(doctor["causes"]?["lost-marker"]?.int == 1 && code == 1, "\(doctor.text)")
      }
    }
  }
}
