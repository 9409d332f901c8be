import Foundation
import QueueClient
import Redis
import TestSupport
import Testing

/// `bullflow tree --timeline`, as people and scripts see it.
@Suite struct TimelineCommandTests {
  private func tree(_ redis: RedisClient, _ arguments: String...) async throws -> ChildProcess.Result {
    try await ChildProcess.run(
      Places.bullflow, ["tree"] + arguments, environment: ["REDIS_URL": Peer.url(of: redis.configuration.endpoint)])
  }

  private func fill(_ redis: RedisClient) async throws {
    let children = (0..<30).map { FlowNode(name: "image", queueName: "images", opts: ["jobId": .string("i-\($0)")]) }
    try await FlowProducer(connection: redis).add(
      FlowNode(name: "album\u{1B}[2J", queueName: "albums", opts: ["jobId": "r"], children: children))
  }

  @Test func `a flow is printed as a chart, from any of its jobs, 100 columns wide`() async throws {
    try await withRedis { redis, _ in
      try await fill(redis)
      for place in [["albums", "r"], ["images", "i-3"]] {
        let result = try await tree(redis, place[0], place[1], "--timeline", "--ascii")
        #expect(result.code == 0 && result.output.contains("30 x image") && result.output.contains("waits for: album"))
        #expect(result.output.utf8.allSatisfy { $0 < 128 } && !result.output.contains("\u{1B}"))
        #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
      }
    }
  }

  @Test func `as JSON it has all spans, in milliseconds`() async throws {
    try await withRedis { redis, _ in
      try await fill(redis)
      let result = try await tree(redis, "albums", "r", "--timeline", "--json")
      let json = try JSON(parsing: result.output)
      #expect(json["root"]?.string == "bull:albums:r" && json["end"] == .null && json["isComplete"] == true)
      let jobs = try #require(json["jobs"]?.array)
      #expect(jobs.first?["critical"] == true && jobs.first?["spans"]?.array?.first?["kind"] == "waiting-children")
      #expect(jobs.contains { $0["group"]?["count"] == 30 })
      let whole = try await tree(redis, "albums", "r", "--timeline", "--json", "--max-children", "50")
      #expect(try JSON(parsing: whole.output)["jobs"]?.array?.count == 31)
    }
  }

  @Test func `it needs a job, and one that exists`() async throws {
    try await withRedis { redis, _ in
      expectLine(try await tree(redis, "--timeline"), code: 64, "--timeline shows one flow")
      expectLine(try await tree(redis, "albums", "no", "--timeline"), code: 1, "there is no job bull:albums:no")
    }
  }
}
