import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// What people give to the program, as it should not be.
@Suite struct InputTests {
  private func bullflow(_ arguments: [String], input: String = "", environment: [String: String] = [:]) async throws
    -> ChildProcess.Result
  {
    try await ChildProcess.run(Places.bullflow, arguments, input: input, environment: environment)
  }

  /// A file that is gone afterwards.
  private func withFile(_ bytes: [UInt8], mode: mode_t = 0o600, _ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString)").path
    defer { unlink(path) }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    chmod(path, mode)
    try await body(path)
  }

  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  @Test(arguments: [
    ["tree", "--url", "redis://:w/rd:s3cret#x@host"], ["tree", "--url", "s3cret@host://"],
    ["redis://:s3cret@host"], ["tree", "--depth", "redis://:s3cret@host"], ["tree", "--ulr=redis://:s3cret@host"],
    ["queue", "counts", "redis://:s3cret@host"], ["demo", "--scenario", "ann:s3cret@host"],
  ])
  func `no secret of a command line is shown`(arguments: [String]) async throws {
    let result = try await bullflow(arguments)
    expectLine(result, code: 64)
    #expect(!(result.errors + result.output).contains("s3cret"), "\(result.errors)")
  }

  @Test(arguments: [
    ["tree", "--queue", "email:send"], ["tree", "email:send", "1"], ["queue", "counts", "email:send"],
    ["job", "show", "email:send", "1"], ["work", "email:send", "--", "true"], ["events", "email:send"],
    ["snapshot", "--queue", "email:send"],
  ])
  func `a queue's name holds no colon`(arguments: [String]) async throws {
    expectLine(try await bullflow(arguments), code: 64, "no colon", "--prefix")
  }

  @Test(arguments: [
    ["queue", "clean", "q", "--yes", "--grace", "nan"], ["queue", "clean", "q", "--yes", "--grace", "inf"],
    ["queue", "clean", "q", "--yes", "--grace", "1e400"], ["queue", "clean", "q", "--yes", "--grace=-1"],
    ["queue", "clean", "q", "--yes", "--limit=-1"], ["queue", "jobs", "q", "--start=-9223372036854775808"],
    ["queue", "jobs", "q", "--end", "9223372036854775808"], ["demo", "--speed", "nan"], ["demo", "--speed", "1e-300"],
    ["demo", "--speed", "inf"], ["tree", "--depth", "0"], ["tree", "--max-children", "9223372036854775807"],
    ["snapshot", "--width", "9223372036854775807"], ["work", "q", "--concurrency", "0", "--", "true"],
    ["work", "q", "--concurrency", "9223372036854775807", "--", "true"], ["events", "--from", "yesterday"],
    ["job", "dependencies", "q", "1", "--kind", "failed", "--count", "0"], ["job", "show", "q", ""],
  ])
  func `absurd values are usage errors`(arguments: [String]) async throws {
    expectLine(try await bullflow(arguments), code: 64)
  }

  @Test(arguments: [
    (["work", "q", "--", "./no-such-program"], "no such file"), (["work", "q", "--", "no-such-program"], "PATH"),
    (["work", "q", "--", "/tmp"], "folder"), (["work", "q", "--", "/etc/passwd"], "not executable"),
    (["work", "q", "--", ""], "empty"), (["add", "/tmp"], "directory"), (["add", ""], "empty"),
    (["tree", "--config", "/tmp"], "directory"), (["tree", "--config", "/nowhere"], "no such file"),
    (["tree", "--password-file", "/dev/null"], "no password"), (["tree", "--config", "/dev/zero"], "longer"),
    (["tree", "--url", "rediss://host", "--tls-ca", "/nowhere"], "--tls-ca"),
    (["snapshot", "--theme", "/tmp"], "directory"),
  ])
  func `files that cannot be used are bad input, before any Redis is asked`(arguments: [String], words: String)
    async throws
  {
    expectLine(try await bullflow(arguments, environment: ["REDIS_URL": "unix:///nowhere"]), code: 65, words)
  }

  @Test func `a program that vanishes fails the attempt, and attempts are heeded`() async throws {
    try await withRedis { redis, server in
      let added = try await FlowProducer(connection: redis).addBulk(
        ["a", "b"].map { FlowNode(name: $0, queueName: "mails", opts: ["attempts": 3]) })
      try await withFile(Array("#!/bin/sh\nrm -f \"$0\"\n".utf8), mode: 0o700) { path in
        let result = try await bullflow(
          ["work", "mails", "--until-drained", "--", path],
          environment: ["REDIS_URL": Peer.url(of: server.endpoint)])
        #expect(result.code == 0 && result.errors.components(separatedBy: "cannot run").count == 2, "\(result.errors)")
      }
      let queue = Queue("mails", connection: redis)
      let first = try await queue.getJob(added[0].job.id)
      #expect(first?.attemptsMade == 1 && first?.failedReason == nil)
      let second = try await queue.getJob(added[1].job.id)
      #expect(second?.attemptsMade == 3 && second?.failedReason?.contains("no such file") == true)
    }
  }

  @Test func `a byte order mark and line ends of other systems do not count`() async throws {
    try await withRedis(options: ["--requirepass", "s3cret"]) { _, server in
      let url = Peer.url(of: server.endpoint)
      try await withFile(Self.mark + Array("url = \"\(url)\"\r\n".utf8)) { config in
        try await withFile(Self.mark + Array("s3cret\r\n".utf8)) { password in
          let place = ["--config", config, "--password-file", password]
          try await withFile(Self.mark + Array(#"{"name":"a","queueName":"q","opts":{"jobId":"a"}}"#.utf8)) { flow in
            let added = try await bullflow(["add", flow] + place)
            #expect(added.code == 0)
          }
          #expect(try await bullflow(["job", "update-data", "q", "a", "\u{FEFF}{\"b\":1}"] + place).code == 0)
          let result = try await bullflow(
            ["job", "show", "q", "a", "--password-file", password], environment: ["REDIS_URL": url + " \r\n"])
          #expect(result.code == 0 && result.errors == "" && result.output.contains("\"data\":{\"b\":1}"))
        }
      }
    }
  }

  @Test(arguments: ["--config", "--password-file", "--theme", "add"])
  func `UTF-16 is named`(place: String) async throws {
    for bytes: [UInt8] in [[0xFF, 0xFE, 0x7B, 0], [0xFE, 0xFF, 0, 0x7B], [0x7B, 0, 0x7D, 0]] {
      try await withFile(bytes) { path in
        let arguments = place == "add" ? ["add", path] : ["snapshot", place, path]
        expectLine(try await bullflow(arguments), code: 65, "UTF-16", "UTF-8")
      }
    }
  }

  @Test func `a settings file with a password that others can read is warned of`() async throws {
    for (mode, isWarned) in [(mode_t(0o644), true), (0o600, false)] {
      try await withFile(Array("url = \"redis://:s3cret@127.0.0.1:1\"\n".utf8), mode: mode) { path in
        let result = try await bullflow(["queue", "list", "--config", path], environment: ["REDIS_URL": ""])
        #expect(result.code == 2 && result.errors.contains("chmod 600") == isWarned)
        #expect(!result.errors.contains("s3cret"))
      }
    }
  }

  @Test func `output that cannot be written is told, and a closed one takes no socket's place`() async throws {
    try await withRedis { redis, server in
      try await FlowProducer(connection: redis).add(FlowNode(name: "a", queueName: "q"))
      for target in [">/dev/full", ">&-"] {
        let result = try await ChildProcess.run(
          "/bin/sh", ["-c", "exec \(Places.bullflow) queue list \(target)"],
          environment: ["REDIS_URL": Peer.url(of: server.endpoint)])
        expectLine(result, code: 1, "standard output")
      }
    }
  }

  @Test(arguments: ["dumb", ""])
  func `a terminal that cannot be drawn on is refused`(name: String) async throws {
    try await withRedis { _, server in
      try await withTerminal { terminal in
        try await terminal.run("TERM=\(name) \(Places.bullflow) --url \(Peer.url(of: server.endpoint)); echo code $?")
        let screen = try await terminal.waits(for: "code 1")
        #expect(screen.contains("bullflow snapshot"))
      }
    }
  }
}
