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
  @Option(help: "Round trips of so many milliseconds, over which the dashboard is opened; may be given again.")
  var links: [Int] = [20, 200]

  func run() async throws {
    print("opening: the dashboard at 160x50, then a monitor alone, then two commands; nothing is known beforehand")
    let columns = ["jobs", "first rows", "memory", "known through", "commands", "tree --limit", "snapshot", "one SCAN"]
    printRow(columns, widths: Self.openingWidths)
    for count in jobs {
      try await opening(count)
      fflush(nil)
    }
    print("aim: first rows within 1.5 s and 1.5 times the first line, 80 MB, 5 000 commands;")
    print("     the commands at most 1.5 times the first line and one SCAN")
    try await overLinks()
    print("\nbeside changes: what a second costs more than without")
    for rate in rates {
      let alone = try await load(rate, beside: nil)
      print("\(rate)/s without a viewer: \(alone.words)")
      fflush(nil)
      print("\(rate)/s, a viewer adds:   \(try await load(rate, beside: []).less(alone).words)")
      fflush(nil)
      print("\(rate)/s, a poller adds:   \(try await load(rate, beside: ["--polling", "3"]).less(alone).words)")
      fflush(nil)
    }
    print("aim: 1 000 commands a second, 20 % of a core, 80 MB, 30 kB to the terminal, staleness p99 below 100 ms")
  }

  // MARK: Opening

  private static let openingWidths = [-10, 12, 9, 15, 11, 14, 12, 11]

  private func opening(_ count: Int) async throws {
    let server = try await PrivateRedis.start(options: ["--notify-keyspace-events", "AK"])
    defer { server.stop() }
    let redis = RedisClient(
      configuration: RedisConfiguration(endpoint: server.endpoint, commandTimeout: .seconds(120)))
    defer { redis.close() }
    try await PopulatedRedis(redis: redis).populate(flows: count / 10, childrenPerFlow: 9)
    let folder = FileManager.default.temporaryDirectory.appending(path: "bullflow-bench-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let dashboard = try DashboardProcess(try server.url, seeing: "report", folder: folder)
    let firstRows = try await dashboard.firstRows()
    try await Task.sleep(for: .seconds(4))
    let memory = dashboard.peakMegabytes
    dashboard.end()
    let sent = try SentCommands(to: server)
    let viewer = try ViewerProcess(server, [])
    try viewer.wait(for: "discovered")
    let commands = try sent.end()
    let report = try viewer.end()
    let tree = try seconds(of: ["tree", "--limit", "20"], on: server, folder)
    let snapshot = try seconds(of: ["snapshot"], on: server, folder)
    let scan = try await secondsOfScan(redis)
    let times = [firstRows, report.discovered, tree, snapshot, scan].map { "\(($0 * 1000).grouped) ms" }
    printRow(
      [
        Double(count).grouped, times[0], "\(memory) MB", times[1], Double(commands).grouped, times[2], times[3],
        times[4],
      ], widths: Self.openingWidths)
  }

  /// Opens the dashboard where Redis is far away.
  private func overLinks() async throws {
    let server = try await PrivateRedis.start()
    defer { server.stop() }
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { redis.close() }
    try await PopulatedRedis(redis: redis).populate(flows: 10_000, childrenPerFlow: 9)
    for milliseconds in links {
      let link = try await SlowLink.open(to: try server.socket, roundTrip: .milliseconds(milliseconds))
      let folder = FileManager.default.temporaryDirectory.appending(path: "bullflow-bench-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: folder) }
      let dashboard = try DashboardProcess("redis://127.0.0.1:\(link.port)", seeing: "report", folder: folder)
      let rows = try await dashboard.firstRows()
      dashboard.end()
      try await link.close()
      let trips = Int(clamping: rows * 1000 / Double(max(1, milliseconds)))
      print(
        "100 000 jobs, round trips of \(milliseconds) ms: first rows after \((rows * 1000).grouped) ms, \(trips) round trips"
      )
    }
  }

  /// How long a command of the program takes, from its start to its end.
  private func seconds(of arguments: [String], on server: PrivateRedis, _ folder: URL) throws -> Double {
    let path = try server.socket
    let process = Process()
    process.executableURL = try DashboardProcess.program
    process.arguments = arguments + ["--url", "unix://\(path)"]
    process.environment = ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": folder.path]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    let start = ContinuousClock.now
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw MeasuringError(description: "\(arguments[0]) failed with code \(process.terminationStatus)")
    }
    return (ContinuousClock.now - start).seconds
  }

  private func secondsOfScan(_ redis: RedisClient) async throws -> Double {
    let start = ContinuousClock.now
    var cursor: String? = "0"
    while let from = cursor { cursor = try await redis.scan(QueueKey.metaPattern(prefix: "bull"), from: from).next }
    return (ContinuousClock.now - start).seconds
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
    var dashboard: Dashboard?
    var seconds = 1.0

    /// The program itself, on a terminal.
    struct Dashboard {
      var cpu: Double
      var bytes: Double
      var megabytes: Int
    }

    func less(_ other: Cost) -> Cost {
      Cost(
        sent: sent - other.sent, executed: executed - other.executed, redisCPU: redisCPU - other.redisCPU,
        viewer: viewer, dashboard: dashboard, seconds: seconds)
    }

    var words: String {
      var words = "\(sent.grouped) sent, \(executed.grouped) executed, Redis \(redisCPU.percent)"
      guard let viewer else { return words }
      let times = viewer.staleness.sorted()
      words += ", viewer \((viewer.cpu / viewer.elapsed).percent), \(viewer.peakKilobytes / 1024) MB"
      if !times.isEmpty {
        words += ", p50 \(times[times.count / 2].grouped) ms, p99 \(times[times.count * 99 / 100].grouped) ms"
      }
      words += ", \(viewer.pictures) pictures"
      if let dashboard {
        words += "\n  the dashboard itself: \(dashboard.cpu.percent) of a core, \(dashboard.megabytes) MB, "
        words += "\(dashboard.bytes.grouped) bytes to the terminal"
      }
      return words
    }
  }

  /// Works flows of 1 + 9 off at a steady rate, our workers as BullMQ's own.
  private func load(_ rate: Int, beside arguments: [String]?) async throws -> Cost {
    let server = try await PrivateRedis.start(options: ["--notify-keyspace-events", "AK"])
    defer { server.stop() }
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { redis.close() }
    // Jobs last long enough for flows to be seen while they run.
    let configuration = WorkerConfiguration(concurrency: 500)
    let workers = ["parents", "pages"].map {
      Worker($0, connection: redis, configuration: configuration, logger: .silent) { _ in
        try await Task.sleep(for: .milliseconds(Int.random(in: 50...250)))
        return 1
      }
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
    let dashboard = arguments == [] ? try await self.dashboard(on: server) : nil
    adding.cancel()
    for worker in workers { await worker.close() }
    for task in running { try await task.value }
    return Cost(
      sent: sentRate, executed: Double(executed) / cost.wall,
      redisCPU: cost.cpu / cost.wall, viewer: report, dashboard: dashboard, seconds: cost.wall)
  }

  /// What the program itself costs beside the load, in a second.
  private func dashboard(on server: PrivateRedis) async throws -> Cost.Dashboard {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bullflow-bench-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let dashboard = try DashboardProcess(try server.url, seeing: "report", folder: folder)
    defer { dashboard.end() }
    _ = try await dashboard.firstRows()
    try await Task.sleep(for: .seconds(2))
    let (cpu, bytes, start) = (dashboard.cpu, dashboard.bytes, ContinuousClock.now)
    try await Task.sleep(for: .seconds(seconds))
    let elapsed = (ContinuousClock.now - start).seconds
    return Cost.Dashboard(
      cpu: (dashboard.cpu - cpu) / elapsed, bytes: Double(dashboard.bytes - bytes) / elapsed,
      megabytes: dashboard.peakMegabytes)
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
    let path = try server.socket
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

extension PrivateRedis {
  /// The path of its socket.
  fileprivate var socket: String {
    get throws {
      guard case .unix(let path) = endpoint.address else { throw MeasuringError(description: "no socket") }
      return path
    }
  }

  fileprivate var url: String { get throws { "unix://\(try socket)" } }
}

/// A viewer in a process of its own.
private final class ViewerProcess {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var text = Data()

  init(_ server: PrivateRedis, _ arguments: [String]) throws {
    let path = try server.socket
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
