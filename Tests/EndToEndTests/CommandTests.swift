import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// The program without a terminal: what it prints, and the codes it ends with.
@Suite struct CommandTests {
  private func bullflow(_ arguments: String..., environment: [String: String] = [:]) async throws -> ChildProcess.Result
  {
    try await ChildProcess.run(Places.bullflow, arguments, environment: environment)
  }

  private let flow = FlowNode(
    name: "renovate-interior", queueName: "renovate", opts: ["jobId": "root"],
    children: [FlowNode(name: "paint", queueName: "steps", opts: ["jobId": "c1"])]
  )

  @Test func `a Redis that is not there: code 2, and one line that says what to do`() async throws {
    let port = try PrivateRedis.freePort()
    for command in ["tree", "snapshot", "doctor"] {
      let result = try await bullflow(command, "--url", "redis://127.0.0.1:\(port)")
      expectLine(result, code: 2, "127.0.0.1:\(port)", "--url")
    }
  }

  @Test func `a bad URL is a usage error`() async throws {
    expectLine(try await bullflow("tree", "--url", "http://localhost"), code: 64, "redis://")
    expectLine(try await bullflow("tree", environment: ["REDIS_URL": "nonsense"]), code: 64, "redis://")
  }

  @Test func `a refused password: code 2, and nothing secret is shown`() async throws {
    try await withRedis(options: ["--requirepass", "s3cret"]) { _, server in
      let url = Peer.url(of: server.endpoint)
      expectLine(try await bullflow("tree", "--url", url), code: 2, "password")
      let wrong = try await bullflow("tree", "--url", url, environment: ["REDIS_PASSWORD": "wr0ng"])
      expectLine(wrong, code: 2, "wrong user or password")
      #expect(!wrong.errors.contains("wr0ng"))
      #expect(try await bullflow("tree", "--url", url, environment: ["REDIS_PASSWORD": "s3cret"]).code == 0)
    }
  }

  @Test func `without a terminal the dashboard says what to use instead`() async throws {
    try await withRedis { _, server in
      expectLine(try await bullflow("--url", Peer.url(of: server.endpoint)), code: 1, "snapshot")
    }
  }

  @Test func `unknown options and commands are usage errors`() async throws {
    #expect(try await bullflow("--nonsense").code == 64)
    #expect(try await bullflow("tree", "queue-without-id").code == 64)
  }

  @Test func `a settings file that cannot be used is bad input, with the reason`() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString).toml")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data("colour = \"red\"\n".utf8).write(to: file)
    expectLine(try await bullflow("tree", "--config", file.path), code: 65, "colour", "theme")
  }

  @Test func `from any job the tree climbs to the root, and a parent that is gone is told`() async throws {
    try await withRedis { redis, server in
      try await FlowProducer(connection: redis).add(flow)
      let url = Peer.url(of: server.endpoint)
      let climbed = try await bullflow("tree", "steps", "c1", "--url", url)
      #expect(climbed.output.contains("renovate-interior") && climbed.output.contains("paint"))
      let below = try await bullflow("tree", "steps", "c1", "--below", "--url", url)
      #expect(!below.output.contains("renovate-interior") && !below.output.contains("is gone"))
      try await redis.send(["DEL", "bull:renovate:root"])
      let orphan = try await bullflow("tree", "steps", "c1", "--url", url)
      #expect(orphan.output.contains("its parent renovate/root is gone"))
      let json = try JSON(parsing: try await bullflow("tree", "steps", "c1", "--json", "--url", url).output)
      #expect(json["missingParent"] == "bull:renovate:root")
    }
  }

  @Test func `the tree is printed as text and as JSON`() async throws {
    try await withRedis { redis, server in
      try await FlowProducer(connection: redis).add(flow)
      let url = Peer.url(of: server.endpoint)
      let text = try await bullflow("tree", "--url", url)
      #expect(text.code == 0)
      #expect(text.output.contains("renovate-interior") && text.output.contains("└─ · paint"))
      let json = try JSON(parsing: try await bullflow("tree", "renovate", "root", "--json", "--url", url).output)
      #expect(json["state"] == "waiting-children")
      #expect(json["dependencies"]?["unprocessed"] == 1)
      #expect(json["children"]?.array?.first?["key"] == "bull:steps:c1")
      expectLine(try await bullflow("tree", "renovate", "nobody", "--url", url), code: 1, "bull:renovate:nobody")
    }
  }

  @Test func `a snapshot is one picture of the size asked for`() async throws {
    try await withRedis { redis, server in
      try await FlowProducer(connection: redis).add(flow)
      let result = try await bullflow(
        "snapshot", "--url", Peer.url(of: server.endpoint), "--width", "80", "--height", "10", "--ascii")
      #expect(result.code == 0)
      #expect(result.output.split(separator: "\n", omittingEmptySubsequences: false).count == 11)
      #expect(result.output.contains("o renovate-interior"))
      #expect(result.output.allSatisfy { $0.isASCII })
    }
  }

  @Test func `the doctor names what is wrong, each with the mend`() async throws {
    try await withRedis(options: ["--maxmemory-policy", "allkeys-lru"]) { redis, server in
      try await FlowProducer(connection: redis).add(flow)
      let worker = Worker("steps", connection: redis) { _ in throw UnrecoverableError("no paint left") }
      try await withThrowingTaskGroup { group in
        group.addTask { try await worker.run() }
        _ = try await eventually { try await redis.send(["ZCARD", "bull:steps:failed"]).int == 1 }
        group.cancelAll()
      }
      let result = try await bullflow("doctor", "--url", Peer.url(of: server.endpoint))
      #expect(result.code == 1)
      let lines = result.output.split(separator: "\n")
      #expect(lines.contains { $0.hasPrefix("fail eviction") && $0.contains("noeviction") })
      #expect(lines.contains { $0.hasPrefix("warn notifications") })
      #expect(
        lines.contains {
          $0.contains("bull:renovate:root") && $0.contains("bull:steps:c1") && $0.contains("no paint left")
        })
    }
  }

  @Test func `the demo without a terminal runs both flows to their end`() async throws {
    let result = try await bullflow("demo", "--speed", "20")
    #expect(result.code == 0)
    #expect(result.output.contains("waiting-children  0 of 3 done"))
    #expect(result.output.contains("completed  3 of 3 done  = {\"total\":5150}"))
    #expect(result.output.contains("completed  1 of 1 done  = \"engine ready\""))
    #expect(result.output.hasSuffix("all flows have ended\n"))
  }

  @Test func `a reader that goes away ends the program quietly`() async throws {
    let result = try await ChildProcess.run(
      "/bin/sh", ["-c", "\(Places.bullflow) demo --speed 20 | head -1"])
    #expect(result.errors == "")
  }
}
