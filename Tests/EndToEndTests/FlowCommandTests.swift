import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// `bullflow flow`: what it prints, the codes it ends with, and what it leaves in the record.
@Suite struct FlowCommandTests {
  private struct Program {
    let url: String
    let state: URL
    var password: String?

    func callAsFunction(_ arguments: String..., input: String = "", environment: [String: String] = [:]) async throws
      -> ChildProcess.Result
    {
      var own = ["REDIS_URL": url, "XDG_STATE_HOME": state.path, "XDG_CONFIG_HOME": state.path]
      own["REDIS_PASSWORD"] = password
      return try await ChildProcess.run(
        Places.bullflow, arguments, input: input, environment: own.merging(environment) { $1 })
    }

    var record: URL { state.appending(path: "bullflow/audit.jsonl") }

    /// What was recorded: verb and result of each line.
    var recorded: [String] {
      get throws {
        let text = try String(contentsOf: record, encoding: .utf8)
        return try text.split(separator: "\n").map {
          let line = try JSON(parsing: String($0))
          return "\(line["what"]?.string ?? "") \(line["result"]?.string ?? "")"
        }
      }
    }
  }

  private func withProgram(
    options: [String] = [], _ body: (Program, RedisClient) async throws -> Void
  ) async throws {
    let state = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: state) }
    try await withRedis(options: options) { redis, server in
      try await body(Program(url: Peer.url(of: server.endpoint), state: state), redis)
    }
  }

  private let flow = """
    {"name": "renovate", "queueName": "renovate", "opts": {"jobId": "root"}, "children": [
      {"name": "paint", "queueName": "steps", "opts": {"jobId": "c1", "failParentOnFailure": true}}]}
    """

  private func fail(_ bullflow: Program, _ queues: String...) async throws {
    for queue in queues {
      _ = try await bullflow("work", queue, "--until-drained", "--", "sh", "-c", "echo no paint >&2; exit 3")
    }
  }

  @Test func `release says what it would do, wants --yes, and does it`() async throws {
    try await withProgram { bullflow, redis in
      _ = try await bullflow("add", "-", input: flow)
      expectLine(try await bullflow("flow", "release", "renovate", "root"), code: 1, "nothing from bull:renovate:root")
      try await redis.send(["DEL", "bull:steps:c1", "bull:steps:wait"])
      let plan = try await bullflow("flow", "release", "renovate", "root", "--dry-run", "--json")
      #expect(plan.code == 0 && plan.errors.isEmpty)
      #expect(
        plan.output == """
          {"action":"drop","job":"bull:steps:c1","parent":"bull:renovate:root","reason":"missing"}
          {"action":"release","job":"bull:renovate:root","reason":"nothing-left"}

          """)
      let text = try await bullflow("flow", "release", "renovate", "root", "--dry-run")
      #expect(text.output.hasPrefix("drop bull:steps:c1 of bull:renovate:root: it is gone\n"))
      expectLine(try await bullflow("flow", "release", "renovate", "root"), code: 1, "--yes")
      #expect(try await bullflow("job", "state", "renovate", "root").output == "waiting-children\n")
      let done = try await bullflow("flow", "release", "renovate", "root", "--yes", "--json")
      #expect(done.code == 0 && done.output.contains(#""result":"done""#))
      #expect(try await bullflow("job", "state", "renovate", "root").output == "waiting\n")
      #expect(try bullflow.recorded == ["add done", "flow release done"])
    }
  }

  @Test func `retry brings a failed flow to its end`() async throws {
    try await withProgram { bullflow, _ in
      _ = try await bullflow("add", "-", input: flow)
      try await fail(bullflow, "steps")
      _ = try await bullflow("work", "renovate", "--until-drained", "--", "true")
      #expect(try await bullflow("job", "state", "renovate", "root").output == "failed\n")
      let retried = try await bullflow("flow", "retry", "renovate", "root")
      #expect(retried.code == 0)
      #expect(
        retried.output == """
          retry bull:steps:c1: it failed: no paint
          retry bull:renovate:root: it failed through a child: child bull:steps:c1 failed

          """)
      for queue in ["steps", "renovate"] {
        _ = try await bullflow("work", queue, "--until-drained", "--", "true")
      }
      #expect(try await bullflow("job", "state", "renovate", "root").output == "completed\n")
      expectLine(try await bullflow("flow", "retry", "renovate", "root"), code: 1, "has failed")
    }
  }

  @Test func `cancel removes, clone adds again`() async throws {
    try await withProgram { bullflow, redis in
      _ = try await bullflow("add", "-", input: flow)
      let copy = try JSON(parsing: try await bullflow("flow", "clone", "renovate", "root").output)
      #expect(copy["name"] == "renovate" && copy["id"] != "root" && copy["children"]?.array?.count == 1)
      let cancelled = try await bullflow("flow", "cancel", "renovate", "root", "--yes")
      #expect(cancelled.output.split(separator: "\n").count == 2)
      expectLine(try await bullflow("flow", "cancel", "renovate", "root", "--yes"), code: 1, "there is no job")
      #expect(try await redis.send(["ZCARD", "bull:renovate:waiting-children"]).int == 1)
      #expect(try bullflow.recorded == ["add done", "flow clone done", "flow cancel done"])
    }
  }

  @Test func `--read-only and read_only refuse every verb, and plans are read all the same`() async throws {
    try await withProgram { bullflow, redis in
      _ = try await bullflow("add", "-", input: flow)
      try await redis.send(["DEL", "bull:steps:c1", "bull:steps:wait"])
      let before = try await StateDump(of: redis)
      let changes = [
        ["flow", "release", "renovate", "root", "--yes"], ["flow", "cancel", "renovate", "root", "--yes"],
        ["flow", "clone", "renovate", "root"], ["flow", "retry", "renovate", "root"], ["queue", "pause", "steps"],
        ["queue", "clean", "renovate", "--state", "waiting-children", "--yes"], ["job", "retry", "renovate", "root"],
        ["job", "remove-dependency", "steps", "c1", "--parent", "bull:renovate:root", "--yes"], ["add", "-"],
        ["work", "steps", "--until-drained", "--", "true"],
      ]
      try FileManager.default.createDirectory(
        at: bullflow.state.appending(path: "bullflow"), withIntermediateDirectories: true)
      let settings = bullflow.state.appending(path: "read-only.toml")
      try Data("read_only = true\n".utf8).write(to: settings)
      for change in changes {
        for option in [["--read-only"], ["--config", settings.path]] {
          let result = try await ChildProcess.run(
            Places.bullflow, change.prefix(2) + option + change.dropFirst(2),
            environment: ["REDIS_URL": bullflow.url, "XDG_STATE_HOME": bullflow.state.path])
          expectLine(result, code: 1, "--read-only")
        }
      }
      #expect(try await StateDump(of: redis) == before)
      let plan = try await bullflow("flow", "release", "renovate", "root", "--dry-run", "--read-only")
      #expect(plan.code == 0 && plan.output.contains("drop bull:steps:c1"))
      #expect(try await bullflow("tree", "--read-only").code == 0)
      #expect(try bullflow.recorded == ["add done"])
    }
  }

  @Test func `the record is its owner's alone, and holds no secret`() async throws {
    try await withProgram(options: ["--requirepass", "s3cret"]) { program, _ in
      let bullflow = Program(url: program.url, state: program.state, password: "s3cret")
      _ = try await bullflow("add", "-", input: flow)
      _ = try await bullflow(
        "job", "update-data", "renovate", "root", #"{"token":"s3cret"}"#)
      _ = try await bullflow("job", "retry", "renovate", "root")
      let text = try String(contentsOf: bullflow.record, encoding: .utf8)
      #expect(!text.contains("s3cret"))
      #expect(try bullflow.recorded.prefix(2) == ["add done", "job update-data done"])
      #expect(try bullflow.recorded.last?.hasPrefix("job retry refused: bullflow: job: ") == true)
      #expect(try JSON(parsing: String(try #require(text.split(separator: "\n").last)))["jobs"] == [])
      let line = try JSON(parsing: String(try #require(text.split(separator: "\n").first)))
      #expect(line["where"]?.string?.hasSuffix(" bull") == true && line["jobs"] == ["bull:renovate:root"])
      #expect(line["who"]?.string?.contains("@") == true && line["when"]?.string?.hasSuffix("Z") == true)
      let attributes = try FileManager.default.attributesOfItem(atPath: bullflow.record.path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test func `a record that cannot be written is warned of, one that is unwanted is not written`() async throws {
    try await withProgram { bullflow, _ in
      _ = try await bullflow("add", "-", input: flow)
      let settings = bullflow.state.appending(path: "settings.toml")
      try Data("audit = \"/dev/null/no\"\n".utf8).write(to: settings)
      let warned = try await bullflow("queue", "pause", "steps", "--config", settings.path)
      #expect(warned.code == 0 && warned.errors.contains("warning: the change was not recorded in /dev/null/no"))
      try Data("audit = false\n".utf8).write(to: settings)
      #expect(try await bullflow("queue", "resume", "steps", "--config", settings.path).errors.isEmpty)
      #expect(try bullflow.recorded == ["add done"])
      let own = bullflow.state.appending(path: "own/audit")
      try Data("audit = \"\(own.path)\"\n".utf8).write(to: settings)
      _ = try await bullflow("queue", "pause", "steps", "--config", settings.path)
      #expect(try String(contentsOf: own, encoding: .utf8).contains("queue pause"))
      try Data("audit = 3\n".utf8).write(to: settings)
      expectLine(try await bullflow("queue", "pause", "steps", "--config", settings.path), code: 65, "audit")
    }
  }

  @Test func `a dependency is removed though the child is gone`() async throws {
    try await withProgram { bullflow, redis in
      _ = try await bullflow("add", "-", input: flow)
      try await redis.send(["DEL", "bull:steps:c1", "bull:steps:wait"])
      let parent = ["--parent", "bull:renovate:root", "--yes"]
      expectLine(try await bullflow("job", "remove-dependency", "steps", "c1", "--yes"), code: 1, "there is no job")
      #expect(try await bullflow("job", "remove-dependency", "steps", "c1", parent[0], parent[1], parent[2]).code == 0)
      #expect(try await bullflow("job", "state", "renovate", "root").output == "waiting\n")
      expectLine(
        try await bullflow("job", "remove-dependency", "steps", "c1", parent[0], parent[1], parent[2]), code: 1,
        "does not wait for")
      expectLine(
        try await bullflow("job", "remove-dependency", "steps", "c1", "--parent", "root", "--yes"), code: 64,
        "PREFIX:QUEUE:ID")
    }
  }
}
