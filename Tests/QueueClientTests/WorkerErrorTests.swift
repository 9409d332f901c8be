import Foundation
import Logging
import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// What Redis refuses is heard: told once, asked for ever more seldom, and all goes on when it is over.
@Suite struct WorkerErrorTests {
  /// What keeps a worker from its work, and its end.
  struct Trouble: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let begin: RedisCommand
    let end: RedisCommand

    static let all = [
      Trouble(
        testDescription: "a full Redis", begin: ["CONFIG", "SET", "maxmemory", "1"],
        end: ["CONFIG", "SET", "maxmemory", "0"]),
      Trouble(
        testDescription: "a replica, which takes no writes", begin: ["REPLICAOF", "127.0.0.1", "1"],
        end: ["REPLICAOF", "NO", "ONE"]),
      Trouble(
        testDescription: "a key of a wrong type", begin: ["SET", "bull:q:prioritized", "x"],
        end: ["DEL", "bull:q:prioritized"]),
    ]
  }

  @Test(arguments: Trouble.all)
  func `an error that stays is told once and asked about seldom, and work goes on when it is over`(
    trouble: Trouble
  ) async throws {
    try await withRedis { redis, _ in
      let queue = Queue("q", connection: redis)
      let log = RecordingLog()
      try await redis.send(trouble.begin)
      let worker = Worker(
        "q", connection: redis, configuration: WorkerConfiguration(concurrency: 4), logger: log.logger
      ) { _ in }
      try await running([worker]) {
        #expect(try await eventually { !log.lines.isEmpty } != nil)
        let before = try await calls(on: redis)
        try await Task.sleep(for: .seconds(2))
        #expect(try await calls(on: redis) - before < 60)
        #expect(log.lines.count <= 3, "\(log.lines)")
        try await redis.send(trouble.end)
        try await queue.add("j")
        #expect(try await eventually { try await queue.getJobCounts()[.completed] == 1 } != nil)
        #expect(try await eventually { log.lines.contains { $0.contains("again, after") } } != nil)
        #expect(log.lines.count <= 6, "\(log.lines)")
      }
    }
  }

  @Test func `a worker without the right to be woken looks for jobs itself, and says so once`() async throws {
    try await withRedis { redis, server in
      let client = try await user(without: "bzpopmin", on: redis, server)
      defer { client.close() }
      let queue = Queue("q", connection: redis)
      let log = RecordingLog()
      let worker = Worker("q", connection: client, logger: log.logger) { _ in }
      try await running([worker]) {
        #expect(try await eventually { log.lines.contains { $0.contains("BZPOPMIN") } } != nil)
        let before = try await calls(on: redis)
        try await Task.sleep(for: .milliseconds(1500))
        #expect(try await calls(on: redis) - before < 15)
        for count in 1...2 {
          try await queue.add("j")
          #expect(try await eventually { try await queue.getJobCounts()[.completed] == count } != nil)
        }
        #expect(log.lines.count == 1, "\(log.lines)")
      }
    }
  }

  @Test func `who waits for a job without the right to read its events is told so`() async throws {
    try await withRedis { redis, server in
      let client = try await user(without: "xread", on: redis, server)
      defer { client.close() }
      try await Queue("q", connection: redis).add("j", opts: ["jobId": "a"])
      let job = try #require(try await Job.read(JobKey(queue: QueueKey(name: "q"), id: "a"), from: client))
      await #expect { _ = try await job.waitUntilFinished(timeout: .seconds(30)) } throws: {
        ($0 as? RedisError)?.isMissingRight == true
      }
      await #expect { for try await _ in QueueEvents("q", connection: client) {} } throws: {
        ($0 as? RedisError)?.isMissingRight == true
      }
    }
  }

  @Test func `who waits for a job waits through a lost connection`() async throws {
    try await withRedis { redis, _ in
      let job = try await Queue("q", connection: redis).add("j")
      let result = Task { try await job.waitUntilFinished(timeout: .seconds(20)) }
      let waits: () async throws -> Bool = {
        try await redis.send(["CLIENT", "LIST"]).string?.contains("cmd=xread") == true
      }
      #expect(try await eventually(waits) != nil)
      try await redis.send(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
      #expect(try await eventually(waits) != nil)
      try await Hand(redis).complete("q", 7)
      #expect(try await result.value == 7)
    }
  }

  @Test func `locks that cannot be renewed are told of once, and renewed when they can`() async throws {
    try await withRedis { redis, server in
      let client = try await user(without: "pexpire", on: redis, server)
      defer { client.close() }
      let queue = Queue("q", connection: redis)
      let job = try await queue.add("j")
      let log = RecordingLog()
      let mayEnd = Locked(false)
      let configuration = WorkerConfiguration(lockDuration: .seconds(8))
      let worker = Worker("q", connection: client, configuration: configuration, logger: log.logger) { _ in
        while !mayEnd.value { try await Task.sleep(for: .milliseconds(5)) }
      }
      try await running([worker]) {
        #expect(try await eventually { log.lines.contains { $0.contains("renew") } } != nil)
        try await redis.send(["ACL", "SETUSER", "worker", "+pexpire"])
        #expect(try await eventually { log.lines.contains { $0.contains("again, after") } } != nil)
        mayEnd.edit { $0 = true }
        #expect(try await eventually { try await job.getState() == .completed } != nil)
        #expect(log.lines.count == 2, "\(log.lines)")
      }
    }
  }

  // MARK: What is told

  @Test func `an error is told when it comes and when it is another, and its end once`() {
    var log = ErrorLog()
    let start = ContinuousClock.now
    let told = [
      log.failed("full", at: start), log.failed("full", at: start + .seconds(1)),
      log.failed("away", at: start + .seconds(2)), log.failed("full", at: start + .seconds(300)),
    ]
    #expect(told == [true, false, true, false])
    let ends = [log.succeeded(at: start + .seconds(301)), log.succeeded(at: start + .seconds(302))]
    #expect(ends == [4, nil])
  }

  @Test func `an error that comes and goes all the time is told of once a minute`() {
    var log = ErrorLog()
    let start = ContinuousClock.now
    var told = 0
    for second in 0..<120 {
      let now = start + .seconds(second)
      if log.failed("full", at: now) { told += 1 }
      if log.succeeded(at: now) != nil { told += 1 }
    }
    #expect(told <= 4)
  }

  // MARK: Help

  /// How many commands Redis was asked, ours to ask that apart.
  private func calls(on redis: RedisClient) async throws -> Int {
    let info = try await redis.send(["INFO", "commandstats"]).string ?? ""
    return info.split(whereSeparator: \.isNewline).filter { line in
      ["evalsha", "bzpopmin", "lrange", "get", "xread"].contains { line.hasPrefix("cmdstat_\($0):") }
    }.compactMap { line -> Int? in
      func number(_ name: String) -> Int? {
        line.split(whereSeparator: { $0 == ":" || $0 == "," }).first { $0.hasPrefix(name + "=") }
          .flatMap { Int($0.dropFirst(name.count + 1)) }
      }
      return (number("calls") ?? 0) + (number("rejected_calls") ?? 0)
    }.reduce(0, +)
  }

  private func user(
    without command: String, on redis: RedisClient, _ server: PrivateRedis
  ) async throws -> RedisClient {
    try await redis.send(["ACL", "SETUSER", "worker", "on", ">secret", "~*", "&*", "+@all", "-\(command)"])
    var endpoint = server.endpoint
    (endpoint.username, endpoint.password) = ("worker", "secret")
    return RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
  }
}

/// A log that is read by tests: what is told from warnings and notices on.
final class RecordingLog: Sendable {
  private let recorded = Locked<[String]>([])

  var lines: [String] { recorded.value }

  var logger: Logger { Logger(label: "recorded") { _ in Handler(recorded: self.recorded) } }

  private struct Handler: LogHandler {
    let recorded: Locked<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { recorded.edit { $0.append("\(event.message)") } }
  }
}
