import PrivateRedis
import QueueClient
import Redis
import Testing

@Suite struct FlowTests {
  private func withRedis(_ body: (RedisClient) async throws -> Void) async throws {
    let server = try await PrivateRedis.start()
    defer { server.stop() }
    let redis = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { redis.close() }
    try await body(redis)
  }

  private let renovation = FlowNode(
    name: "renovate-interior", queueName: "renovate", opts: ["jobId": "root"],
    children: [
      FlowNode(name: "paint", queueName: "steps", data: ["place": "ceiling"], opts: ["jobId": "c1"]),
      FlowNode(name: "fix", queueName: "steps", data: ["place": "floor"], opts: ["jobId": "c2"]),
    ]
  )

  @Test func `a parent waits for its children, and they are ready in order`() async throws {
    try await withRedis { redis in
      _ = try await FlowProducer(connection: redis).add(renovation)
      let key = JobKey(queue: QueueKey(name: "renovate"), id: "root")
      let root = try #require(try await Job.read(key, from: redis))
      #expect(try await root.getState() == .waitingChildren)
      #expect(try await root.getDependenciesCount() == DependenciesCount(unprocessed: 2))
      #expect(try await redis.send(["LRANGE", "bull:steps:wait", "0", "-1"]).strings == ["c2", "c1"])
    }
  }

  @Test func `the parent runs after its children and sees their values`() async throws {
    try await withRedis { redis in
      _ = try await FlowProducer(connection: redis).add(renovation)
      let steps = Worker("steps", connection: redis) { _ in 2500 }
      let renovate = Worker("renovate", connection: redis) { job in
        JSON.double(try await job.getChildrenValues().values.compactMap(\.double).reduce(0, +))
      }
      let root = try await withThrowingTaskGroup { group in
        group.addTask { try await steps.run() }
        group.addTask { try await renovate.run() }
        defer { group.cancelAll() }
        return try await finished("bull:renovate:root", in: redis)
      }
      #expect(root.snapshot.returnvalue == "5000")
      #expect(try await root.getState() == .completed)
      #expect(try await redis.send(["LLEN", "bull:steps:active"]).int == 0)
    }
  }

  private func finished(_ key: String, in redis: RedisClient) async throws -> Job {
    let key = try #require(JobKey(key))
    for _ in 0..<500 {
      if let job = try await Job.read(key, from: redis), job.snapshot.finishedOn != nil { return job }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw FlowError.invalid(node: key.description, reason: "did not finish within ten seconds")
  }

  @Test func `a flow that is refused leaves nothing behind`() async throws {
    try await withRedis { redis in
      let orphan = FlowNode(
        name: "late", queueName: "steps", opts: ["parent": ["id": "nobody", "queue": "bull:renovate"]]
      )
      await #expect(throws: FlowError.missingParent(node: "flows[1]", parent: "bull:renovate:nobody")) {
        try await FlowProducer(connection: redis).addBulk([renovation, orphan])
      }
      let size = try await redis.send(["DBSIZE"])
      #expect(size == .integer(0))
    }
  }

  @Test(arguments: [
    (FlowNode(name: "a", queueName: ""), "queueName is empty"),
    (FlowNode(name: "a", queueName: "a:b"), "holds a colon"),
    (FlowNode(name: "a", queueName: "q", opts: ["jobId": "a:b"]), "holds a colon"),
    (FlowNode(name: "a", queueName: "q", opts: ["jobId": "12"]), "is an integer"),
    (FlowNode(name: "a", queueName: "q", opts: ["jobId": "wait"]), "the queue's own keys"),
    (FlowNode(name: "a", queueName: "q", opts: ["priority": 2_097_152]), "priority"),
    (
      FlowNode(
        name: "a", queueName: "q", opts: ["failParentOnFailure": true, "ignoreDependencyOnFailure": true]
      ), "exclude each other"
    ),
    (FlowNode(name: "a", queueName: "q", data: "too long", opts: ["sizeLimit": 5]), "sizeLimit"),
  ])
  func `a node that breaks a rule is refused by its path, before anything is sent`(
    node: FlowNode, reason: String
  ) async throws {
    // Nothing listens there: a producer that asked would fail otherwise.
    let producer = FlowProducer(connection: try RedisClient(url: "redis://127.0.0.1:1"))
    let error = await #expect(throws: FlowError.self) {
      try await producer.add(FlowNode(name: "root", queueName: "q", children: [node]))
    }
    #expect(error?.description.contains("flow.children[0]: ") == true)
    #expect(error?.description.contains(reason) == true)
  }
}
