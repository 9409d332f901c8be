import ArgumentParser
import FlowMonitor
import PrivateRedis
import QueueClient
import Redis

/// What a diagnosis of one large flow costs, beside the least that anybody would have to ask.
struct ExplainBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "A diagnosis of one flow of 10,000 jobs, beside a pipeline that asks EXISTS and the failed score of each."
  )

  @Option(help: "How many children the flow has.") var children = 10_000

  func run() async throws {
    let server = try await PrivateRedis.start()
    defer { server.stop() }
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { redis.close() }
    try await FlowProducer(connection: redis).add(
      FlowNode(
        name: "root", queueName: "root", opts: ["jobId": "r"],
        children: (0..<children).map { FlowNode(name: "leaf", queueName: "leaf", opts: ["jobId": .string("l\($0)")]) }))
    // One that failed, as a worker leaves it.
    let leaf = QueueKey(name: "leaf")
    try await redis.send(["LREM", .text(leaf[.wait]), "0", "l7"])
    try await redis.send(["ZADD", .text(leaf[.failed]), "1795000000000", "l7"])
    let key = JobKey(queue: QueueKey(name: "root"), id: "r")
    var (raw, own): ([Double], [Double]) = ([], [])
    var trips = 0
    for _ in 0..<5 {
      var start = ContinuousClock.now
      _ = try await redis.rawReplies(
        to: (0..<children).flatMap { index -> [RedisCommand] in
          [["EXISTS", .text("\(leaf):l\(index)")], ["ZSCORE", .text(leaf[.failed]), .text("l\(index)")]]
        })
      raw.append((ContinuousClock.now - start).seconds)
      let before = try await commands(redis)
      start = .now
      let found = try await FlowExplainer(redis: redis).explain(key)
      own.append((ContinuousClock.now - start).seconds)
      trips = try await commands(redis) - before
      guard found?.causes.contains(where: { $0.code == .failedChild }) == true else {
        throw MeasuringError(description: "the failed child was not found")
      }
    }
    print("raw pipeline \((raw.median * 1000).grouped) ms, one look \((own.median * 1000).grouped) ms")
    print("ratio \((own.median / raw.median).ratio) (aim: 3), \(trips) commands sent")
  }

  private func commands(_ redis: RedisClient) async throws -> Int {
    let info = try await redis.send(["INFO", "stats"]).string ?? ""
    return info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("total_reads_processed:") }
      .flatMap { Int($0.dropFirst("total_reads_processed:".count)) } ?? 0
  }
}
