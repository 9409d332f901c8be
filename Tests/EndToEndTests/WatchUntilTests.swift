import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// `watch --until`: what scripts wait for.
@Suite struct WatchUntilTests {
  private func watch(_ server: PrivateRedis, _ arguments: String...) async throws -> ChildProcess.Result {
    try await ChildProcess.run(Places.bullflow, ["watch", "--url", Peer.url(of: server.endpoint)] + arguments)
  }

  private func addFlow(_ redis: RedisClient) async throws {
    try await FlowProducer(connection: redis).add(
      FlowNode(
        name: "car", queueName: "cars", opts: ["jobId": "r"],
        children: [FlowNode(name: "wheels", queueName: "wheels", opts: ["jobId": "w"])]))
  }

  /// A queue without a worker would be what is told.
  private func waitForWorkers(of queues: String..., on redis: RedisClient) async throws {
    for queue in queues {
      let queue = Queue(queue, connection: redis)
      try #require(try await eventually { try await queue.getWorkersCount() > 0 } != nil)
    }
  }

  /// One line on standard output, nothing on standard error.
  private func expectEnd(_ result: ChildProcess.Result, code: Int32, _ words: String...) {
    #expect(result.code == code && result.errors.isEmpty, "\(result.errors)")
    #expect(result.output.filter { $0 == "\n" }.count == 1, "\(result.output)")
    for word in words { #expect(result.output.contains(word), "\(result.output)") }
  }

  @Test func `a flow that is worked off is done; that it will not be stuck ends otherwise`() async throws {
    try await withRedis { redis, server in
      try await addFlow(redis)
      let workers = ["wheels", "cars"].map { Worker($0, connection: redis) { _ in 4 } }
      try await withThrowingTaskGroup { group in
        for worker in workers { group.addTask { try await worker.run() } }
        try await waitForWorkers(of: "wheels", "cars", on: redis)
        expectEnd(try await watch(server, "cars", "r", "--until", "done"), code: 0, "done: cars/r has completed")
        expectEnd(try await watch(server, "wheels", "w", "--until", "stuck"), code: 3, "done: ")
        expectEnd(try await watch(server, "--until", "done"), code: 0, "done: no job is left")
        group.cancelAll()
      }
    }
  }

  @Test func `a flow that is stuck is told with its cause, alone and among all`() async throws {
    try await withRedis { redis, server in
      try await addFlow(redis)
      let worker = Worker("wheels", connection: redis) { _ in throw UnrecoverableError("no wheels left") }
      try await withThrowingTaskGroup { group in
        group.addTask { try await worker.run() }
        try await waitForWorkers(of: "wheels", on: redis)
        expectEnd(try await watch(server, "cars", "r", "--until", "stuck"), code: 0, "stuck: cars/r:", "no wheels left")
        expectEnd(try await watch(server, "cars", "r", "--until", "done"), code: 3, "stuck: ")
        expectEnd(try await watch(server, "--until", "stuck"), code: 0, "stuck: 1 flow", "no wheels left")
        expectEnd(try await watch(server, "--until", "done"), code: 3, "stuck: ")
        group.cancelAll()
      }
    }
  }

  @Test func `the time may be over, the job may not be there, Redis may be away, and a signal ends it`() async throws {
    try await withRedis { redis, server in
      try await FlowProducer(connection: redis).add(
        FlowNode(name: "late", queueName: "q", opts: ["jobId": "j1", "delay": 600_000]))
      let worker = Worker("q", connection: redis) { _ in 1 }
      try await withThrowingTaskGroup { group in
        group.addTask { try await worker.run() }
        let late = try await watch(server, "q", "j1", "--until", "done", "--timeout", "0.5")
        expectEnd(late, code: 4, "not done within 0.5s")
        expectEnd(try await watch(server, "--until", "stuck", "--timeout", "2"), code: 4, "not stuck within 2")
        group.cancelAll()
      }
      expectLine(try await watch(server, "q", "nobody", "--until", "done"), code: 1, "no job bull:q:nobody")
    }
    let away = "redis://127.0.0.1:\(try PrivateRedis.freePort())"
    expectLine(
      try await ChildProcess.run(Places.bullflow, ["watch", "--url", away, "--until", "done"]), code: 2, "--url")
  }

  @Test(arguments: [
    ["--until", "later"], ["--until", "done", "q"], ["--timeout", "3"], ["q", "1"], ["--until", "done", "a:b", "1"],
    ["--until", "done", "--timeout", "nan"], ["--until", "done", "q", ""],
  ])
  func `what cannot be meant is a usage error`(arguments: [String]) async throws {
    expectLine(try await ChildProcess.run(Places.bullflow, ["watch"] + arguments), code: 64)
  }
}
