import QueueClient
import Redis

/// Flows of many jobs: how fast they are read, and how long adding them holds the server up.
struct LargeFlows {
  let redis: RedisClient
  let rounds: Int

  func measure() async throws {
    try await reading()
    let wide = FlowNode(
      name: "wide", queueName: "parents", children: (0..<10_000).map { Self.job("child", number: $0) })
    let deep = (0..<1000).reduce(Self.job("leaf", number: 0)) { below, level in
      var node = Self.job("level", number: level)
      node.children = [below]
      return node
    }
    for (name, flow, jobs) in [("1 + 10 000 children", wide, 10_001), ("a chain of 1 001 levels", deep, 1001)] {
      try await redis.send(["FLUSHALL"])
      try await ServerLoad.watchStalls(of: redis)
      let start = ContinuousClock.now
      try await FlowProducer(connection: redis).add(flow)
      let took = (ContinuousClock.now - start).seconds * 1000
      let stall = try await ServerLoad.longestStall(of: redis)
      print(
        "adding \(name) (\(jobs) jobs): \(took.grouped) ms; the longest Redis stall \(stall.milliseconds.ratio) ms"
          + " (\(stall.command)); aim: below 50 ms")
    }
  }

  private static func job(_ name: String, number: Int) -> FlowNode {
    FlowNode(name: name, queueName: "large", data: ["number": .int(number)])
  }

  /// `getFlow` beside one raw pipeline of the same `HGETALL`s.
  private func reading() async throws {
    try await redis.send(["FLUSHALL"])
    let producer = FlowProducer(connection: redis)
    let children = (0..<1000).map { Self.job("child", number: $0) }
    let tree = try await producer.add(FlowNode(name: "parent", queueName: "parents", children: children))
    let keys = [tree.job.key] + tree.children.map(\.job.key)
    var (own, raw): ([Double], [Double]) = ([], [])
    for _ in 0..<max(rounds, 10) {
      var start = ContinuousClock.now
      let replies = try await redis.pipeline(keys.map { ["HGETALL", .text("\($0)")] })
      raw.append((ContinuousClock.now - start).seconds * 1000)
      start = ContinuousClock.now
      let read = try await producer.getFlow(queueName: "parents", id: tree.job.id, maxChildren: 1000)
      own.append((ContinuousClock.now - start).seconds * 1000)
      guard read?.children.count == 1000, replies.count == 1001 else {
        throw MeasuringError(description: "getFlow read \(read?.children.count ?? 0) of 1000 children")
      }
    }
    print(
      "getFlow of 1 + 1 000: \(own.median.ratio) ms; a raw pipeline of its HGETALLs: \(raw.median.ratio) ms;"
        + " ratio \((own.median / raw.median).ratio), aim: at most 2")
  }
}
