import Foundation
import QueueClient
import Redis
import TestSupport
import Testing

@testable import bullflow

/// Which programs can be run for jobs, and what becomes of jobs when one cannot be started any more.
@Suite struct ProgramTests {
  // MARK: How files begin

  /// How a binary for Linux begins.
  private static func elf(processor: UInt8 = 62, type: UInt8 = 3, loader: String? = nil) -> [UInt8] {
    var head = [UInt8](repeating: 0, count: 64)
    head.replaceSubrange(0..<7, with: [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1])
    (head[16], head[18]) = (type, processor)
    guard let loader else { return head }
    (head[32], head[54], head[56]) = (64, 56, 1)
    var segment = [UInt8](repeating: 0, count: 56)
    (segment[0], segment[8]) = (3, 120)
    return head + segment + Array(loader.utf8) + [0]
  }

  @Test(
    arguments: [
      (Array("#!/bin/sh\necho".utf8), .script(interpreter: "/bin/sh", argument: "")),
      (Array("#! \t/bin/sh -e \n".utf8), .script(interpreter: "/bin/sh", argument: "-e ")),
      (Array("#!/usr/bin/env node\r\n".utf8), .script(interpreter: "/usr/bin/env", argument: "node\r")),
      (Array("#!sh".utf8), .script(interpreter: "sh", argument: "")), (elf(), .binary(loader: nil)),
      (elf(loader: "/lib/ld.so"), .binary(loader: "/lib/ld.so")), (elf(processor: 3), .binary(loader: nil)),
    ] as [([UInt8], ProgramFormat)])
  func `what can be run is told by how the file begins`(head: [UInt8], format: ProgramFormat) {
    #expect(ProgramFormat(head: head, processor: 62) == format)
  }

  @Test(
    arguments: [
      ([], "empty"), (Array("echo 1\n".utf8), "#!/bin/sh"), (Array("#!\n".utf8), "names no interpreter"),
      (Array("#!  ".utf8), "names no interpreter"),
      (Array("#!/".utf8) + [UInt8](repeating: 0x61, count: 300), "too long"), (elf(processor: 183), "64-bit ARM"),
      (elf(processor: 250), "number 250"), (elf(type: 1), "not linked"), (Array(elf().prefix(20)), "beginning"),
      ([0xCF, 0xFA, 0xED, 0xFE, 0], "macOS"), (Array("MZ".utf8), "Windows"), ([0, 1, 2], "neither"),
    ] as [([UInt8], String)])
  func `what cannot be run is told by how the file begins`(head: [UInt8], words: String) {
    guard case .unusable(let reason) = ProgramFormat(head: head, processor: 62) else {
      Issue.record("it is taken for a program")
      return
    }
    #expect(reason.contains(words), "\(reason)")
  }

  @Test func `formats that the system was taught are left to it, and any bytes at all are taken`() {
    #expect(ProgramFormat(head: Self.elf(processor: 183), processor: 62, runsOthers: true) == .binary(loader: nil))
    var numbers = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      var head = Self.elf(loader: "/lib/ld.so")
      for _ in 0..<8 { head[Int.random(in: 4..<head.count, using: &numbers)] = .random(in: 0...255, using: &numbers) }
      _ = ProgramFormat(head: Array(head.prefix(Int.random(in: 0...head.count, using: &numbers))), processor: 62)
    }
  }

  // MARK: Files

  @Test(
    arguments: [
      ("#!/bin/sh\n", nil), ("#!/nowhere/sh\n", "its interpreter /nowhere/sh: no such file"),
      ("#! /tmp\n", "its interpreter /tmp: it is a folder"),
      ("#!/etc/passwd\n", "its interpreter /etc/passwd: it is not"),
      ("#!/bin/sh\r\n", "as on Windows"), ("#!/usr/bin/env no-such-language\n", "no-such-language: no folder of PATH"),
      ("#!/usr/bin/env sh\r\n", "as on Windows"), ("#!/usr/bin/env sh\n", nil), ("#!/usr/bin/env -S A=1 sh -e\n", nil),
      ("#!/usr/bin/env -S no-such-language -x\n", "no folder of PATH"), ("#!SELF\n", "without end"), ("", "empty"),
      ("echo 1\n", "#!/bin/sh"),
    ] as [(String, String?)])
  func `a program is refused before any job is taken, with the reason`(text: String, words: String?) async throws {
    try await withProgram("") { path in
      try text.replacing("SELF", with: path).write(toFile: path, atomically: false, encoding: .utf8)
      let obstacle = Program.obstacle(at: path)
      #expect(words.map { obstacle?.contains($0) == true } ?? (obstacle == nil), "\(obstacle ?? "none")")
      guard let words else { return }
      // Nothing listens there: nothing has been asked of Redis.
      let result = try await ChildProcess.run(
        Places.bullflow, ["work", "q", "--", path], environment: ["REDIS_URL": "unix:///nowhere"])
      expectLine(result, code: 65, "cannot run", words)
    }
  }

  @Test func `programs of this system are no trouble`() {
    for path in ["/bin/sh", "/usr/bin/env", CommandLine.arguments[0]] { #expect(Program.obstacle(at: path) == nil) }
    #expect(Program.obstacle(at: "/dev/null") == "it is no file")
  }

  // MARK: At work

  @Test func `a program that cannot be started any more loses no job, is told once, and is tried seldom`()
    async throws
  {
    try await withRedis { redis, server in
      let queue = Queue("mails", connection: redis)
      // It makes itself a file that nothing can run, at its first job.
      let own = "#!/bin/sh\necho done\n"
      try await withProgram("#!/bin/sh\nprintf '' > \"$0\"\n") { path in
        try await queue.addBulk((0..<200).map { .init("j\($0)") })
        let result = try await ChildProcess.run(
          Places.bullflow, ["work", "mails", "--", path], environment: ["REDIS_URL": Peer.url(of: server.endpoint)]
        ) { process in
          #expect(try await eventually { try await queue.getJobCounts()[.completed] == 1 } != nil)
          try await Task.sleep(for: .seconds(2))
          let counts = try await queue.getJobCounts()
          #expect(counts[.failed] == 0 && counts[.completed] == 1, "\(counts)")
          try own.write(toFile: path, atomically: false, encoding: .utf8)
          #expect(try await eventually { try await queue.getJobCounts()[.completed] == 200 } != nil)
          kill(process, SIGTERM)
        }
        let lines = result.errors.split(separator: "\n")
        #expect(result.code == 0 && lines.count == 2, "\(result.errors)")
        #expect(lines.first?.contains("it is empty") == true && lines.last?.contains("again, after") == true)
      }
    }
  }

  @Test func `an attempt that could not be started counts where others are left`() async throws {
    try await withRedis { redis, server in
      let queue = Queue("mails", connection: redis)
      try await withProgram("#!/bin/sh\nprintf '' > \"$0\"\n") { path in
        try await queue.add("a")
        let job = try await queue.add("b", opts: ["attempts": 3])
        _ = try await ChildProcess.run(
          Places.bullflow, ["work", "mails", "--", path], environment: ["REDIS_URL": Peer.url(of: server.endpoint)]
        ) { (process) async throws in
          let made = { try await queue.getJob(job.id)?.attemptsMade ?? 0 }
          #expect(try await eventually { try await made() == 2 } != nil)
          kill(process, SIGTERM)
        }
        let left = try #require(try await queue.getJob(job.id))
        #expect(left.attemptsMade == 2 && left.failedReason?.contains("it is empty") == true)
        #expect(try await left.getState() == .waiting)
      }
    }
  }

  @Test(arguments: [("kill -9 $$", "was killed by signal 9 (SIGKILL)"), ("exit 3", "ended with exit code 3")])
  func `how a program ended without a word is told in words`(script: String, words: String) async throws {
    try await withRedis { redis, server in
      let job = try await Queue("q", connection: redis).add("a")
      let result = try await ChildProcess.run(
        Places.bullflow, ["work", "q", "--until-drained", "--", "sh", "-c", script],
        environment: ["REDIS_URL": Peer.url(of: server.endpoint)])
      #expect(result.code == 0)
      #expect(try await Queue("q", connection: redis).getJob(job.id)?.failedReason == "sh \(words)")
    }
  }

  /// A program in a folder of its own, gone afterwards.
  private func withProgram(_ text: String, _ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString)").path
    defer { unlink(path) }
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    chmod(path, 0o700)
    try await body(path)
  }
}
