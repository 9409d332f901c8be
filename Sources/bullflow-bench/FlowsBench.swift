import ArgumentParser
import PrivateRedis
import QueueClient
import Redis

/// Adding and reading flows beside real BullMQ.
struct FlowsBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flows",
    abstract:
      "Adding flows of 1 + 10 beside Python's bullmq, over TCP and a Unix socket; reading and adding large ones."
  )

  @Option(help: "How often each is measured; the medians count.") var rounds = 3
  @Option(help: "How many flows the peer adds; ours adds four times as many.") var count = 1000
  @Option(help: "The Python that has bullmq.") var python = ".venv-peer/bin/python"

  @Option(help: ArgumentHelp("Only this case; may be given again.", valueName: "case")) var only: [Adding] = []
  @Flag(help: "Without the peer, for a profiler.") var alone = false

  func run() async throws {
    let port = try PrivateRedis.freePort()
    let server = try await PrivateRedis.start(port: port)
    defer { server.stop() }
    let tcp = RedisEndpoint(address: .tcp(host: "127.0.0.1", port: port))
    print("                      bullflow   bullmq                    Redis's CPU, µs a job")
    print("server  case           flows/s  flows/s   ratio   aim   bullflow  bullmq  ratio   aim")
    for (name, endpoint) in [("TCP", tcp), ("Unix", server.endpoint)] {
      let redis = RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
      defer { redis.close() }
      let peer = try Peer(python: python, endpoint: endpoint)
      for adding in Adding.allCases where only.isEmpty || only.contains(adding) {
        try await compare(adding, on: redis, named: name, with: peer)
      }
    }
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { redis.close() }
    if only.isEmpty { try await LargeFlows(redis: redis, rounds: rounds).measure() }
  }

  private func compare(_ adding: Adding, on redis: RedisClient, named server: String, with peer: Peer) async throws {
    var (own, theirs, ownCPU, theirCPU): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
    for _ in 0..<rounds {
      if !alone {
        let (load, figure) = try await ServerLoad.during(redis) { try peer.measure(adding.rawValue, count: count) }
        theirs.append(figure.perSecond)
        theirCPU.append(load.cpu / Double(count * Adding.jobsPerFlow) * 1e6)
      }
      try await redis.send(["FLUSHALL"])
      let total = count * 4
      let (ownLoad, _) = try await ServerLoad.during(redis) { try await adding.run(on: redis, count: total) }
      own.append(Double(total) / ownLoad.wall)
      ownCPU.append(ownLoad.cpu / Double(total * Adding.jobsPerFlow) * 1e6)
    }
    printRow(
      [
        server, adding.rawValue, own.median.grouped, theirs.median.grouped, (own.median / theirs.median).ratio, "4",
        ownCPU.median.ratio, theirCPU.median.ratio, (ownCPU.median / theirCPU.median).ratio, "0.6",
      ], widths: [-8, -11, 11, 9, 8, 6, 11, 8, 7, 6])
  }
}

/// One way of adding flows.
enum Adding: String, CaseIterable, ExpressibleByArgument {
  /// One after the other.
  case sequential = "add-seq"
  /// By fifty at once.
  case concurrent = "add-50"
  /// A hundred a call.
  case bulk = "add-bulk"

  static let jobsPerFlow = 11

  private static func flow(_ number: Int) -> FlowNode {
    FlowNode(
      name: "parent", queueName: "bench-parents", data: ["i": .int(number)],
      children: (0..<10).map { child in
        FlowNode(name: "child", queueName: "bench-children", data: ["i": .int(number), "c": .int(child)])
      })
  }

  func run(on redis: RedisClient, count: Int) async throws {
    let producer = FlowProducer(connection: redis)
    switch self {
    case .sequential:
      for number in 0..<count { try await producer.add(Self.flow(number)) }
    case .concurrent:
      try await withThrowingTaskGroup { group in
        for first in 0..<50 {
          group.addTask {
            for number in stride(from: first, to: count, by: 50) { try await producer.add(Self.flow(number)) }
          }
        }
        try await group.waitForAll()
      }
    case .bulk:
      for first in stride(from: 0, to: count, by: 100) {
        try await producer.addBulk((first..<min(count, first + 100)).map(Self.flow))
      }
    }
  }
}
