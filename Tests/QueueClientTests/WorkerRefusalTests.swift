import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// A server that takes no changes is no fault of jobs: their ends are kept until it takes them, or are named at the end.
@Suite struct WorkerRefusalTests {
  /// What lets Redis refuse the ends of jobs.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let begin: RedisCommand
    let end: RedisCommand
    let word: String

    static let all = [
      Refusal(
        testDescription: "a replica", begin: ["REPLICAOF", "127.0.0.1", "1"], end: ["REPLICAOF", "NO", "ONE"],
        word: "READONLY"),
      Refusal(
        testDescription: "too few replicas", begin: ["CONFIG", "SET", "min-replicas-to-write", "1"],
        end: ["CONFIG", "SET", "min-replicas-to-write", "0"], word: "NOREPLICAS"),
      Refusal(
        testDescription: "a user who may not end jobs", begin: ["ACL", "SETUSER", "worker", "-zadd"],
        end: ["ACL", "SETUSER", "worker", "+zadd"], word: "NOPERM"),
      Refusal(
        testDescription: "a user who may not run scripts", begin: ["ACL", "SETUSER", "worker", "-evalsha"],
        end: ["ACL", "SETUSER", "worker", "+evalsha"], word: "NOPERM"),
    ]
  }

  /// A job that is in hand while Redis begins to refuse, and ends then.
  private func withRefusedEnd(
    _ refusal: Refusal,
    _ body: (Worker, Task<Void, any Error>, Queue, RecordingLog, Locked<Int>) async throws -> Void
  ) async throws {
    try await withRedis { redis, server in
      let client = try await user("+@all", on: redis, server)
      defer { client.close() }
      let queue = Queue("q", connection: redis)
      try await queue.add("j", opts: ["jobId": "p1", "attempts": 2])
      let (log, runs, mayEnd) = (RecordingLog(), Locked(0), Locked(false))
      let worker = Worker("q", connection: client, logger: log.logger) { _ in
        runs.edit { $0 += 1 }
        while !mayEnd.value { try await Task.sleep(for: .milliseconds(5)) }
      }
      let run = Task { try await worker.run() }
      #expect(try await eventually { runs.value == 1 } != nil)
      try await redis.send(refusal.begin)
      mayEnd.edit { $0 = true }
      #expect(try await eventually { log.lines.contains { $0.contains(refusal.word) } } != nil)
      try await body(worker, run, queue, log, runs)
    }
  }

  @Test(arguments: Refusal.all)
  func `an end that Redis refuses is kept, and told when it takes changes again`(refusal: Refusal) async throws {
    try await withRefusedEnd(refusal) { worker, run, queue, log, runs in
      try await Task.sleep(for: .milliseconds(300))
      #expect(log.lines.filter { $0.contains("cannot take or end jobs") }.count == 1, "\(log.lines)")
      #expect(!log.lines.contains { $0.contains("could not be ended") || $0.contains("again, after") }, "\(log.lines)")
      try await queue.redis.send(refusal.end)
      #expect(try await eventually { try await queue.getJobCounts()[.completed] == 1 } != nil)
      #expect(runs.value == 1)
      await worker.close(within: .zero)
      try await run.value
      #expect(try await ConsistencyCheck(connection: queue.redis).run() == [])
    }
  }

  @Test(arguments: Refusal.all)
  func `a worker that ends while Redis refuses names the job whose end is not recorded`(
    refusal: Refusal
  ) async throws {
    try await withRefusedEnd(refusal) { worker, run, _, log, _ in
      await worker.close(within: .zero)
      let left = await #expect(throws: UnrecordedJobs.self) { try await run.value }
      #expect(left?.ended.map(\.id) == ["p1"])
      #expect(left?.description.contains("takes no changes") == true)
      #expect(!log.lines.contains { $0.contains("could not be ended") || $0.contains("again, after") }, "\(log.lines)")
    }
  }

  @Test(arguments: ["set", "hset", "xadd"], [0, 3])
  func `a user who may not take jobs loses none of them`(command: String, priority: Int) async throws {
    try await withRedis { redis, server in
      let client = try await user("-\(command)", on: redis, server)
      defer { client.close() }
      let queue = Queue("q", connection: redis)
      try await queue.addBulk(
        (0..<3).map { .init("j", opts: ["jobId": .string("j\($0)"), "priority": .int(priority)]) })
      let log = RecordingLog()
      let worker = Worker("q", connection: client, logger: log.logger) { _ in }
      try await running([worker]) {
        #expect(try await eventually { log.lines.contains { $0.contains("NOPERM") } } != nil)
        let counts = try await queue.getJobCounts()
        #expect((counts[.waiting] ?? 0) + (counts[.prioritized] ?? 0) == 3, "\(counts)")
        try await redis.send(["ACL", "SETUSER", "worker", "+\(command)"])
        #expect(try await eventually { try await queue.getJobCounts()[.completed] == 3 } != nil)
      }
      #expect(try await ConsistencyCheck(connection: redis).run() == [])
    }
  }

  @Test(arguments: ["-script", "-client"])
  func `a worker does without the rights to load scripts and to name itself, and says the latter once`(
    right: String
  ) async throws {
    try await withRedis { redis, server in
      let client = try await user(right, on: redis, server)
      defer { client.close() }
      let queue = Queue("q", connection: redis)
      try await queue.addBulk((0..<20).map { .init("j\($0)") })
      let log = RecordingLog()
      let worker = Worker("q", connection: client, logger: log.logger) { _ in }
      try await running([worker]) {
        let took = try? await eventually { try await queue.getJobCounts()[.completed] == 20 }
        #expect(took != nil)
      }
      let isNameless = right == "-client"
      #expect(log.lines.count == (isNameless ? 1 : 0), "\(log.lines)")
      #expect(log.lines.allSatisfy { $0.contains("cannot name its connection") && $0.contains("NOPERM") })
    }
  }

  @Test func `a job that ends while the renewal of its lock is on its way is not called lost`() async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      try await queue.add("j")
      let (log, runs, mayEnd) = (RecordingLog(), Locked(0), Locked(false))
      let configuration = WorkerConfiguration(lockDuration: .seconds(6), stalledInterval: nil)
      let worker = Worker("q", connection: redis, configuration: configuration, logger: log.logger) { _ in
        runs.edit { $0 += 1 }
        while !mayEnd.value { try await Task.sleep(for: .milliseconds(5)) }
      }
      try await running([worker]) {
        #expect(try await eventually { runs.value == 1 } != nil)
        // The first renewal, after 3 s, loads its script first: the job's end overtakes it meanwhile.
        try await redis.send(["CLIENT", "PAUSE", "3800"])
        try await Task.sleep(for: .milliseconds(3300))
        mayEnd.edit { $0 = true }
        #expect(try await eventually { try await queue.getJobCounts()[.completed] == 1 } != nil)
        try await Task.sleep(for: .milliseconds(200))
      }
      #expect(!log.lines.contains { $0.contains("lost") }, "\(log.lines)")
    }
  }

  private func user(_ rights: String, on redis: RedisClient, _ server: PrivateRedis) async throws -> RedisClient {
    try await redis.send(["ACL", "SETUSER", "worker", "on", ">secret", "~*", "&*", "+@all", .text(rights)])
    var endpoint = server.endpoint
    (endpoint.username, endpoint.password) = ("worker", "secret")
    return RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
  }
}
