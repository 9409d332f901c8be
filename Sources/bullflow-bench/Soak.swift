import Foundation
import Logging
import QueueClient
import Redis

/// Works off very many jobs that leave nothing behind, and looks at our memory meanwhile.
struct Soak {
  let redis: RedisClient
  let total: Int

  func run() async throws {
    try await redis.send(["FLUSHALL"])
    let options: JobOptions = ["removeOnComplete": true]
    let worker = Worker(
      "soak", connection: redis, configuration: WorkerConfiguration(concurrency: 50), logger: .silent
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
