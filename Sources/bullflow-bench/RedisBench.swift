import ArgumentParser
import PrivateRedis
import Redis

/// One connection's throughput beside that of `redis-benchmark`.
struct RedisBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redis",
    abstract: "GET over one connection with 1, 50 and 500 concurrent callers, beside redis-benchmark -c 1 -P 1/50/500."
  )

  @Option(help: "How often each is measured; the medians count.") var rounds = 5
  @Option(help: "How many callers at once; several with several options.") var callers = [1, 50, 500]
  @Flag(help: "Only callers that run in Swift's pool, as most programs' do.") var poolOnly = false
  @Option(help: "About how many seconds each measurement takes.") var seconds = 1.0

  func run() async throws {
    let port = try PrivateRedis.freePort()
    let server = try await PrivateRedis.start(port: port)
    defer { server.stop() }
    let endpoint = RedisEndpoint(address: .tcp(host: "127.0.0.1", port: port))
    let client = RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
    defer { client.close() }
    try await client.send(["SET", "key:__rand_int__", "xxx"])
    print("callers   where they run   bullflow GET/s   redis-benchmark GET/s   ratio   aim")
    for callers in callers {
      let rate = 15_000 * Double(callers).squareRoot() * 1.5
      let total = max(callers, Int(rate * seconds) / callers * callers)
      var pooled: [Double] = []
      var onLoop: [Double] = []
      var peers: [Double] = []
      for _ in 0..<rounds {
        peers.append(try peer(port: port, pipeline: callers, total: total))
        pooled.append(try await own(client, on: nil, callers: callers, total: total))
        if poolOnly { continue }
        onLoop.append(try await own(client, on: client.executor, callers: callers, total: total))
      }
      for (place, own) in [("Swift's pool", pooled), ("event loop", onLoop)] where !own.isEmpty {
        let aim = callers == 1 ? "0.55" : "0.6"
        printRow(
          ["\(callers)", place, own.median.grouped, peers.median.grouped, (own.median / peers.median).ratio, aim],
          widths: [7, 17, 17, 24, 8, 6])
      }
    }
  }

  private func own(
    _ client: RedisClient, on executor: (any TaskExecutor)?, callers: Int, total: Int
  ) async throws -> Double {
    let start = ContinuousClock.now
    try await withThrowingTaskGroup { group in
      for _ in 0..<callers {
        group.addTask(executorPreference: executor) {
          for _ in 0..<total / callers { _ = try await client.send(["GET", "key:__rand_int__"]) }
        }
      }
      try await group.waitForAll()
    }
    return Double(total) / (ContinuousClock.now - start).seconds
  }

  private func peer(port: Int, pipeline: Int, total: Int) throws -> Double {
    let csv = try output(
      of: "redis-benchmark",
      ["-p", "\(port)", "-c", "1", "-P", "\(pipeline)", "-n", "\(total)", "-t", "get", "--csv"]
    )
    guard let line = csv.split(separator: "\n").first(where: { $0.hasPrefix("\"GET\"") }),
      let rate = Double(line.split(separator: ",")[1].filter { $0 != "\"" })
    else { throw MeasuringError(description: "redis-benchmark printed no rate") }
    return rate
  }
}
