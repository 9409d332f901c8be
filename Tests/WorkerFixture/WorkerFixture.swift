import Foundation
import Logging
import QueueClient
import Redis

/// A worker process for the fault tests: it works `children` and `parents` off until it is killed.
@main
enum WorkerFixture {
  static func main() async throws {
    let redis = try RedisClient(url: CommandLine.arguments[1])
    let configuration = WorkerConfiguration(
      concurrency: 20, name: "fixture-\(getpid())", lockDuration: .seconds(2), drainDelay: .milliseconds(500),
      stalledInterval: .milliseconds(700), maxStalledCount: 1000)
    let quiet = Logger(label: "fixture", factory: { _ in SwiftLogNoOpLogHandler() })
    let children = Worker("children", connection: redis, configuration: configuration, logger: quiet) { job -> JSON in
      try await Task.sleep(for: .milliseconds(Int.random(in: 0...10)))
      return (try? JSON(parsing: job.data))?["n"] ?? .null
    }
    let parents = Worker("parents", connection: redis, configuration: configuration, logger: quiet) { job -> Int in
      let values = try await job.getChildrenValues(as: Int.self)
      // A lost connection is nothing that the job has done: it is tried again, as its attempts allow.
      return values.values.reduce(0, +)
    }
    try await withThrowingTaskGroup { group in
      group.addTask { try await children.run() }
      group.addTask { try await parents.run() }
      try await group.waitForAll()
    }
  }
}
