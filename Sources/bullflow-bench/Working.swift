import ArgumentParser
import Logging
import QueueClient
import Redis

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
    let workers: [Worker]
    let last: (queue: String, count: Int)
    if self == .flows {
      workers = [
        Worker("bench-children", connection: redis, configuration: configuration, logger: .silent) { _ in 1 },
        Worker("bench-parents", connection: redis, configuration: configuration, logger: .silent) { job in
          try await job.getChildrenValues(as: Int.self).values.reduce(0, +)
        },
      ]
      last = ("bull:bench-parents:completed", jobs / 11)
    } else {
      workers = [Worker("bench-jobs", connection: redis, configuration: configuration, logger: .silent) { _ in }]
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
