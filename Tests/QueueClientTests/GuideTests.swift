import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// The guide's code, compiled and run; and that the guide shows just this code.
@Suite struct GuideTests {
  @Test func `the guide's code does what the guide says`() async throws {
    try await withRedis { _, server in
      let url = Peer.url(of: server.endpoint)
      // guide: connect
      let redis = try RedisClient(url: url)
      let producer = FlowProducer(connection: redis)
      // guide: end
      defer { redis.close() }

      // guide: add
      let flow = FlowNode(
        name: "renovate-interior", queueName: "renovate", opts: ["jobId": "renovation"],
        children: [
          FlowNode(name: "paint", queueName: "steps", data: ["place": "ceiling"]),
          FlowNode(name: "paint", queueName: "steps", data: ["place": "walls"]),
          FlowNode(name: "fix", queueName: "steps", data: ["place": "floor"]),
        ])
      let tree = try await producer.add(flow)
      // guide: end
      #expect(tree.job.id == "renovation" && tree.children.count == 3)

      // guide: work
      let steps = Worker("steps", connection: redis) { job in 2500 }
      let renovate = Worker("renovate", connection: redis) { job in
        try await job.getChildrenValues(as: Int.self).values.reduce(0, +)
      }
      // guide: end

      // guide: run
      try await withThrowingTaskGroup { group in
        group.addTask { try await steps.run() }
        group.addTask { try await renovate.run() }
        let cost = try await tree.job.waitUntilFinished(timeout: .seconds(10))
        print("that costs", cost.text)
        group.cancelAll()
      }
      // guide: end
      #expect(try await Job.read(tree.job.key, from: redis)?.returnvalue == "7500")

      // guide: chain
      let car = try await producer.add(
        FlowNode(
          name: "car", queueName: "assembly-line",
          children: [
            FlowNode(
              name: "chassis", queueName: "assembly-line",
              children: [FlowNode(name: "engine", queueName: "assembly-line", data: ["power": 90])])
          ]))
      // guide: end

      // guide: options
      var fragile: JobOptions = ["attempts": 3]
      fragile.backoff = .exponential(1000, jitter: 0.5)
      fragile.failurePolicy = .ignoreDependencyOnFailure
      try await producer.add(
        FlowNode(
          name: "report", queueName: "reports",
          children: [FlowNode(name: "exchange-rates", queueName: "fetches", opts: fragile)]),
        queuesOptions: ["fetches": ["removeOnComplete": ["age": 3600, "count": 1000]]])
      // guide: end
      let rates = try #require(try await Queue("fetches", connection: redis).getJobs([.waiting]).first)
      #expect(rates.attempts == 3 && rates.failurePolicy == .ignoreDependencyOnFailure)

      // guide: getters
      let chassis = car.children[0].job
      let state = try await chassis.getState()
      let counts = try await chassis.getDependenciesCount()
      let children = try await chassis.getDependencies()
      let parent = chassis.parentKey
      // guide: end
      #expect(state == .waitingChildren && counts.unprocessed == 1 && children.unprocessed.count == 1)
      #expect(parent == car.job.key)

      // guide: pages
      var request = DependenciesPage.Request(unprocessed: .init(count: 100))
      var pending: Set<JobKey> = []
      repeat {
        let page = try await chassis.getDependencies(request)
        pending.formUnion(page.dependencies.unprocessed)
        request.unprocessed?.cursor = page.nextUnprocessedCursor ?? 0
      } while request.unprocessed?.cursor != 0
      // guide: end
      #expect(pending == [car.children[0].children[0].job.key])

      // guide: tree
      let whole = try await producer.getFlow(queueName: "assembly-line", id: car.job.id, depth: 3, maxChildren: 50)
      // guide: end
      #expect(whole?.children.first?.children.first?.job.name == "engine")

      // guide: runtime
      let survey = Worker("surveys", connection: redis) { job -> Int in
        if try await job.getDependenciesCount().total == 0 {
          try await producer.add(FlowNode(name: "measure", queueName: "measures", opts: ["parent": job.asParent]))
        }
        if try await job.moveToWaitingChildren() { throw JobMoved.toWaitingChildren }
        return try await job.getChildrenValues(as: Int.self).values.reduce(0, +)
      }
      // guide: end
      let measure = Worker("measures", connection: redis) { _ in 12 }
      let question = try await Queue("surveys", connection: redis).add("survey")
      let runs = [survey, measure].map { worker in Task { try await worker.run() } }
      #expect(try await question.waitUntilFinished(timeout: .seconds(10)) == 12)
      for run in runs { run.cancel() }

      // guide: change
      let changer = FlowChanger(connection: redis)
      let plan = try await changer.plan(.release, of: car.job.key)
      for step in plan.steps { print(step.action, step.job, step.reason) }
      let outcome = try await changer.apply(plan)
      // guide: end
      #expect(outcome.refused.isEmpty)

      // guide: remove
      do {
        try await car.job.remove()
      } catch JobError.locked(let holder, _) {
        print("still being worked on:", holder)
      }
      // guide: end
      #expect(try await chassis.getState() == .unknown)
    }
  }

  @Test func `the guide shows the code that was run`() throws {
    let guide = try String(
      contentsOf: Places.project.appending(path: "Sources/QueueClient/QueueClient.docc/Flows.md"), encoding: .utf8)
    let shown = guide.components(separatedBy: "```swift\n").dropFirst().compactMap {
      $0.components(separatedBy: "\n```").first
    }
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let run = source.components(separatedBy: "// guide: ").dropFirst().filter { !$0.hasPrefix("end") }.map { piece in
      let lines = piece.components(separatedBy: "\n").dropFirst().dropLast()
      return lines.map { String($0.dropFirst(6)) }.joined(separator: "\n")
    }
    #expect(shown.count == 12)
    for code in shown { #expect(run.contains(code), "not run as it is shown:\n\(code)") }
  }
}
