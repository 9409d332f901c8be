import Foundation
import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// The search for jobs in a whole Redis.
@Suite struct SearchTests {
  private struct Outcome {
    var found: [FlowJob] = []
    var progress = SearchProgress()
    var steps = 0
    var keys: Set<String> { Set(found.map { "\($0.key.queue.name)/\($0.key.id)" }) }
  }

  private func search(
    _ redis: RedisClient, _ filter: String, known: [QueueKey]? = nil, most: Int = .max
  ) async throws -> Outcome {
    var outcome = Outcome()
    let search = JobSearch(
      redis: redis, filter: try JobFilter(filter), configuration: MonitorConfiguration(), known: known, most: most)
    for try await step in search {
      outcome.found += step.found
      outcome.progress = step.progress
      outcome.steps += 1
    }
    return outcome
  }

  private static let now = Int(clamping: Date().timeIntervalSince1970 * 1000)

  /// One job in each place of each of two queues, one flow, and a job that is in no place.
  private func fill(_ redis: RedisClient) async throws {
    for queue in ["mail", "print"] {
      try await redis.put(job(queue, "a"), in: .active, name: "paint")
      try await redis.put(job(queue, "w"), in: .wait, name: "paint", fields: ["data", #"{"user":{"id":7}}"#])
      try await redis.put(job(queue, "p"), in: .paused, name: "fix")
      try await redis.put(job(queue, "r"), in: .prioritized, fields: ["priority", "5"])
      try await redis.put(job(queue, "d"), in: .delayed, name: "paint")
      try await redis.put(
        job(queue, "f"), in: .failed, score: Self.now - 60_000, fields: ["failedReason", "ECONNRESET by peer"])
      try await redis.put(
        job(queue, "c"), in: .completed, score: Self.now - 7_200_000, fields: ["returnvalue", "2500"])
    }
    try await redis.put(job("mail", "root"), in: .waitingChildren, name: "album")
    try await redis.put(job("print", "kid"), in: .wait, parent: job("mail", "root"))
    try await redis.put(job("print", "lost"), in: nil)
    try await redis.send(["LPUSH", "bull:mail:wait", "0:marker", "gone"])
  }

  private static let cases: [(filter: String, keys: Set<String>)] = [
    ("w", ["mail/w", "print/w"]), ("lost", ["print/lost"]), ("id=w queue:mail", ["mail/w"]),
    ("bull:print:c", ["print/c"]),
    ("wait", []), ("meta", []), ("nowhere", []),
    ("state:failed", ["mail/f", "print/f"]), ("state:failed queue:ma*", ["mail/f"]),
    ("error~econn queue:print", ["print/f"]),
    ("name:paint", ["mail/a", "mail/w", "mail/d", "print/a", "print/w", "print/d"]),
    ("name:paint !state:active,delayed", ["mail/w", "print/w"]),
    ("state:waiting", ["mail/w", "mail/p", "print/w", "print/p", "print/kid"]),
    ("data.user.id=7 queue:print", ["print/w"]),
    ("result>2000", ["mail/c", "print/c"]), ("priority:5", ["mail/r", "print/r"]), ("parent:*:root", ["print/kid"]),
    ("state:waiting-children", ["mail/root"]), ("state:failed older:1h", []),
    ("state:failed older:30s", ["mail/f", "print/f"]),
    ("state:completed newer:1h", []), ("state:completed newer:3h older:1h", ["mail/c", "print/c"]),
    ("id:? !queue:mail state:delayed", ["print/d"]),
  ]

  @Test(arguments: cases) func `what passes is found, whatever place it is in`(
    each: (filter: String, keys: Set<String>)
  ) async throws {
    try await withRedis { redis, _ in
      try await fill(redis)
      let outcome = try await search(redis, each.filter)
      #expect(outcome.keys == each.keys)
      #expect(outcome.progress.isComplete && outcome.progress.matches == each.keys.count)
      #expect(outcome.progress.looked == outcome.progress.total)
    }
  }

  @Test func `without the right to run scripts the same is found`() async throws {
    try await withRedis { redis, _ in
      try await fill(redis)
      let plain = try await redis.withoutScripts()
      defer { plain.close() }
      for each in Self.cases {
        #expect(try await search(plain, each.filter).keys == each.keys, "\(each.filter)")
      }
    }
  }

  @Test func `many jobs are gone through in bounded pages, and more than are wanted are counted`() async throws {
    try await withRedis { redis, _ in
      try await redis.send(["HSET", "bull:q:meta", "x", "1"])
      for first in stride(from: 0, to: 5000, by: 1000) {
        try await redis.pipeline(
          (first..<first + 1000).flatMap { id -> [RedisCommand] in
            [
              ["HSET", "bull:q:\(id)", "name", "n\(id % 10)", "timestamp", "1"],
              ["ZADD", "bull:q:completed", .init(id / 100), .init(id)],
            ]
          })
      }
      let outcome = try await search(redis, "name:n3", most: 30)
      #expect(outcome.found.count == 30 && outcome.progress.matches == 500 && outcome.progress.looked == 5000)
      #expect(outcome.steps > 5)
    }
  }

  @Test func `what comes and goes before the place that was reached hides nothing behind it`() async throws {
    try await withRedis { redis, _ in
      try await redis.send(["HSET", "bull:q:meta", "x", "1"])
      for id in 0..<2000 { try await redis.put(job("q", "\(id)"), in: .failed, score: id) }
      var found: Set<String> = []
      var taken = 2000
      let filter = try JobFilter("state:failed id:*")
      let known = [QueueKey(name: "q")]
      for try await step in JobSearch(redis: redis, filter: filter, configuration: MonitorConfiguration(), known: known)
      {
        found.formUnion(step.found.map(\.key.id))
        // The newest, which were looked at before, leave; others come.
        for _ in 0..<100 {
          taken -= 1
          try await redis.send(["ZREM", "bull:q:failed", .init(taken)])
        }
        try await redis.put(job("q", "new\(taken)"), in: .failed, score: 10_000)
      }
      #expect((0..<900).allSatisfy { found.contains("\($0)") })
    }
  }

  @Test func `texts too long to be read are told, and keys of a wrong type passed over`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(
        job("q", "1"), in: .wait, fields: ["data", String(repeating: "x", count: JobPager.textLimit + 1)])
      try await redis.put(job("q", "2"), in: .wait, fields: ["data", "x"])
      try await redis.send(["SET", "bull:q:failed", "no set"])
      try await redis.send(["SET", "bull:q:3", "no job"])
      try await redis.send(["LPUSH", "bull:q:wait", "3"])
      let outcome = try await search(redis, "data~x")
      #expect(outcome.keys == ["q/2"] && outcome.progress.unread == 1 && outcome.progress.isComplete)
      #expect(try await search(redis, "3").found.isEmpty)
    }
  }

  @Test func `a search that is cancelled stops`() async throws {
    try await withRedis { redis, _ in
      for id in 0..<10 { try await redis.put(job("q", "\(id)"), in: .wait) }
      let filter = try JobFilter("state:waiting")
      let task = Task {
        var count = 0
        while !Task.isCancelled || count < 100_000 {
          for try await _ in JobSearch(redis: redis, filter: filter, configuration: MonitorConfiguration()) {
            count += 1
          }
        }
      }
      task.cancel()
      await #expect(throws: (any Error).self) { try await task.value }
    }
  }
}
