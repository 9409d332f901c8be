import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// Commands that change queues: what they print, and the codes they end with.
@Suite struct QueueCommandTests {
  private struct Program {
    let url: String

    func callAsFunction(_ arguments: String..., input: String = "") async throws -> ChildProcess.Result {
      try await ChildProcess.run(Places.bullflow, arguments, input: input, environment: ["REDIS_URL": url])
    }
  }

  private func withProgram(_ body: (Program, RedisClient) async throws -> Void) async throws {
    try await withRedis { redis, server in try await body(Program(url: Peer.url(of: server.endpoint)), redis) }
  }

  private let flow = """
    {"flow": {"name": "renovate", "queueName": "renovate", "opts": {"jobId": "root"}, "children": [
      {"name": "paint", "queueName": "steps", "data": {"cost": 2}, "opts": {"jobId": "c1"}},
      {"name": "fix", "queueName": "steps", "data": {"cost": 3}, "opts": {"jobId": "c2"}}]},
     "queuesOptions": {"steps": {"defaultJobOptions": {"attempts": 2}}}}
    """

  @Test func `add prints what it added, and the tree shows it`() async throws {
    try await withProgram { bullflow, redis in
      let added = try JSON(parsing: try await bullflow("add", "-", input: flow).output)
      #expect(added["id"] == "root" && added["children"]?.array?.count == 2)
      #expect(added["children"]?.array?[0]["queueName"] == "steps")
      let child = try #require(try await Queue("steps", connection: redis).getJob("c1"))
      #expect(child.attempts == 2)
      let several = try await bullflow(
        "add", "-", input: #"[{"name":"a","queueName":"q"},{"name":"b","queueName":"q"}]"#)
      #expect(try JSON(parsing: several.output).array?.map { $0["name"]?.string ?? "" } == ["a", "b"])
    }
  }

  @Test(
    arguments: [
      ("{\n  \"name\": ,\n}", 65, "line 2, column 11"), (#"{"name": "a"}"#, 65, "has no queueName"),
      (#"{"name":"a","queueName":"a:b"}"#, 65, "holds a colon"), (#"{"name":"a","queueName":""}"#, 65, "is empty"),
      (#"{"name":"a","queueName":"q","opts":{"jobId":"12"}}"#, 65, "integer"),
      (#"{"name":"a","queueName":"q","opts":{"jobId":"a:b"}}"#, 65, "colon"),
      (#"{"name":"a","queueName":"q","opts":{"priority":-1}}"#, 65, "priority"),
      (#"{"name":"a","queueName":"q","data":"too long","opts":{"sizeLimit":3}}"#, 65, "sizeLimit"),
      (
        #"{"name":"a","queueName":"q","opts":{"failParentOnFailure":true,"continueParentOnFailure":true}}"#, 65,
        "exclude each other"
      ), (#"{"name":"a","queueName":"q","opts":{"parent":{"id":"x","queue":"bull:p"}}}"#, 1, "bull:p:x does not exist"),
      (#"{"name":"a","queueName":"q","childs":[]}"#, 65, "unknown field 'childs'"),
    ] as [(String, Int32, String)])
  func `what cannot be added is told in one line, and nothing is written`(
    text: String, code: Int32, words: String
  ) async throws {
    try await withProgram { bullflow, redis in
      expectLine(try await bullflow("add", "-", input: text), code: code, words)
      #expect(try await redis.send(["DBSIZE"]).int == 0)
    }
  }

  @Test func `a Redis that goes away is code 2, a file that cannot be read 65`() async throws {
    let nowhere = Program(url: "redis://127.0.0.1:\(try PrivateRedis.freePort())")
    expectLine(try await nowhere("add", "-", input: flow), code: 2, "--url")
    expectLine(try await nowhere("queue", "list"), code: 2, "--url")
    expectLine(try await nowhere("add", "/nowhere.json"), code: 65, "cannot read /nowhere.json")
  }

  @Test func `a program works a queue off, and its failures are the job's`() async throws {
    try await withProgram { bullflow, redis in
      _ = try await bullflow("add", "-", input: flow)
      let cost = "cat | grep -o '\"cost\":[0-9]*' | cut -d: -f2"
      #expect(try await bullflow("work", "steps", "--until-drained", "--", "sh", "-c", cost).code == 0)
      let values = try await bullflow("job", "values", "renovate", "root")
      #expect(values.output == "{\"bull:steps:c1\":2,\"bull:steps:c2\":3}\n")
      _ = try await bullflow("work", "renovate", "--until-drained", "--", "sh", "-c", "echo no paint >&2; exit 3")
      #expect(try await bullflow("job", "state", "renovate", "root").output == "failed\n")
      let job = try JSON(parsing: try await bullflow("job", "show", "renovate", "root").output)
      #expect(job["failedReason"] == "no paint" && job["processedBy"] == "bullflow-work")
      #expect(try await bullflow("job", "retry", "renovate", "root").code == 0)
      _ = try await bullflow("work", "renovate", "--until-drained", "--", "echo", "just text")
      #expect(try await Queue("renovate", connection: redis).getJob("root")?.returnvalue == "\"just text\"")
      #expect(try await bullflow("work", "renovate").code == 64)
    }
  }

  @Test func `a job is looked at and changed`() async throws {
    try await withProgram { bullflow, _ in
      _ = try await bullflow("add", "-", input: flow)
      #expect(
        try await bullflow("job", "counts", "renovate", "root").output
          == "{\"processed\":0,\"unprocessed\":2,\"ignored\":0,\"failed\":0}\n")
      let page = try JSON(
        parsing: try await bullflow("job", "dependencies", "renovate", "root", "--kind", "unprocessed").output)
      #expect(page["children"]?.array?.count == 2 && page["cursor"] == "0")
      #expect(try await bullflow("job", "update-data", "steps", "c1", #"{"cost":9}"#).code == 0)
      #expect(try await bullflow("job", "progress", "steps", "c1", "40").code == 0)
      #expect(try await bullflow("job", "log", "steps", "c1", "a\u{1B}[2Jrow").code == 0)
      // JSON keeps control characters from the terminal.
      #expect(try await bullflow("job", "logs", "steps", "c1").output == "\"a\\u001b[2Jrow\"\n")
      let job = try JSON(parsing: try await bullflow("job", "show", "steps", "c1").output)
      #expect(job["data"]?["cost"] == 9 && job["progress"] == 40)
      #expect(try await bullflow("job", "remove-dependency", "steps", "c2", "--yes").code == 0)
      expectLine(try await bullflow("job", "remove-dependency", "steps", "c2", "--yes"), code: 1, "no parent waits")
      expectLine(try await bullflow("job", "promote", "steps", "c1"), code: 1, "is not delayed")
      expectLine(try await bullflow("job", "state", "steps", "nobody"), code: 1, "bull:steps:nobody")
      expectLine(try await bullflow("job", "update-data", "steps", "c1", "{"), code: 65, "line 1, column 2")
    }
  }

  @Test func `what cannot be undone wants --yes, and --read-only refuses it all`() async throws {
    try await withProgram { bullflow, redis in
      _ = try await bullflow("add", "-", input: flow)
      let size = try await redis.send(["DBSIZE"])
      expectLine(try await bullflow("job", "remove", "renovate", "root"), code: 1, "--yes")
      expectLine(try await bullflow("queue", "drain", "steps"), code: 1, "--yes")
      expectLine(try await bullflow("queue", "obliterate", "steps", "--yes", "--read-only"), code: 1, "--read-only")
      expectLine(try await bullflow("queue", "pause", "steps", "--read-only"), code: 1, "--read-only")
      expectLine(try await bullflow("job", "retry", "renovate", "root", "--read-only"), code: 1, "--read-only")
      #expect(try await redis.send(["DBSIZE"]) == size)
      #expect(try await bullflow("job", "remove", "renovate", "root", "--yes").code == 0)
      #expect(try await Queue("steps", connection: redis).getJobCounts()[.waiting] == 0)
    }
  }

  @Test func `queues are listed, counted, paused, drained and obliterated`() async throws {
    try await withProgram { bullflow, _ in
      _ = try await bullflow("add", "-", input: flow)
      #expect(try await bullflow("queue", "list").output == "renovate\nsteps\n")
      _ = try await bullflow("queue", "pause", "steps")
      let counts = try JSON(parsing: try await bullflow("queue", "counts", "steps").output)
      #expect(counts["waiting"] == 2 && counts["paused"] == true)
      #expect(try await bullflow("queue", "jobs", "steps").output.split(separator: "\n").count == 2)
      #expect(try await bullflow("queue", "drain", "steps", "--yes").output == "2\n")
      _ = try await bullflow("queue", "resume", "steps")
      #expect(try await bullflow("queue", "clean", "renovate", "--state", "waiting", "--yes").output == "1\n")
      #expect(try await bullflow("queue", "obliterate", "steps", "--yes").code == 0)
      #expect(try await bullflow("queue", "list").output == "renovate\n")
      expectLine(try await bullflow("queue", "counts", "nobody"), code: 1, "there is no queue bull:nobody")
    }
  }

  @Test func `events are followed, a line of JSON each`() async throws {
    try await withProgram { bullflow, _ in
      _ = try await bullflow("add", "-", input: flow)
      let child = try ChildProcess(
        Places.bullflow, ["events", "steps", "--from", "0"], environment: ["REDIS_URL": bullflow.url])
      var events: [String] = []
      for await line in child.lines {
        let event = try JSON(parsing: line)
        events.append("\(event["event"]?.string ?? "") \(event["jobId"]?.string ?? "")")
        if events.count == 4 { break }
      }
      kill(child.id, SIGTERM)
      #expect(events == ["added c1", "waiting c1", "added c2", "waiting c2"])
    }
  }

  @Test func `the deep doctor finds what does not fit together`() async throws {
    try await withProgram { bullflow, redis in
      _ = try await bullflow("add", "-", input: flow)
      let well = try await bullflow("doctor", "--deep")
      #expect(well.output.contains("ok   consistency: every job is in one place"))
      try await redis.send(["LREM", "bull:steps:wait", "0", "c1"])
      let ill = try await bullflow("doctor", "--deep")
      #expect(ill.code == 1 && ill.output.contains("fail consistency: bull:steps:c1: is in no list or set"))
    }
  }

  @Test(arguments: ["failures", "diamond", "retries", "paused"])
  func `each scenario of the demo runs to its end`(scenario: String) async throws {
    let result = try await ChildProcess.run(
      Places.bullflow, ["demo", "--scenario", scenario, "--speed", "20", "--headless"])
    #expect(result.code == 0 && result.output.hasSuffix("all flows have ended\n"), "\(result.output.suffix(500))")
  }
}
