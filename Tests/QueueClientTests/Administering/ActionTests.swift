import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// Actions of a person at a screen, on a real Redis: what is shown beforehand, and what is refused when it is done.
@Suite struct ActionTests {
  private let root = JobKey(queue: QueueKey(name: "r"), id: "root")
  private let bad = JobKey(queue: QueueKey(name: "c"), id: "bad")
  private let good = JobKey(queue: QueueKey(name: "c"), id: "good")

  /// A parent that waits for a failed child and for one that waits.
  private func withStuckFlow(
    failing: Bool = true, _ body: (Hand, ActionRunner, PrivateRedis) async throws -> Void
  ) async throws {
    try await withRedis { redis, server in
      let hand = Hand(redis)
      try await FlowProducer(connection: redis).add(
        FlowNode(
          name: "root", queueName: "r", opts: ["jobId": "root"],
          children: [
            FlowNode(name: "bad", queueName: "c", opts: ["jobId": "bad"]),
            FlowNode(name: "good", queueName: "c", opts: ["jobId": "good"]),
          ]))
      if failing { #expect(try await hand.fail("c").id == "bad") }
      try await body(hand, ActionRunner(connection: redis), server)
    }
  }

  private func words(_ outcome: ActionOutcome) -> [String] { short(outcome.refusals) }

  @Test func `a retry shows the job, its queue and what is ahead, and does it`() async throws {
    try await withStuckFlow { hand, runner, _ in
      let preview = try await runner.preview(JobAction(.retry, [.job(bad)]))
      #expect(preview.jobs == 1 && preview.queues == 1 && preview.refusals.isEmpty)
      #expect(preview.subject?.name == "bad" && preview.ahead == 1)
      #expect(preview.queue == .init(key: bad.queue, isPaused: false, workers: 0))
      let outcome = await runner.perform(preview)
      #expect(outcome.jobs == 1 && outcome.subjects == ["bull:c:bad"] && outcome.refusals.isEmpty)
      #expect(try await hand.state("bull:c:bad") == .waiting)
    }
  }

  @Test func `a job that is in no list is put back, and one that is in a list is left`() async throws {
    try await withStuckFlow { hand, runner, _ in
      let action = JobAction(.moveToWait, [.job(good)])
      #expect(try await runner.preview(action).isEmpty)
      try await hand.redis.send(["LREM", "bull:c:wait", "0", "good"])
      let preview = try await runner.preview(action)
      #expect(preview.jobs == 1 && preview.refusals.isEmpty)
      #expect(await runner.perform(preview).subjects == ["bull:c:good"])
      #expect(try await hand.state("bull:c:good") == .waiting)
      // It is there by now.
      #expect(await runner.perform(preview).refusals.count == 1)
    }
  }

  /// What is asked, and the jobs and queues that are counted.
  @Test(arguments: [
    (JobAction.Verb.remove, 3, 2), (.removeUnprocessed, 1, 1), (.retryFlow, 1, 1), (.cancelFlow, 2, 2),
    (.releaseFlow, 1, 1), (.cloneFlow, 3, 2), (.pause, 0, 1),
  ])
  func `what an action would change is counted, and nothing is changed by counting`(
    verb: JobAction.Verb, jobs: Int, queues: Int
  ) async throws {
    try await withStuckFlow { hand, runner, _ in
      let before = try await StateDump(of: hand.redis)
      let preview = try await runner.preview(JobAction(verb, [verb == .pause ? .queue(root.queue) : .job(root)]))
      #expect(preview.jobs == jobs && preview.queues == queues, "\(preview)")
      #expect(!preview.isEmpty)
      #expect(try await StateDump(of: hand.redis) == before)
    }
  }

  /// Why an action has nothing to do.
  private func reasons(_ runner: ActionRunner, _ verb: JobAction.Verb, _ target: JobAction.Target) async throws
    -> [String]
  {
    let preview = try await runner.preview(JobAction(verb, [target]))
    return preview.isEmpty ? short(preview.refusals) : ["something"]
  }

  @Test func `what has no effect is empty, with the reason`() async throws {
    try await withStuckFlow { _, runner, _ in
      let gone = JobKey(queue: root.queue, id: "gone")
      let cases: [(JobAction.Verb, JobAction.Target, [String])] = [
        (.retry, .job(good), ["leave c/good wrong-state"]), (.promote, .job(bad), ["leave c/bad wrong-state"]),
        (.removeUnprocessed, .job(bad), ["leave c/bad not-pending"]), (.resume, .queue(root.queue), []),
        (.removeDependency, .dependency(child: gone, parent: root), ["leave r/gone not-pending"]),
        (.remove, .job(gone), ["leave r/gone missing"]), (.retry, .job(gone), ["leave r/gone missing"]),
        (.retryFlow, .job(gone), ["leave r/gone missing"]), (.cloneFlow, .job(gone), ["leave r/gone missing"]),
      ]
      for (verb, target, expected) in cases {
        let found = try await reasons(runner, verb, target)
        #expect(found == expected, "\(verb)")
      }
    }
  }

  @Test func `a job below which a worker has one is not removed, whether that is seen before or after`() async throws {
    try await withStuckFlow(failing: false) { hand, runner, _ in
      let early = try await runner.preview(JobAction(.remove, [.job(root)]))
      #expect(early.jobs == 3)
      let taken = try #require(try await hand.take("c"))
      let before = try await StateDump(of: hand.redis)
      #expect(words(await runner.perform(early)) == ["leave r/root active"])
      let late = try await runner.preview(JobAction(.remove, [.job(root), .job(taken.key)]))
      #expect(late.isEmpty && short(late.refusals) == ["leave r/root active", "leave c/\(taken.id) active"])
      #expect(late.refusals.first?.detail == taken.key.description)
      #expect(try await StateDump(of: hand.redis) == before)
    }
  }

  /// A job that somebody else has changed between the question and the answer.
  @Test(arguments: [JobAction.Verb.retry, .remove, .retryFlow, .removeDependency])
  func `a job that has changed since it was shown is left, and named`(verb: JobAction.Verb) async throws {
    try await withStuckFlow { hand, runner, _ in
      let target: JobAction.Target = verb == .removeDependency ? .dependency(child: bad, parent: root) : .job(bad)
      let preview = try await runner.preview(JobAction(verb, [target]))
      #expect(!preview.isEmpty)
      if verb == .removeDependency {
        try await Job.removeChildDependency(of: bad, from: root, connection: hand.redis)
      } else {
        try await hand.job("bull:c:bad").retry()
      }
      let before = try await StateDump(of: hand.redis)
      let outcome = await runner.perform(preview)
      #expect(words(outcome) == [verb == .removeDependency ? "leave c/bad not-pending" : "leave c/bad changed"])
      #expect(outcome.jobs == 0 && outcome.interruption == nil)
      #expect(try await StateDump(of: hand.redis) == before)
    }
  }

  @Test func `of several jobs those are done that can be, and the others are named`() async throws {
    try await withStuckFlow { hand, runner, _ in
      let preview = try await runner.preview(JobAction(.retry, [.job(bad), .job(good), .job(root), .job(bad)]))
      #expect(preview.jobs == 1 && preview.refusals.count == 2)
      let steps = Locked<[Int]>([])
      let outcome = await runner.perform(preview) { done in steps.edit { $0.append(done) } }
      #expect(outcome.jobs == 1 && steps.value == [1])
      let all = try await runner.preview(JobAction(.remove, [.job(root), .job(bad), .job(good)]))
      // The children go with their parent.
      #expect(all.jobs == 3 && all.stepCount == 1)
      let removed = await runner.perform(all)
      #expect(removed.refusals.isEmpty && removed.subjects == ["bull:r:root"])
      #expect(try await hand.state("bull:c:good") == .unknown)
    }
  }

  @Test func `a dependency is dropped, a queue paused and resumed`() async throws {
    try await withStuckFlow { hand, runner, _ in
      for (verb, target) in [
        (JobAction.Verb.removeDependency, JobAction.Target.dependency(child: bad, parent: root)),
        (.pause, .queue(root.queue)), (.resume, .queue(root.queue)),
      ] {
        let outcome = await runner.perform(try await runner.preview(JobAction(verb, [target])))
        #expect(outcome.refusals.isEmpty && outcome.interruption == nil && !outcome.subjects.isEmpty)
        #expect(try await Queue("r", connection: hand.redis).isPaused() == (verb == .pause))
      }
      #expect(try await hand.job("bull:r:root").getDependenciesCount().unprocessed == 1)
    }
  }

  @Test(arguments: [false, true])
  func `who may only read sees what would change, and changes nothing`(byClient: Bool) async throws {
    try await withStuckFlow { hand, _, server in
      var configuration = RedisConfiguration(endpoint: server.endpoint, isReadOnly: byClient)
      if !byClient {
        try await hand.redis.send([
          "ACL", "SETUSER", "ann", "on", ">pw", "~*", "+@read", "+@connection", "+@scripting", "+client",
        ])
        (configuration.endpoint.username, configuration.endpoint.password) = ("ann", "pw")
      }
      let reader = RedisClient(configuration: configuration)
      defer { reader.close() }
      let runner = ActionRunner(connection: reader)
      let before = try await StateDump(of: hand.redis)
      for verb in [JobAction.Verb.retry, .retryFlow, .remove, .removeDependency, .pause, .cloneFlow] {
        let target: JobAction.Target =
          switch verb {
          case .removeDependency: .dependency(child: bad, parent: root)
          case .pause: .queue(root.queue)
          default: .job(bad)
          }
        let outcome = await runner.perform(try await runner.preview(JobAction(verb, [target])))
        #expect(outcome.subjects.isEmpty && (outcome.interruption != nil || !outcome.refusals.isEmpty), "\(verb)")
        if byClient {
          guard case RedisError.readOnly? = outcome.interruption else {
            Issue.record("\(verb): \(outcome)")
            continue
          }
        }
      }
      #expect(try await StateDump(of: hand.redis) == before)
    }
  }

  @Test func `a connection that is lost in between is told, and nothing is half done`() async throws {
    try await withStuckFlow { _, runner, server in
      let preview = try await runner.preview(JobAction(.retry, [.job(bad)]))
      server.stop()
      let outcome = await runner.perform(preview)
      #expect((outcome.interruption as? RedisError)?.isConnectionFailure == true && outcome.subjects.isEmpty)
    }
  }

  @Test func `somebody who stops it leaves the rest as it was`() async throws {
    try await withStuckFlow { hand, runner, _ in
      let preview = try await runner.preview(JobAction(.remove, [.job(bad), .job(good)]))
      #expect(preview.stepCount == 2)
      let task = Task {
        await runner.perform(preview) { _ in withUnsafeCurrentTask { $0?.cancel() } }
      }
      let outcome = await task.value
      #expect(outcome.interruption is CancellationError && outcome.subjects == ["bull:c:bad"])
      #expect(try await hand.state("bull:c:good") == .waiting)
    }
  }
}
