import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// The settings file: what may stand in it, and what is said of one that is wrong.
@Suite struct SettingsTests {
  /// A file that is gone afterwards.
  private func withSettings(_ text: String, _ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString).toml").path
    defer { unlink(path) }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    chmod(path, 0o600)
    try await body(path)
  }

  private func flow(_ name: String) -> FlowNode {
    FlowNode(name: name, queueName: "q", children: [FlowNode(name: "child", queueName: "q")])
  }

  private func bullflow(_ arguments: String..., environment: [String: String] = [:]) async throws -> ChildProcess.Result
  {
    try await ChildProcess.run(Places.bullflow, arguments, environment: environment)
  }

  @Test func `everything that is wrong is said at once, a line each, with line, column and reason`() async throws {
    let text = """
      # wrong from top to bottom
      prefix = 7
      columns = ["flow", "colour",
        "flow"]
      colour = "red"

      [keys]
      sort = "r"
      nonsense = "T"
        theme = "ctrl-c"

      [profiles.prod]
      url = "http://example.com"
      confirm_queue = "yes"
      [profiles."my cluster"]
      theme = "purple"

      [on_problem]
      command = []
      """
    try await withSettings(text) { path in
      let result = try await bullflow("tree", "--config", path)
      #expect(result.code == 65 && result.output.isEmpty)
      let expected = [
        ("2:1", "'prefix' is not text"), ("3:1", "no column is called 'colour'"), ("3:1", "'flow' is there twice"),
        ("5:1", "unknown setting 'colour'"), ("8:1", "'r' is the key of 'retry'"),
        ("9:1", "no action is called 'nonsense'"), ("10:3", "'ctrl-c' is no key"), ("13:1", "scheme is unknown"),
        ("14:1", "'confirm_queue' is neither true nor false"), ("16:1", "'purple' is neither one of dark"),
        ("19:1", "names no program"),
      ]
      let lines = result.errors.split(separator: "\n")
      #expect(lines.count == expected.count, "\(result.errors)")
      for ((place, words), line) in zip(expected, lines) {
        #expect(line.hasPrefix("bullflow: \(path):\(place): ") && line.contains(words), "\(line)")
      }
    }
  }

  @Test(arguments: [
    "url = redis://:s3cret@host\n", "\n\nurl = \"redis://:s3cret@host\nx", "[profiles.p]\nurl = [\"s3cret@h\"]\n",
  ])
  func `what is no TOML, or of a wrong kind, is told with its place, and nothing secret with it`(text: String)
    async throws
  {
    try await withSettings(text) { path in
      let result = try await bullflow("tree", "--config", path)
      expectLine(result, code: 65, "\(path):")
      #expect(!result.errors.contains("s3cret"), "\(result.errors)")
    }
  }

  @Test func `a profile names a Redis, what its keys begin with, and what it forbids`() async throws {
    try await withRedis { redis, server in
      try await FlowProducer(connection: redis, prefix: "shop").add(
        flow("order"))
      let text = """
        [profiles.shop]
        url = "\(Peer.url(of: server.endpoint))"
        prefix = "shop"
        read_only = true
        """
      try await withSettings(text) { path in
        let away = ["REDIS_URL": "redis://127.0.0.1:1"]
        let tree = try await bullflow("tree", "--config", path, "--profile", "shop", environment: away)
        #expect(tree.code == 0 && tree.output.contains("order"), "\(tree.errors)")
        let change = try await bullflow("queue", "pause", "q", "--config", path, "--profile", "shop", environment: away)
        expectLine(change, code: 1, "read_only")
        expectLine(try await bullflow("tree", "--config", path, "--profile", "nope"), code: 64, "'nope'", "shop")
      }
    }
  }

  @Test func `ctx shows the Redis of another profile, and stays where that one is away`() async throws {
    try await withRedis { redis, server in
      try await withRedis { other, otherServer in
        try await FlowProducer(connection: redis).add(flow("first-flow"))
        try await FlowProducer(connection: other).add(flow("second-flow"))
        let text = """
          [profiles.one]
          url = "\(Peer.url(of: server.endpoint))"
          [profiles.two]
          url = "\(Peer.url(of: otherServer.endpoint))"
          theme = "light"
          [profiles.away]
          url = "redis://127.0.0.1:1"
          [keys]
          help = "H"
          """
        try await withSettings(text) { path in
          try await withTerminal { terminal in
            try await terminal.run("\(Places.bullflow) --config \(path) --profile one")
            try await terminal.waits { $0.contains("first-flow") && $0.contains(" one  redis") }
            try await terminal.type(":ctx away")
            try await terminal.press("Enter")
            try await terminal.waits { $0.contains("away cannot be shown") && $0.contains("first-flow") }
            try await terminal.type(":ctx two")
            try await terminal.press("Enter")
            let screen = try await terminal.waits { $0.contains("second-flow") && $0.contains(" two  redis") }
            #expect(!screen.contains("first-flow"))
            // The one before is left in peace: nobody of ours is connected to it.
            _ = try await eventually {
              try await redis.send(["CLIENT", "LIST"]).string?.split(separator: "\n").count == 1
            }
            try await terminal.type(":ctx one")
            try await terminal.press("Enter")
            try await terminal.waits(for: "first-flow")
            try await terminal.type("H")
            try await terminal.waits(for: "any key closes this")
            try await terminal.type("xq")
            try await terminal.waits { !$0.contains("first-flow") }
          }
        }
      }
    }
  }

  @Test func `the first problem runs a command without a shell, which is told what is the matter; its failure is said`()
    async throws
  {
    try await withRedis { redis, server in
      let folder = server.directory.path
      let script = "\(folder)/call.sh"
      let words =
        "#!/bin/sh\nenv | grep ^BULLFLOW_ | sort > \(folder)/said.new\nmv \(folder)/said.new \(folder)/said\necho \"$1\" > \(folder)/argument\nexit 3\n"
      try Data(words.utf8).write(to: URL(fileURLWithPath: script))
      chmod(script, 0o700)
      let text = """
        name = "prod"
        [on_problem]
        bell = true
        command = ["\(script)", "$(touch \(folder)/shell); *"]
        """
      try await withSettings(text) { path in
        try await withTerminal { terminal in
          let url = Peer.url(of: server.endpoint)
          try await terminal.run("\(Places.bullflow) --config \(path) --url \(url) --notifications enable")
          try await terminal.waits(for: "no problems")
          try await FlowProducer(connection: redis).add(
            FlowNode(
              name: "car", queueName: "cars", opts: ["jobId": "r"],
              children: [FlowNode(name: "wheels", queueName: "wheels", opts: ["jobId": "w"])]))
          let worker = Worker("wheels", connection: redis) { _ in throw UnrecoverableError("no wheels left") }
          let work = Task { try await worker.run() }
          defer { work.cancel() }
          try await terminal.waits(for: "call.sh ended with code 3")
          let said = try String(contentsOfFile: "\(folder)/said", encoding: .utf8)
          for line in ["BULLFLOW_PROBLEMS=1", "BULLFLOW_PROFILE=prod", "BULLFLOW_PREFIX=bull"] {
            #expect(said.contains(line), "\(said)")
          }
          let argument = try String(contentsOfFile: "\(folder)/argument", encoding: .utf8)
          #expect(argument == "$(touch \(folder)/shell); *\n")
          #expect(!FileManager.default.fileExists(atPath: "\(folder)/shell"))
          try await terminal.press("q")
        }
      }
    }
  }

  @Test func `a command that is not there is told before the screen is taken over`() async throws {
    try await withRedis { _, server in
      try await withSettings("[on_problem]\ncommand = [\"/nowhere/pager\"]\n") { path in
        try await withTerminal { terminal in
          try await terminal.run(
            "\(Places.bullflow) --config \(path) --url \(Peer.url(of: server.endpoint)); echo code $?")
          let screen = try await terminal.waits(for: "code 65")
          #expect(screen.contains("on_problem") && screen.contains("/nowhere/pager"))
        }
      }
    }
  }
}
