import Foundation
import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// What can be asked of jobs and done with them.
@Suite struct JobBehaviourTests {
  // MARK: Retrying

  @Test func `a retried child is waited for again, whatever had become of it`() async throws {
    for (policy, kind) in [("failParentOnFailure", "unsuccessful"), ("ignoreDependencyOnFailure", "failed")] {
      try await withHand(isConsistent: false) { hand in
        try await hand.add(node("p/root", node("c/c1", [policy: true]), node("c/c2")))
        try await hand.fail("c")
        #expect(try await hand.redis.send(["EXISTS", "bull:p:root:\(kind)"]).int == 1)
        try await hand.job("bull:c:c1").retry()
        #expect(try await hand.redis.send(["EXISTS", "bull:p:root:\(kind)"]).int == 0)
        #expect(try await hand.job("bull:p:root").getDependenciesCount().unprocessed == 2)
      }
    }
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1"), node("c/c2")))
      let child = try await hand.complete("c", 5)
      try await hand.job("\(child.key)").retry(.completed, resetAttemptsMade: true)
      #expect(try await hand.job("bull:p:root").getDependenciesCount() == DependenciesCount(unprocessed: 2))
      #expect(try await hand.job("\(child.key)").returnvalue == nil)
      #expect(try await hand.job("\(child.key)").attemptsMade == 0)
    }
  }

  @Test func `a job that has not ended is not retried`() async throws {
    try await withHand { hand in
      let job = try await hand.add(node("q/a")).job
      await #expect(throws: JobError.notInState(job.key, .failed)) { try await job.retry() }
      let ghost = Job(JobSnapshot(key: JobKey(queue: job.key.queue, id: "ghost"), fields: [:]), redis: hand.redis)
      await #expect(throws: JobError.missing(ghost.key)) { try await ghost.retry() }
    }
  }

  // MARK: Removing

  private let family = node(
    "g/grand", node("p/root", node("c/c1"), node("c/c2", prefix: "shop")), node("p/aunt"))

  @Test func `a job is removed with all below it, in whatever queue and prefix, and nobody waits for it`() async throws
  {
    try await withHand(prefixes: ["bull", "shop"]) { hand in
      try await hand.add(family)
      try await hand.complete("c")
      try await hand.job("bull:p:root").remove()
      for gone in ["bull:p:root", "bull:c:c1", "shop:c:c2"] { #expect(try await hand.state(gone) == .unknown) }
      #expect(try await hand.redis.send(["EXISTS", "bull:p:root:processed", "bull:p:root:dependencies"]).int == 0)
      #expect(try await hand.job("bull:g:grand").getDependencies().unprocessed.map(\.id) == ["aunt"])
      try await hand.job("bull:p:aunt").remove()
      #expect(try await hand.state("bull:g:grand") == .waiting)
    }
  }

  @Test func `without its children, a job alone is removed`() async throws {
    try await withHand(prefixes: ["bull", "shop"]) { hand in
      try await hand.add(family)
      try await hand.job("bull:p:root").remove(removeChildren: false)
      #expect(try await hand.state("bull:c:c1") == .waiting)
      #expect(try await hand.state("shop:c:c2") == .waiting)
    }
  }

  @Test func `a lock anywhere below stops the removal of all, and is named`() async throws {
    try await withHand(prefixes: ["bull", "shop"]) { hand in
      try await hand.add(family)
      let held = try #require(try await hand.take("c", prefix: "shop"))
      let before = try await StateDump(of: hand.redis)
      let grand = try await hand.job("bull:g:grand")
      let error = await #expect(throws: JobError.locked("shop:c:c2", removing: grand.key)) { try await grand.remove() }
      #expect(error?.description.contains("shop:c:c2 below it is locked") == true)
      #expect(try await StateDump(of: hand.redis) == before)
      try await hand.end(held, .completed(1))
      try await grand.remove()
      #expect(try await hand.redis.send(["EXISTS", "shop:c:c2"]).int == 0)
    }
  }

  @Test func `unprocessed children are removed, but not those in hand or failed`() async throws {
    try await withHand(isConsistent: false) { hand in
      try await hand.add(
        node("p/root", node("c/broken"), node("c/held"), node("c/idle"), node("d/deep", node("d/leaf"))))
      try await hand.fail("c")
      _ = try await hand.take("c")
      #expect(try await hand.job("bull:p:root").removeUnprocessedChildren() == 3)
      #expect(Set(try await hand.job("bull:p:root").getDependencies().unprocessed.map(\.id)) == ["broken", "held"])
    }
  }

  @Test func `a dependency is removed, and the last one releases the parent`() async throws {
    try await withHand { hand in
      try await hand.add(node("p/root", node("c/c1"), node("c/c2")))
      #expect(try await hand.job("bull:c:c1").removeChildDependency())
      #expect(try await hand.state("bull:p:root") == .waitingChildren)
      #expect(try await hand.job("bull:c:c1").parentKey == nil)
      #expect(try await hand.job("bull:c:c1").removeChildDependency() == false)
      #expect(try await hand.job("bull:c:c2").removeChildDependency())
      #expect(try await hand.state("bull:p:root") == .waiting)
      try await hand.add(node("p/other", node("c/c3")))
      try await hand.redis.send(["DEL", "bull:p:other"])
      let orphan = try await hand.job("bull:c:c3")
      await #expect(throws: JobError.missingParent(of: orphan.key)) { try await orphan.removeChildDependency() }
      try await hand.redis.send(["DEL", "bull:p:other:dependencies"])
      try await hand.redis.send(["ZREM", "bull:p:waiting-children", "other"])
    }
  }

  // MARK: Reading

  @Test func `dependencies come in pages, each kind by its own cursor`() async throws {
    try await withHand(isConsistent: false) { hand in
      let fails: JobOptions = ["failParentOnFailure": true]
      let failing = (0..<55).map {
        FlowNode(name: "f", queueName: "f", opts: fails.overlaid(with: ["jobId": .string("f\($0)")]))
      }
      let idle = (0..<700).map { FlowNode(name: "c", queueName: "c", opts: ["jobId": .string("c\($0)")]) }
      try await hand.add(FlowNode(name: "p", queueName: "p", opts: ["jobId": "p"], children: failing + idle))
      for _ in 0..<55 { try await hand.fail("f") }
      for number in 0..<600 { try await hand.complete("c", .int(number)) }
      let parent = try await hand.job("bull:p:p")
      var request = DependenciesPage.Request(
        processed: .init(count: 50), unprocessed: .init(count: 10), failed: .init(count: 20))
      var (processed, unprocessed, failed): (Set<JobKey>, Set<JobKey>, [JobKey]) = ([], [], [])
      var failedPages = 0
      while request != DependenciesPage.Request() {
        let page = try await parent.getDependencies(request)
        processed.formUnion(page.dependencies.processed.keys)
        unprocessed.formUnion(page.dependencies.unprocessed)
        failed += page.dependencies.failed
        if request.failed != nil { failedPages += 1 }
        func next(_ page: inout DependenciesPage.Page?, _ cursor: UInt64?) {
          if let cursor, cursor != 0 { page?.cursor = cursor } else { page = nil }
        }
        next(&request.processed, page.nextProcessedCursor)
        next(&request.unprocessed, page.nextUnprocessedCursor)
        next(&request.failed, page.nextFailedCursor)
      }
      #expect(processed.count == 600 && unprocessed.count == 100)
      #expect(failed.count == 55 && Set(failed).count == 55 && failedPages == 3)
      #expect(
        try await parent.getDependenciesCount() == DependenciesCount(processed: 600, unprocessed: 100, failed: 55))
    }
  }

  @Test func `a flow is read as deep and as wide as it is asked for, and of the producer's prefix`() async throws {
    try await withHand(prefixes: ["shop"]) { hand in
      let producer = FlowProducer(connection: hand.redis, prefix: "shop")
      let children = (0..<5).map { FlowNode(name: "c", queueName: "c", opts: ["jobId": .string("c\($0)")]) }
      let middle = FlowNode(name: "m", queueName: "m", opts: ["jobId": "m"], children: children)
      try await producer.add(FlowNode(name: "r", queueName: "r", opts: ["jobId": "r"], children: [middle]))
      #expect(try await producer.getFlow(queueName: "r", id: "r", depth: 1)?.children.isEmpty == true)
      #expect(try await producer.getFlow(queueName: "r", id: "r", depth: 2)?.children[0].children.isEmpty == true)
      #expect(try await producer.getFlow(queueName: "r", id: "r")?.children[0].children.count == 5)
      #expect(try await producer.getFlow(queueName: "r", id: "r", maxChildren: 2)?.children[0].children.count == 2)
      #expect(try await producer.getFlow(queueName: "r", id: "nobody") == nil)
      #expect(try await producer.getFlow(queueName: "r", id: "r", prefix: "bull") == nil)
      try await hand.redis.send(["DEL", "shop:c:c3"])
      #expect(try await producer.getFlow(queueName: "r", id: "r")?.children[0].children.count == 4)
      try await hand.redis.send(["LREM", "shop:c:wait", "0", "c3"])
      try await hand.redis.send(["SREM", "shop:m:m:dependencies", "shop:c:c3"])
    }
  }

  // MARK: Changing

  @Test func `delay, priority, data, progress and logs change, and a delayed job is promoted`() async throws {
    try await withHand { hand in
      let delayed = try await hand.add(node("q/late", ["delay": 3_600_000])).job
      await #expect(throws: JobError.self) { try await delayed.changeDelay(-1) }
      try await delayed.changeDelay(1000)
      try await delayed.promote()
      #expect(try await hand.state("bull:q:late") == .waiting)
      await #expect(throws: JobError.notInState(delayed.key, .delayed)) { try await delayed.promote() }
      try await delayed.changePriority(4)
      #expect(try await hand.state("bull:q:late") == .prioritized)
      await #expect(throws: JobError.self) { try await delayed.changePriority(-1) }
      try await delayed.updateData(["n": 1])
      try await delayed.updateProgress(50)
      #expect(try await delayed.log("one") == 1)
      #expect(try await delayed.log("two") == 2)
      let job = try await hand.job("bull:q:late")
      #expect(job.data == #"{"n":1}"# && job.progress == 50)
      #expect(try job.decodeData(as: [String: Int].self) == ["n": 1])
      let logs = try await job.getLogs(start: 1)
      #expect(logs.logs == ["two"] && logs.count == 2)
      let short = try await hand.add(node("q/short", ["keepLogs": 1])).job
      try await short.log("old")
      #expect(try await short.log("new") == 1)
      #expect(try await short.getLogs().logs == ["new"])
    }
  }

  @Test func `whoever waits for a job is given its value, or its failure, or is told that time is over`() async throws {
    try await withHand { hand in
      let job = try await hand.add(node("q/a")).job
      async let value = job.waitUntilFinished(timeout: .seconds(5))
      try await Task.sleep(for: .milliseconds(50))
      try await hand.complete("q", 7)
      #expect(try await value == 7)
      #expect(try await job.waitUntilFinished(timeout: .seconds(1)) == 7)
      let doomed = try await hand.add(node("q/b")).job
      await #expect(throws: JobError.notFinished(doomed.key, after: .milliseconds(50))) {
        try await doomed.waitUntilFinished(timeout: .milliseconds(50))
      }
      try await hand.fail("q", "no paint")
      await #expect(throws: JobError.failed(doomed.key, reason: "no paint")) { try await doomed.waitUntilFinished() }
    }
  }

  @Test func `every state has its name`() async throws {
    try await withHand { hand in
      try await hand.add(node("q/parent", node("q/waiting")))
      try await hand.add(node("q/late", ["delay": 60_000]))
      try await hand.add(node("q/urgent", ["priority": 1]))
      try await hand.add(node("r/held"))
      _ = try await hand.take("r")
      #expect(try await hand.job("bull:q:parent").isWaitingChildren())
      #expect(try await hand.job("bull:q:waiting").isWaiting())
      #expect(try await hand.job("bull:q:late").isDelayed())
      #expect(try await hand.state("bull:q:urgent") == .prioritized)
      #expect(try await hand.job("bull:r:held").isActive())
      #expect(try await hand.state("bull:q:nobody") == .unknown)
    }
  }
}
