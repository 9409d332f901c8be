import ArgumentParser
import FlowMonitor
import Foundation
import Logging
import PrivateRedis
import QueueClient
import Redis

/// What a viewer costs: to open, and to keep open beside a busy Redis.
struct MonitorBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitor",
    abstract: "First picture at 1 k, 100 k and 1 M jobs; a viewer's cost beside 1,000 and 2,000 job changes a second.")

  @Option(help: "How many jobs stand in Redis; may be given again.") var jobs: [Int] = [1000, 100_000, 1_000_000]
  @Option(help: "How many jobs a second change; may be given again.") var rates: [Int] = [1000, 2000]
  @Option(help: "How many seconds each load is watched.") var seconds = 10

  func run() async throws {
    print("jobs         first picture   known through   memory     commands   executed   aim: 1.5 s, 80 MB, 5 000")
    for count in jobs {
      try await opening(count)
      fflush(nil)
    }
    print("\nbeside changes: commands a second, executed a second, Redis's CPU, viewer's CPU, memory, staleness")
    for rate in rates {
      let alone = try await load(rate, beside: nil)
      print("\(rate)/s without a viewer: \(alone.words)")
      fflush(nil)
      print("\(rate)/s, a viewer adds:   \(try await load(rate, beside: []).less(alone).words)")
      fflush(nil)
      print("\(rate)/s, a poller adds:   \(try await load(rate, beside: ["--polling", "3"]).less(alone).words)")
    }
    print("aim: 1 000 commands a second, 20 % of a core, 80 MB, p99 below 100 ms")
  }

  // MARK: Opening

  private func opening(_ count: Int) async throws {
    let server = try await PrivateRedis.start(options: ["--notify-keyspace-events", "AK"])
    defer { server.stop() }
    let redis = RedisClient(
      configuration: RedisConfiguration(endpoint: server.endpoint, commandTimeout: .seconds(120)))
    defer { redis.close() }
    let producer = FlowProducer(connection: redis)
    for first in stride(from: 0, to: count / 10, by: 100) {
      try await producer.addBulk((first..<min(count / 10, first + 100)).map { Self.flow($0, children: 9) })
    }
    let before = try await executedCommands(of: redis)
    let sent = try SentCommands(to: server)
    let viewer = try ViewerProcess(server, [])
    try viewer.wait(for: "discovered")
    let executed = try await executedCommands(of: redis) - before
    let commands = try sent.end()
    let report = try viewer.end()
    printRow(
      [
        Double(count).grouped, "\((report.firstPicture * 1000).grouped) ms", "\((report.discovered * 1000).grouped) ms",
        "\(report.peakKilobytes / 1024) MB", Double(commands).grouped,
        Double(executed).grouped,
      ], widths: [-10, 16, 16, 9, 13, 11])
  }

  private static func flow(_ number: Int, children: Int, queue: String = "parents") -> FlowNode {
    FlowNode(
      name: "report", queueName: queue, data: ["number": .int(number)],
      children: (0..<children).map { FlowNode(name: "page", queueName: "pages", data: ["page": .int($0)]) })
  }

  // MARK: Beside a load

  /// What was measured in a second, on average.
  private struct Cost {
    var sent = 0.0
    var executed = 0.0
    var redisCPU = 0.0
    var viewer: Viewer.Report?
    var seconds = 1.0

    func less(_ other: Cost) -> Cost {
      Cost(
        sent: sent - other.sent, executed: executed - other.executed, redisCPU: redisCPU - other.redisCPU,
        viewer: viewer, seconds: seconds)
    }

    var words: String {
      var words = "\(sent.grouped) sent, \(executed.grouped) executed, Redis \(redisCPU.percent)"
      guard let viewer else { return words }
      let times = viewer.staleness.sorted()
      words += ", viewer \((viewer.cpu / viewer.elapsed).percent), \(viewer.peakKilobytes / 1024) MB"
      if !times.isEmpty {
        words += ", p50 \(times[times.count / 2].grouped) ms, p99 \(times[times.count * 99 / 100].grouped) ms"
      }
      return words + ", \(viewer.pictures) pictures"
    }
  }

  /// Works flows of 1 + 9 off at a steady rate, our workers as BullMQ's own.
  private func load(_ rate: Int, beside arguments: [String]?) async throws -> Cost {
    let server = try await PrivateRedis.start(options: ["--notify-keyspace-events", "AK"])
    defer { server.stop() }
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { redis.close() }
    let configuration = WorkerConfiguration(concurrency: 20)
    let workers = ["parents", "pages"].map {
      Worker($0, connection: redis, configuration: configuration, logger: .silent) { _ in 1 }
    }
    let adding = Task {
      let producer = FlowProducer(connection: redis)
      var number = 0
      var next = ContinuousClock.now
      while !Task.isCancelled {
        // A tenth of a second's flows, spread.
        try await producer.addBulk((0..<max(1, rate / 1000)).map { Self.flow(number + $0, children: 9) })
        number += max(1, rate / 1000)
        next += .seconds(1) / max(1, rate / 10) * max(1, rate / 1000)
        try await Task.sleep(until: next)
      }
    }
    let running = workers.map { worker in Task { try await worker.run() } }
    try await Task.sleep(for: .seconds(2))
    let viewer = try arguments.map { try ViewerProcess(server, $0) }
    try viewer?.wait(for: "discovered")
    let before = try await executedCommands(of: redis)
    let (cost, _) = try await ServerLoad.during(redis) { try await Task.sleep(for: .seconds(seconds)) }
    let executed = try await executedCommands(of: redis) - before
    // MONITOR costs Redis so much that nothing else is measured meanwhile.
    let sent = try SentCommands(to: server)
    try await Task.sleep(for: .seconds(3))
    let sentRate = Double(try sent.end()) / 3
    let report = try viewer?.end()
    adding.cancel()
    for worker in workers { await worker.close() }
    for task in running { try await task.value }
    return Cost(
      sent: sentRate, executed: Double(executed) / cost.wall,
      redisCPU: cost.cpu / cost.wall, viewer: report, seconds: cost.wall)
  }
}

/// How many commands a Redis executed, those inside scripts included.
private func executedCommands(of redis: RedisClient) async throws -> Int {
  let info = try await redis.send(["INFO", "commandstats"]).string ?? ""
  return info.split(whereSeparator: \.isNewline).reduce(0) { sum, line in
    guard line.hasPrefix("cmdstat_"),
      let calls = line.split(separator: "=").dropFirst().first?.split(separator: ",").first
    else { return sum }
    return sum + (Int(calls) ?? 0)
  }
}

/// Counts the commands that clients send, as `MONITOR` tells them, without those that scripts call.
private final class SentCommands {
  private let process = Process()
  private let file = FileManager.default.temporaryDirectory.appending(path: "bullflow-sent-\(UUID().uuidString)")

  init(to server: PrivateRedis) throws {
    guard case .unix(let path) = server.endpoint.address else { throw MeasuringError(description: "no socket") }
    _ = FileManager.default.createFile(atPath: file.path, contents: nil)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["redis-cli", "-s", path, "MONITOR"]
    process.standardOutput = try FileHandle(forWritingTo: file)
    try process.run()
  }

  func end() throws -> Int {
    // redis-cli does not heed SIGTERM while it listens.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    defer { try? FileManager.default.removeItem(at: file) }
    let lines = try String(decoding: Data(contentsOf: file), as: UTF8.self).split(separator: "\n")
    return lines.count { !$0.contains(" lua]") } - 1
  }
}

/// A viewer in a process of its own.
private final class ViewerProcess {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var text = Data()

  init(_ server: PrivateRedis, _ arguments: [String]) throws {
    guard case .unix(let path) = server.endpoint.address else { throw MeasuringError(description: "no socket") }
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = ["viewer", path] + arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  func wait(for word: String) throws {
    while !String(decoding: text, as: UTF8.self).contains(word) {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { throw MeasuringError(description: "the viewer ended before it had seen all") }
      text += more
    }
  }

  func end() throws -> Viewer.Report {
    try input.fileHandleForWriting.close()
    text += output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let last = text.split(separator: 10).last ?? Data()
    return try JSONDecoder().decode(Viewer.Report.self, from: Data(last))
  }
}
