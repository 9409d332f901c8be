import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// Workers that die, freeze and lose their Redis in the middle of ten thousand jobs: nothing is lost.
@Suite(.serialized) struct WorkerFaultTests {
  private static let flows = 910

  @Test func `killed and frozen workers, cut connections and a restarted Redis lose no job and end none twice`()
    async throws
  {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString)")
    let options = ["--appendonly", "yes", "--appendfsync", "everysec"]
    var server = try await PrivateRedis.start(directory: folder, options: options)
    defer { server.stop() }
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { redis.close() }
    try await addFlows(to: redis)
    let url = Peer.url(of: server.endpoint)
    func fixture() throws -> ChildProcess {
      try ChildProcess(Places.products.appending(path: "WorkerFixture").path, [url])
    }
    var workers = try (0..<3).map { _ in try fixture() }
    defer { for worker in workers { kill(worker.id, SIGKILL) } }

    for round in 0..<9 {
      try await Task.sleep(for: .milliseconds(350))
      switch round % 3 {
      case 0:
        let index = Int.random(in: workers.indices)
        kill(workers[index].id, SIGKILL)
        workers[index] = try fixture()
      case 1:
        try await redis.send(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
      default:
        // Frozen past its locks' time, it wakes to find that others have its jobs.
        let frozen = workers[Int.random(in: workers.indices)].id
        kill(frozen, SIGSTOP)
        try await Task.sleep(for: .milliseconds(2600))
        kill(frozen, SIGCONT)
      }
      if round == 4 {
        kill(server.processID, SIGKILL)
        try await Task.sleep(for: .milliseconds(100))
        server = try await PrivateRedis.start(directory: folder, options: options)
      }
    }
    let took = try await eventually(within: .seconds(90)) {
      let ended = try? await redis.send(["ZCARD", "bull:parents:completed"])
      return ended?.int == Self.flows
    }
    let parents = try await Queue("parents", connection: redis).getJobCounts()
    let children = try await Queue("children", connection: redis).getJobCounts()
    #expect(took != nil, "parents: \(parents), children: \(children)")
    #expect(try await ConsistencyCheck(connection: redis).run() == [])
    #expect(children[.completed] == Self.flows * 10)
    for parent in try await Queue("parents", connection: redis).getJobs([.completed]) {
      #expect(parent.returnvalue == "45")
    }
  }

  private func addFlows(to redis: RedisClient) async throws {
    let producer = FlowProducer(connection: redis)
    // A processor whose connection is cut fails an attempt; ten more are left.
    let opts: JobOptions = ["attempts": 10]
    for first in stride(from: 0, to: Self.flows, by: 91) {
      try await producer.addBulk(
        (first..<first + 91).map { number in
          FlowNode(
            name: "parent", queueName: "parents", data: ["flow": .int(number)], opts: opts,
            children: (0..<10).map {
              FlowNode(name: "child", queueName: "children", data: ["n": .int($0)], opts: opts)
            })
        })
    }
  }
}
