import ArgumentParser
import PrivateRedis
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
