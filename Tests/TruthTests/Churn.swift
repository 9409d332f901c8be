import QueueClient
import Redis
import Synchronization
import TestSupport

/// Flows of random shapes that are added, worked, retried and paused, until cancelled; it can be held still.
final class Churn: Sendable {
  static let queues = ["alpha", "beta", "gamma"]

  private let redis: RedisClient
  private let random: Mutex<SeededNumbers>
  private let isStill = Mutex(false)

  init(_ redis: RedisClient, seed: UInt64) {
    self.redis = redis
    random = Mutex(SeededNumbers(seed: seed))
  }

  /// Draws something.
  func draw<Value: Sendable>(_ body: (inout SeededNumbers) -> Value) -> Value { random.withLock { body(&$0) } }

  /// A flow of a random shape.
  func flow() -> FlowNode { draw { Self.flow(&$0, depth: 0) } }

  private static func flow(_ random: inout SeededNumbers, depth: Int) -> FlowNode {
    let isLeaf = depth > 0 && (depth > 2 || Int.random(in: 0..<3, using: &random) > 0)
    let width = Int.random(in: 0..<40, using: &random) == 0 ? 30 : Int.random(in: 1...4, using: &random)
    var data: [String: JSON] = ["returns": .int(Int.random(in: 0..<100, using: &random))]
    if isLeaf, Int.random(in: 0..<8, using: &random) == 0 { data["fails"] = "bad luck" }
    let options: JobOptions = Int.random(in: 0..<4, using: &random) == 0 ? ["ignoreDependencyOnFailure": true] : [:]
    return FlowNode(
      name: isLeaf ? "leaf" : "parent", queueName: queues.randomElement(using: &random) ?? queues[0],
      data: .object(data.map { JSON.Member($0.key, $0.value) }), opts: depth > 0 ? options : [:],
      children: isLeaf ? [] : (0..<width).map { _ in flow(&random, depth: depth + 1) })
  }

  /// Nothing is added, retried or paused while it is still; workers go on.
  func holdStill(_ still: Bool) { isStill.withLock { $0 = still } }

  /// Adds flows, and does now and then what people do.
  func run(perSecond: Int) async {
    let producer = FlowProducer(connection: redis)
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(1) / perSecond)
      guard !isStill.withLock({ $0 }) else { continue }
      _ = try? await producer.add(flow())
      guard draw({ Int.random(in: 0..<5, using: &$0) }) == 0 else { continue }
      let queue = Queue(draw { Self.queues.randomElement(using: &$0) ?? Self.queues[0] }, connection: redis)
      if draw({ Bool.random(using: &$0) }) {
        try? await queue.retryJobs(.failed)
      } else {
        try? await queue.pause()
        try? await queue.resume()
      }
    }
  }

  /// A worker that does what the data of jobs say.
  static func worker(_ queue: String, _ redis: RedisClient) -> Worker {
    Worker(queue, connection: redis) { job in
      let data = try JSON(parsing: job.snapshot.data)
      if let reason = data["fails"]?.string { throw UnrecoverableError(reason) }
      return data["returns"] ?? 1
    }
  }
}
