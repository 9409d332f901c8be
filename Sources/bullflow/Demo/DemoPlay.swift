import Logging
import QueueClient
import Redis

/// Adds the demo's flows and works them off.
struct DemoPlay: Sendable {
  let redis: RedisClient
  let speed: Double

  private static let queues = [
    "renovate", "steps", "assembly-line", "albums", "images", "reports", "levels", "sources", "builds", "checks",
    "signatures", "releases", "policies", "invoices",
  ]

  /// Adds the flows of a scenario; of all scenarios, again and again, where none is named. What stays as it is until
  /// somebody helps is added once: the list would be full of it.
  func perform(_ scenario: DemoScenario?) async throws {
    if let scenario {
      try await add(scenario)
      return
    }
    for round in 0... {
      for scenario in DemoScenario.allCases {
        let flows = round == 0 ? scenario.flows : scenario.passingFlows
        if flows.isEmpty { continue }
        try await add(scenario, flows: flows)
        try await Task.sleep(for: .seconds(1.5) / speed)
      }
      try await Task.sleep(for: .seconds(20) / speed)
    }
  }

  /// Adds the flows of a scenario.
  ///
  /// - Parameter flows: those of its flows that are added; all where it is `nil`.
  /// - Returns: their roots.
  @discardableResult
  func add(_ scenario: DemoScenario, flows: [FlowNode]? = nil) async throws -> [Job] {
    if scenario == .paused { try await pauseForAWhile() }
    return try await FlowProducer(connection: redis).addBulk(flows ?? scenario.flows).map(\.job)
  }

  /// Pauses the queue of the scenario's parent; the demo itself resumes it later.
  private func pauseForAWhile() async throws {
    let queue = Queue("invoices", connection: redis)
    try await queue.pause()
    let speed = speed
    Task {
      try await Task.sleep(for: .seconds(6) / speed)
      try await queue.resume()
    }
  }

  /// Works all queues off until cancelled.
  func work() async throws {
    try await withThrowingTaskGroup { group in
      for queue in Self.queues {
        let concurrency = queue == "images" ? 8 : 2
        let worker = Worker(
          queue, connection: redis,
          configuration: WorkerConfiguration(concurrency: concurrency, name: "demo-\(queue)"),
          logger: Logger(label: "demo", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { job in try await process(job) }
        group.addTask { try await worker.run() }
      }
      try await group.waitForAll()
    }
  }

  private func process(_ job: Job) async throws -> JSON {
    let data = (try? JSON(parsing: job.data)) ?? .null
    let steps = 4
    for step in 1...steps {
      try await Task.sleep(for: .milliseconds(Int.random(in: 150...450)) / speed)
      try await job.updateProgress(100 * step / steps)
    }
    try await job.log("\(job.name): done")
    if let failures = data["failsAtFirst"]?.int, job.attemptsMade < failures {
      throw DemoFailure(description: "connection reset by peer")
    }
    if let reason = data["fails"]?.string { throw UnrecoverableError(reason) }
    if let step = data["step"]?.string { return .string("\(step) ready") }
    let below = try await job.getChildrenValues().values.compactMap { $0.double ?? $0["total"]?.double }
    if let cost = data["cost"], below.isEmpty { return cost }
    return ["total": .double(below.reduce(0, +))]
  }
}

/// What goes wrong in the demo, and may go right at the next attempt.
private struct DemoFailure: Error, CustomStringConvertible {
  let description: String
}
