import ArgumentParser
import Foundation
import Logging
import PrivateRedis
import QueueClient
import Redis

/// Working jobs off beside real BullMQ.
struct WorkBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work",
    abstract: "Working off no-op jobs and flows of 1 + 10 beside Python's bullmq; and whether memory stays flat."
  )

  @Option(help: "How often each is measured; the medians count.") var rounds = 3
  @Option(
    help: "How many jobs (or a tenth as many flows) the peer works off; we work off so many times more as we aim at.")
  var count = 3000
  @Option(help: "The Python that has bullmq.") var python = ".venv-peer/bin/python"
  @Option(help: ArgumentHelp("Only this case; may be given again.", valueName: "case")) var only: [Working] = []
  @Flag(help: "Without the peer, for a profiler.") var alone = false
  @Option(help: "How many jobs are worked off to see whether memory stays flat; 0 for none.") var soak = 1_000_000

  func run() async throws {
    let port = try PrivateRedis.freePort()
    let server = try await PrivateRedis.start(port: port)
    defer { server.stop() }
    let tcp = RedisEndpoint(address: .tcp(host: "127.0.0.1", port: port))
    print("                       bullflow    bullmq                 Redis's CPU, µs a job     Redis busy")
    print("server  case             jobs/s    jobs/s   ratio   aim   bullflow  bullmq  ratio   bullflow  bullmq")
    for (name, endpoint) in [("TCP", tcp), ("Unix", server.endpoint)] {
      let redis = RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
      defer { redis.close() }
      let peer = try alone ? nil : Peer(python: python, endpoint: endpoint)
      for working in Working.allCases where only.isEmpty || only.contains(working) {
        try await compare(working, on: redis, named: name, with: peer)
      }
    }
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { redis.close() }
    if soak > 0, only.isEmpty { try await Soak(redis: redis, total: soak).run() }
  }

  private func compare(
    _ working: Working, on redis: RedisClient, named server: String, with peer: Peer?
  ) async throws {
    var own = Figures()
    var theirs = Figures()
    let jobs = working.jobs(for: count)
    for _ in 0..<rounds {
      if let peer { theirs.add(jobs: jobs, try await measurePeer(peer, working, on: redis)) }
      try await redis.send(["FLUSHALL"])
      let total = working.jobs(for: count * working.lead)
      try await working.prepare(on: redis, count: count * working.lead)
      own.add(jobs: total, try await working.run(on: redis, jobs: total))
    }
    printRow(
      [
        server, working.rawValue, own.rate.median.grouped, theirs.rate.median.grouped,
        (own.rate.median / theirs.rate.median).ratio, "\(working.lead)", own.cpu.median.ratio, theirs.cpu.median.ratio,
        (own.cpu.median / theirs.cpu.median).ratio, own.busy.median.percent, theirs.busy.median.percent,
      ], widths: [-8, -12, 11, 10, 8, 6, 11, 8, 7, 11, 8])
  }

  /// The peer's own clock counts, and Redis's CPU over the work alone: adding is not part of it.
  private func measurePeer(_ peer: Peer, _ working: Working, on redis: RedisClient) async throws -> ServerLoad {
    let (whole, figure) = try await ServerLoad.during(redis) {
      try peer.measure(working.peerCase, count: working.calls(count))
    }
    let adding = try await ServerLoad.during(redis) {
      try peer.measure(working.peerCase + "-add", count: working.calls(count))
    }.0
    return ServerLoad(cpu: whole.cpu - adding.cpu, wall: figure.seconds)
  }

  private struct Figures {
    var rate: [Double] = []
    var cpu: [Double] = []
    var busy: [Double] = []

    mutating func add(jobs: Int, _ load: ServerLoad) {
      rate.append(Double(jobs) / load.wall)
      cpu.append(load.cpu / Double(jobs) * 1e6)
      busy.append(load.cpu / load.wall)
    }
  }
}

/// One way of working jobs off.
enum Working: String, CaseIterable, ExpressibleByArgument {
  /// No-op jobs, one after the other.
  case one = "work-1"
  /// The same, by a processor that runs on the connection's event loop.
  case oneOnLoop = "work-1-loop"
  /// No-op jobs, fifty at once.
  case fifty = "work-50"
  /// Flows of 1 + 10 to their end, both queues at fifty at once.
  case flows = "flow-run"

  /// How many times as fast as the peer we mean to be.
  var lead: Int { isSequential ? 4 : 8 }

  /// What the peer calls it.
  var peerCase: String { self == .oneOnLoop ? Working.one.rawValue : rawValue }

  private var isSequential: Bool { self == .one || self == .oneOnLoop }

  /// How many jobs there are in all for a count given.
  func jobs(for count: Int) -> Int { self == .flows ? count / 10 * 11 : count }

  /// How many jobs, or flows, the peer is asked for.
  func calls(_ count: Int) -> Int { self == .flows ? count / 10 : count }

  func prepare(on redis: RedisClient, count: Int) async throws {
    let producer = FlowProducer(connection: redis)
    for first in stride(from: 0, to: calls(count), by: 100) {
      try await producer.addBulk(
        (first..<min(calls(count), first + 100)).map { number in
          self == .flows
            ? FlowNode(
              name: "parent", queueName: "bench-parents", data: ["i": .int(number)],
              children: (0..<10).map {
                FlowNode(name: "child", queueName: "bench-children", data: ["i": .int(number), "c": .int($0)])
              })
            : FlowNode(name: "j", queueName: "bench-jobs", data: ["i": .int(number)])
        })
    }
  }

  /// Works all off.
  ///
  /// - Returns: the load until the last job was done; as with the peer, closing the workers does not count.
  func run(on redis: RedisClient, jobs: Int) async throws -> ServerLoad {
    let configuration = WorkerConfiguration(
      concurrency: isSequential ? 1 : 50, executor: self == .oneOnLoop ? redis.executor : nil)
    let quiet = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
    let workers: [Worker]
    let last: (queue: String, count: Int)
    if self == .flows {
      workers = [
        Worker("bench-children", connection: redis, configuration: configuration, logger: quiet) { _ in 1 },
        Worker("bench-parents", connection: redis, configuration: configuration, logger: quiet) { job in
          try await job.getChildrenValues(as: Int.self).values.reduce(0, +)
        },
      ]
      last = ("bull:bench-parents:completed", jobs / 11)
    } else {
      workers = [Worker("bench-jobs", connection: redis, configuration: configuration, logger: quiet) { _ in }]
      last = ("bull:bench-jobs:completed", jobs)
    }
    return try await withThrowingTaskGroup { group in
      let (load, _) = try await ServerLoad.during(redis) {
        for worker in workers { group.addTask { try await worker.run() } }
        while try await redis.send(["ZCARD", .text(last.queue)]).int ?? 0 < last.count {
          try await Task.sleep(for: .milliseconds(10))
        }
      }
      for worker in workers { await worker.close() }
      try await group.waitForAll()
      return load
    }
  }
}

/// Works off very many jobs that leave nothing behind, and looks at our memory meanwhile.
struct Soak {
  let redis: RedisClient
  let total: Int

  func run() async throws {
    try await redis.send(["FLUSHALL"])
    let options: JobOptions = ["removeOnComplete": true]
    let quiet = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
    let worker = Worker(
      "soak", connection: redis, configuration: WorkerConfiguration(concurrency: 50), logger: quiet
    ) { _ in }
    let producer = FlowProducer(connection: redis)
    var readings: [Int] = []
    let start = ContinuousClock.now
    try await withThrowingTaskGroup { group in
      group.addTask { try await worker.run() }
      let portion = 1000
      for first in stride(from: 0, to: total, by: portion) {
        try await producer.addBulk(
          (0..<portion).map { FlowNode(name: "j", queueName: "soak", data: .int(first + $0), opts: options) })
        while try await redis.send(["LLEN", "bull:soak:wait"]).int ?? 0 > 5 * portion {
          try await Task.sleep(for: .milliseconds(5))
        }
        if first % max(portion, total / 10) == 0 { readings.append(try residentKilobytes()) }
      }
      while try await redis.send(["EXISTS", "bull:soak:wait", "bull:soak:active"]).int ?? 0 > 0 {
        try await Task.sleep(for: .milliseconds(10))
      }
      await worker.close()
      try await group.waitForAll()
    }
    let rate = Double(total) / (ContinuousClock.now - start).seconds
    print(
      "\(Double(total).grouped) jobs added and worked off at \(rate.grouped)/s; our memory on the way, MB: "
        + readings.map { String($0 / 1024) }.joined(separator: " "))
  }

  private func residentKilobytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
  }
}
