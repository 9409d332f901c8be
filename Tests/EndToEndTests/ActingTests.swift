import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// Acting from the dashboard, in a real terminal, on flows of real BullMQ.
@Suite(.serialized) struct ActingTests {
  /// A flow that waits for a child that failed for good; no worker is there any more.
  private let flow: JSON = [
    "name": "monthly-report", "queueName": "reports", "opts": ["jobId": "m1"], "data": ["sums": true],
    "children": [
      ["name": "convert", "queueName": "steps", "data": ["fatal": "exchange rates 503"], "opts": ["jobId": "c1"]]
    ],
  ]

  private struct Place {
    let terminal: Tmux
    let peer: Peer
    let redis: RedisClient
    let state: URL

    private var lines: [JSON] {
      let text = (try? String(contentsOf: state.appending(path: "bullflow/audit.jsonl"), encoding: .utf8)) ?? ""
      return text.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
    }

    /// What was recorded: verb and result of each line.
    var recorded: [String] { lines.map { "\($0["what"]?.string ?? "") \($0["result"]?.string ?? "")" } }

    /// How many jobs each line names, which is how many it counts.
    var jobs: [Int?] { lines.map { $0["count"]?.int == $0["jobs"]?.array?.count ? $0["count"]?.int : nil } }
  }

  private func withStuckFlow(
    columns: Int = 120, rows: Int = 40, options: String = "--notifications enable", _ body: (Place) async throws -> Void
  ) async throws {
    let state = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: state) }
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      try await peer.ask("add", ["flow": flow])
      for queue in ["steps", "reports"] { try await peer.ask("work", ["queue": .string(queue)]) }
      #expect(try await eventually { try await redis.send(["ZCARD", "bull:steps:failed"]).int == 1 } != nil)
      // The reason is gone by the time that somebody looks.
      try await redis.send(["HSET", "bull:steps:c1", "data", #"{"returns":7}"#])
      try await withTerminal(columns: columns, rows: rows, environment: ["XDG_STATE_HOME": state.path]) { terminal in
        try await terminal.run("\(Places.bullflow) --url \(Peer.url(of: server.endpoint)) \(options)")
        try await terminal.waits(for: "monthly-report")
        try await body(Place(terminal: terminal, peer: peer, redis: redis, state: state))
      }
      try await peer.ask("stop")
    }
  }

  @Test(arguments: [(80, 24), (120, 40), (160, 50)])
  func `a stuck flow is understood with w, mended with a, Enter and y, and the count of problems is 0 again`(
    size: (Int, Int)
  ) async throws {
    try await withStuckFlow(columns: size.0, rows: size.1) { place in
      let terminal = place.terminal
      try await terminal.waits(for: "1 problem")
      try await terminal.type("w")
      try await terminal.waits(for: "which failed")
      try await terminal.waits(for: "let the parent go on without it")
      try await terminal.type("a")
      try await terminal.waits(for: "1  run again what failed")
      try await terminal.press("Enter")
      let question = try await terminal.waits(for: "y do it")
      #expect(question.contains("steps/c1  convert  failed -> waiting"), "\(question)")
      #expect(question.contains("queue steps has workers and is not paused"), "\(question)")
      try await terminal.type("y")
      try await terminal.waits(for: "retried 1 job")
      try await terminal.waits(for: "no problems")
      #expect(
        try await eventually { try await place.redis.send(["ZCARD", "bull:reports:completed"]).int == 1 } != nil)
      #expect(try await place.redis.send(["HGET", "bull:reports:m1", "returnvalue"]).string == "7")
      #expect(place.recorded == ["flow retry done"])
    }
  }

  @Test func `a job that somebody else retries while the question stands is refused, and that is said`() async throws {
    try await withStuckFlow { place in
      try await place.peer.ask("pause", ["queue": "steps"])
      try await place.terminal.type("jr")
      try await place.terminal.waits(for: "Run 1 job again?")
      try await place.peer.ask("retry", ["queue": "steps", "id": "c1"])
      try await place.terminal.type("y")
      try await place.terminal.waits(for: "nothing was changed; 1 was refused: it has changed meanwhile (steps/c1)")
      #expect(place.recorded == ["job retry refused: it has changed meanwhile (bull:steps:c1)"])
      #expect(place.jobs == [0])
    }
  }

  @Test func `--read-only shows why nothing can be done`() async throws {
    try await withStuckFlow(options: "--read-only") { place in
      let before = try await StateDump(of: place.redis)
      try await place.terminal.type("a")
      try await place.terminal.waits(for: "--read-only (or read_only in the settings) forbids it")
      try await place.terminal.type("qx")
      try await place.terminal.waits(for: "nothing can be changed")
      #expect(try await StateDump(of: place.redis) == before)
      #expect(place.recorded == [])
    }
  }

  @Test func `a record that cannot be written is said on the screen`() async throws {
    let settings = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString).toml")
    defer { try? FileManager.default.removeItem(at: settings) }
    try Data("audit = \"/dev/null/no\"\n".utf8).write(to: settings)
    try await withStuckFlow(options: "--config \(settings.path)") { place in
      try await place.terminal.type("p")
      try await place.terminal.waits(for: "Pause reports?")
      try await place.terminal.type("y")
      try await place.terminal.waits(for: "the change was not recorded")
      #expect(try await Queue("reports", connection: place.redis).isPaused())
      #expect(place.recorded == [])
    }
  }

  @Test func `a connection that is lost between question and answer is said, and nothing is half done`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString)")
    let kept = ["--appendonly", "yes", "--appendfsync", "always"]
    let first = try await PrivateRedis.start(directory: folder, options: kept)
    defer { first.stop() }
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: first.endpoint))
    defer { redis.close() }
    let peer = try await Peer(on: first.endpoint)
    try await peer.ask("add", ["flow": flow])
    try await peer.ask("work", ["queue": "steps"])
    #expect(try await eventually { try await redis.send(["ZCARD", "bull:steps:failed"]).int == 1 } != nil)
    try await peer.ask("stop")
    try await withTerminal { terminal in
      try await terminal.run("\(Places.bullflow) --url \(Peer.url(of: first.endpoint)) --notifications enable")
      try await terminal.waits(for: "1 problem")
      try await terminal.type("R")
      try await terminal.waits(for: "y do it")
      let before = try await StateDump(of: redis)
      // It ends, and keeps what it has.
      _ = try? await redis.send(["SHUTDOWN", "NOSAVE"])
      try await terminal.type("y")
      try await terminal.waits { screen in
        ["nothing was changed: ", "Redis did not answer: look whether"].contains { screen.contains($0) }
      }
      let second = try await PrivateRedis.start(directory: folder, options: kept)
      defer { second.stop() }
      try await terminal.waits { !$0.contains("stale since") }
      #expect(try await StateDump(of: redis) == before)
      // The same works as soon as Redis is there again.
      try await terminal.type("R")
      try await terminal.waits(for: "y do it")
      try await terminal.type("y")
      try await terminal.waits(for: "retried 1 job")
    }
  }
}
