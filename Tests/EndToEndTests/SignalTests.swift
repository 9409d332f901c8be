import Foundation
import QueueClient
import TestSupport
import Testing

/// How commands end when they are told to.
@Suite(.serialized) struct SignalTests {
  /// Waits until a process has taken its signals over.
  private func isListening(_ process: Int32) async throws {
    #if os(Linux)
      _ = try await eventually {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
        let mask = caught.flatMap { UInt64($0.dropFirst("SigCgt:".count).filter { $0.isHexDigit }, radix: 16) } ?? 0
        return mask & (1 << UInt64(SIGTERM - 1)) != 0
      }
    #else
      try await Task.sleep(for: .milliseconds(300))
    #endif
  }

  @Test func `two hundred workers, four at a time, each end with 0 at one signal, whenever it comes`() async throws {
    try await withRedis { redis, server in
      let environment = ["REDIS_URL": Peer.url(of: server.endpoint)]
      let wrong = try await withThrowingTaskGroup(of: [String].self) { group in
        for lane in 0..<4 {
          group.addTask {
            var wrong: [String] = []
            // The same moments in every run.
            var random = UInt64(lane) + 1
            for start in 0..<50 {
              random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
              let delay = Int(random >> 33) % 120
              let signal = start % 2 == 0 ? SIGTERM : SIGINT
              let begin = ContinuousClock.now
              let result = try await ChildProcess.run(
                Places.bullflow, ["work", "mails", "steps", "--", "true"], environment: environment
              ) { process in
                try await isListening(process)
                try await Task.sleep(for: .milliseconds(delay))
                kill(process, signal)
              }
              let took = ContinuousClock.now - begin
              if result.code != 0 || took > .seconds(10) {
                wrong.append("signal \(signal) after \(delay) ms: code \(result.code), \(took), \(result.errors)")
              }
            }
            return wrong
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(wrong == [])
    }
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `work lets the job in hand end, and takes no other`(signal: Int32) async throws {
    try await withRedis { redis, server in
      let queue = Queue("mails", connection: redis)
      try await FlowProducer(connection: redis).addBulk(
        ["a", "b"].map { FlowNode(name: $0, queueName: "mails", opts: ["jobId": .string($0)]) })
      let mark = server.directory.appending(path: "begun").path
      let result = try await ChildProcess.run(
        Places.bullflow, ["work", "mails", "--", "sh", "-c", "touch \(mark); sleep 1; echo done"],
        environment: ["REDIS_URL": Peer.url(of: server.endpoint)]
      ) { process in
        // A job that is taken and not begun yet is handed back.
        _ = try await eventually { FileManager.default.fileExists(atPath: mark) }
        kill(process, signal)
      }
      #expect(result.code == 0)
      let counts = try await queue.getJobCounts()
      #expect(counts[.completed] == 1 && counts[.waiting] == 1 && counts[.active] == 0, "\(counts) \(result)")
    }
  }

  @Test func `a second signal ends work at once, and its program with it`() async throws {
    try await withRedis { redis, server in
      try await FlowProducer(connection: redis).add(FlowNode(name: "a", queueName: "mails"))
      let mark = server.directory.appending(path: "pid").path
      let result = try await ChildProcess.run(
        Places.bullflow, ["work", "mails", "--", "sh", "-c", "echo $$ > \(mark); sleep 600"],
        environment: ["REDIS_URL": Peer.url(of: server.endpoint)]
      ) { process in
        _ = try await eventually { FileManager.default.fileExists(atPath: mark) }
        kill(process, SIGTERM)
        try await Task.sleep(for: .milliseconds(100))
        kill(process, SIGINT)
      }
      #expect(result.code == 128 + SIGINT)
      let program = try #require(
        Int32(try String(contentsOfFile: mark, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)))
      #expect(try await eventually { kill(program, 0) != 0 } != nil)
    }
  }

  @Test func `programs of work begin with no signal switched off or held back`() async throws {
    #if os(Linux)
      try await withRedis { redis, server in
        let job = try await FlowProducer(connection: redis).add(FlowNode(name: "a", queueName: "mails")).job
        let result = try await ChildProcess.run(
          Places.bullflow,
          ["work", "mails", "--until-drained", "--", "grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status"],
          environment: ["REDIS_URL": Peer.url(of: server.endpoint)])
        #expect(result.code == 0)
        let value = try await Queue("mails", connection: redis).getJob(job.id)?.returnvalue ?? ""
        // Signals 32 and 33 are the C library's own.
        let masks = value.matches(of: /[0-9a-f]{16}/).map { (UInt64($0.0, radix: 16) ?? 1) & 0x7FFF_FFFF }
        #expect(masks == [0, 0], "\(value)")
      }
    #endif
  }

  @Test(arguments: [["events", "mails"], ["demo", "--headless", "--speed", "0.1"]], [SIGINT, SIGTERM])
  func `commands that go on until they are ended end with 0`(command: [String], signal: Int32) async throws {
    try await withRedis { _, server in
      let result = try await ChildProcess.run(
        Places.bullflow, command, environment: ["REDIS_URL": Peer.url(of: server.endpoint)]
      ) { process in
        try await isListening(process)
        try await Task.sleep(for: .milliseconds(400))
        kill(process, signal)
      }
      #expect(result.code == 0 && result.errors == "")
    }
  }

  @Test func `a command cut short ends with 128 and the signal`() async throws {
    try await withRedis { redis, server in
      try await redis.send(["PING"])
      kill(server.processID, SIGSTOP)
      defer { kill(server.processID, SIGCONT) }
      let result = try await ChildProcess.run(
        Places.bullflow, ["snapshot"], environment: ["REDIS_URL": Peer.url(of: server.endpoint)]
      ) { process in
        try await isListening(process)
        try await Task.sleep(for: .milliseconds(100))
        kill(process, SIGTERM)
      }
      #expect(result.code == 128 + SIGTERM && result.output == "")
    }
  }
}
