import ArgumentParser
import FlowMonitor
import Logging
import PrivateRedis
import QueueClient
import Redis

/// How long after a change the monitor knows of it.
struct LiveBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "live",
    abstract: "How long after a flow was added, and a child had ended, a monitor knows; aim: 250 ms at the most.")

  @Option(help: "How many flows are watched, one after the other.") var count = 50
  @Option(help: "How many flows there are already.") var standing = 1000

  func run() async throws {
    let server = try await PrivateRedis.start(options: ["--notify-keyspace-events", "AK"])
    defer { server.stop() }
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { redis.close() }
    let producer = FlowProducer(connection: redis)
    for first in stride(from: 0, to: standing, by: 100) {
      try await producer.addBulk(
        (first..<min(standing, first + 100)).map { Self.flow("standing-\($0)", steps: "idle") })
    }
    let ended = AsyncStream<ContinuousClock.Instant>.makeStream()
    let worker = Worker("steps", connection: redis, logger: .silent) { _ in
      ended.continuation.yield(.now)
      return 1
    }
    let monitor = FlowMonitor(redis: redis)
    // The newest flows first: those that are added now are at the top.
    var window = Window()
    window.order = .newest
    window.height = 48
    await monitor.look(through: window)
    let watching = Task { await monitor.run() }
    var pictures = monitor.pictures.makeAsyncIterator()
    while let picture = await pictures.next(), !picture.discovery.isComplete || picture.status != .live {}
    let work = Task { try await worker.run() }
    await worker.pause()
    var ends = ended.stream.makeAsyncIterator()
    var (appearing, ending): ([Double], [Double]) = ([], [])
    for number in 0..<count {
      let key = try await producer.add(Self.flow("watched-\(number)", steps: "steps")).job.key
      let added = ContinuousClock.now
      while let picture = await pictures.next(), picture.jobs[key] == nil {}
      appearing.append((ContinuousClock.now - added).seconds * 1000)
      worker.resume()
      let end = await ends.next() ?? .now
      while let picture = await pictures.next(), picture.jobs[key]?.counts.processed != 1 {}
      ending.append((ContinuousClock.now - end).seconds * 1000)
      await worker.pause()
    }
    await worker.close()
    try await work.value
    watching.cancel()
    for (what, times) in [("a flow added", appearing), ("a child ended", ending)] {
      print(
        "\(what), beside \(standing) other flows: known after \(times.median.ratio) ms (median),"
          + " \((times.max() ?? .nan).ratio) ms (longest); aim: 250 ms")
    }
  }

  private static func flow(_ name: String, steps: String) -> FlowNode {
    FlowNode(name: name, queueName: "parents", children: [FlowNode(name: "step", queueName: steps)])
  }
}
