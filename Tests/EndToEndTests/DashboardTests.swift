import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// The program in a real terminal, on flows of real BullMQ.
@Suite(.serialized) struct DashboardTests {
  private let flow: JSON = [
    "name": "renovate-interior", "queueName": "renovate", "data": ["sums": true], "opts": ["jobId": "root"],
    "children": [
      ["name": "칠하기", "queueName": "steps", "data": ["returns": 2500], "opts": ["jobId": "c1"]],
      [
        "name": "🚀 launch", "queueName": "steps", "data": ["returns": 1750, "note": "look here"],
        "opts": ["jobId": "c2"],
      ],
    ],
  ]

  /// A terminal with the dashboard on a Redis in which real BullMQ has added a flow.
  private func withDashboard(
    columns: Int = 120, rows: Int = 40, options: String = "--notifications enable",
    environment: [String: String] = [:], _ body: (Tmux, Peer, RedisClient) async throws -> Void
  ) async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      try await peer.ask("add", ["flow": flow])
      try await withTerminal(columns: columns, rows: rows, environment: environment) { terminal in
        try await terminal.run("stty -a > \(server.directory.path)/before")
        try await terminal.run("\(Places.bullflow) --url \(Peer.url(of: server.endpoint)) \(options)")
        try await terminal.waits(for: "renovate-interior")
        try await body(terminal, peer, redis)
      }
      try await peer.ask("stop")
    }
  }

  @Test func `a terminal that grows is used at once, though nothing else happens`() async throws {
    try await withDashboard(columns: 80, rows: 24) { terminal, _, _ in
      try await terminal.resize(columns: 15, rows: 4)
      try await terminal.waits(for: "needs 20x5")
      for (columns, rows) in [(100, 30), (15, 4), (120, 40)] {
        try await terminal.resize(columns: columns, rows: rows)
        try await terminal.waits(for: rows == 4 ? "needs 20x5" : "renovate-interior")
      }
      try await terminal.press("q")
    }
  }

  @Test(arguments: [(80, 24), (120, 40), (200, 60)], ["dark", "light", "high-contrast"])
  func `the flow is drawn aligned at every size and in every theme`(size: (Int, Int), theme: String) async throws {
    try await withDashboard(columns: size.0, rows: size.1, options: "--theme \(theme)") { terminal, _, _ in
      let screen = try await terminal.waits(for: "launch")
      let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count - 1 == size.1)
      // Wide names push nothing aside: the states of all children start in one column.
      let starts = lines.filter { $0.contains("├") || $0.contains("└") }.map { line -> Int in
        let before = line[..<(line.range(of: "waiting")?.lowerBound ?? line.endIndex)]
        return before.unicodeScalars.reduce(0) { $0 + (Self.isWide($1) ? 2 : 1) }
      }
      #expect(starts.count == 2 && Set(starts).count == 1, "\(screen)")
      #expect(try await terminal.captureColored().contains("\u{1B}["))
      try await terminal.press("q")
      try await terminal.waits { !$0.contains("renovate-interior") }
    }
  }

  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    (0xAC00...0xD7A3).contains(scalar.value) || (0x1F000...0x1FAFF).contains(scalar.value)
  }

  @Test func `ASCII terminals get ASCII, and NO_COLOR no colour`() async throws {
    try await withDashboard(
      options: "--ascii", environment: ["NO_COLOR": "1"]
    ) { terminal, _, _ in
      let screen = try await terminal.waits(for: "launch")
      #expect(screen.allSatisfy { $0.isASCII }, "\(screen)")
      #expect(screen.contains("o renovate-interior"))
      let colored = try await terminal.captureColored()
      // 39 and 49 are the terminal's own colours.
      let colors = colored.matches(of: /\u{1B}\[([0-9;]*)m/).flatMap { $0.1.split(separator: ";") }
        .filter { ("30"..."38").contains($0) || ("40"..."48").contains($0) || $0.count > 2 }
      #expect(colors == [], "\(colored)")
    }
  }

  @Test func `children done by real BullMQ change the parent's counts and values, then the flow completes`()
    async throws
  {
    try await withDashboard { terminal, peer, _ in
      try await terminal.waits(for: "renovate-interior")
      try await peer.ask("work", ["queue": "steps"])
      let screen = try await terminal.waits(for: "Σ 4250")
      #expect(screen.contains(" 2500") && screen.contains(" 1750"))
      try await peer.ask("work", ["queue": "renovate"])
      try await terminal.waits { $0.contains("completed 2/2") && $0.contains(" 4250") && !$0.contains("Σ") }
    }
  }

  @Test func `keys fold, search, show details and help`() async throws {
    try await withDashboard { terminal, _, _ in
      try await terminal.waits(for: "launch")
      try await terminal.type("h")
      try await terminal.waits { !$0.contains("launch") }
      try await terminal.type("l")
      try await terminal.waits(for: "launch")
      try await terminal.type("/launch")
      try await terminal.press("Enter")
      try await terminal.press("Enter")
      try await terminal.waits(for: "look here")
      try await terminal.press("Tab")
      try await terminal.waits(for: "no result yet")
      try await terminal.press("Escape")
      try await terminal.waits { !$0.contains("no result yet") }
      try await terminal.type("?")
      try await terminal.waits(for: "any key closes this")
      try await terminal.type("x")
      try await terminal.waits(for: "renovate-interior")
      try await terminal.resize(columns: 60, rows: 15)
      try await terminal.waits {
        $0.split(separator: "\n", omittingEmptySubsequences: false).count == 16 && $0.contains("renovate-interi")
      }
    }
  }

  @Test(arguments: ["q", "C-c", "TERM", "HUP", "SEGV"])
  func `whatever ends it, the terminal is left as it was`(end: String) async throws {
    try await withRedis { redis, server in
      try await FlowProducer(connection: redis).add(
        FlowNode(name: "root-flow", queueName: "q", children: [FlowNode(name: "c", queueName: "q")]))
      try await withTerminal { terminal in
        let folder = server.directory.path
        try await terminal.run("echo first line; stty -a > \(folder)/before; echo $$ > \(folder)/shell")
        try await terminal.run("\(Places.bullflow) --url \(Peer.url(of: server.endpoint))")
        try await terminal.waits(for: "root-flow")
        if end == "q" || end == "C-c" {
          try await terminal.press(end)
        } else {
          let shell = try String(contentsOfFile: "\(folder)/shell", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
          _ = try await ChildProcess.run("/usr/bin/env", ["pkill", "-\(end)", "-P", shell, "-x", "bullflow"])
        }
        try await terminal.waits { $0.contains("first line") && !$0.contains("root-flow") }
        try await terminal.run("stty -a > \(folder)/after; echo code $((40 + 2))")
        try await terminal.waits(for: "code 42")
        let before = try String(contentsOfFile: "\(folder)/before", encoding: .utf8)
        let after = try String(contentsOfFile: "\(folder)/after", encoding: .utf8)
        #expect(before == after)
      }
    }
  }

  @Test func `Ctrl-Z gives the shell its terminal, and fg brings the dashboard back`() async throws {
    try await withDashboard { terminal, peer, _ in
      try await terminal.press("C-z")
      try await terminal.waits { $0.contains("Stopped") && !$0.contains("renovate-interior") }
      try await terminal.run("echo still a shell")
      try await terminal.waits { $0.components(separatedBy: "still a shell").count > 2 }
      try await terminal.run("fg")
      try await terminal.waits(for: "renovate-interior")
      try await peer.ask("work", ["queue": "steps"])
      try await terminal.waits(for: "Σ 4250")
    }
  }

  @Test func `a Redis that dies is shown as stale with the time, and its return is noticed`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString)")
    let first = try await PrivateRedis.start(directory: folder)
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: first.endpoint))
    defer { redis.close() }
    try await FlowProducer(connection: redis).add(
      FlowNode(name: "root-flow", queueName: "q", children: [FlowNode(name: "c", queueName: "q")]))
    try await withTerminal { terminal in
      try await terminal.run("\(Places.bullflow) --url \(Peer.url(of: first.endpoint))")
      try await terminal.waits(for: "root-flow")
      // The letter that turns notifications on is named, and does it.
      try await terminal.waits(for: "notifications are off")
      try await terminal.type("E")
      try await terminal.waits(for: "● live")
      first.stop()
      let stale = try await terminal.waits(for: "stale since")
      #expect(stale.contains("root-flow"))
      let second = try await PrivateRedis.start(directory: folder)
      defer { second.stop() }
      try await terminal.waits { !$0.contains("stale since") && !$0.contains("root-flow") }
    }
  }

  @Test func `the demo shows its flows in a terminal, and takes its Redis with it`() async throws {
    try await withTerminal { terminal in
      try await terminal.run("\(Places.bullflow) demo --speed 5; echo exit code $?")
      try await terminal.waits(for: "renovate-interior")
      try await terminal.waits(for: "car")
      try await terminal.press("q")
      try await terminal.waits(for: "exit code 0")
    }
  }
}
