import Foundation
import Redis

@testable import QueueClient

/// Does with our client what the peer does with BullMQ.
struct Ours {
  let redis: RedisClient
  private(set) var held: [JobKey: Job] = [:]
  private let tokens = LockTokens(worker: "ours")

  /// Whether flows are added in steps, as large ones are.
  let isStaging: Bool

  init(redis: RedisClient, isStaging: Bool) {
    self.redis = redis
    self.isStaging = isStaging
  }

  /// Does a step.
  ///
  /// - Returns: what it answered, as far as that is compared.
  mutating func perform(_ step: Program.Step) async throws -> JSON {
    let c = step.arguments
    var producer = FlowProducer(connection: redis)
    if isStaging { producer.limits.jobs = 0 }
    if step.op == "add" {
      let tree = try await producer.add(FlowNode(json: c["flow"] ?? .null))
      return .string(tree.job.id)
    }
    if step.op == "addBulk" {
      let flows = try (c["flows"]?.array ?? []).map { try FlowNode(json: $0) }
      try await producer.addBulk(flows)
      return .null
    }
    let queue = QueueKey(prefix: c["prefix"]?.string ?? "bull", name: c["queue"]?.string ?? "")
    let key = JobKey(queue: queue, id: c["id"]?.string ?? "")
    let exchange = Exchange(queue: queue, redis: redis, tokens: tokens, configuration: WorkerConfiguration())
    switch step.op {
    case "take":
      guard let job = try await exchange([], wanted: 1).jobs.first else { return .null }
      try await SchedulerChain(queue: queue, redis: redis, clock: .system).continue(after: job)
      held[job.key] = job
      return .string(job.id)
    case "complete", "fail":
      guard let job = held.removeValue(forKey: key) else { throw JobError.missing(key) }
      let outcome =
        step.op == "complete"
        ? Outcome.completed(c["value"] ?? .null)
        : await Outcome.of(Reason(description: c["reason"]?.string ?? ""), in: job, random: 0)
      let code = try await exchange([EndedJob(job: job, outcome: outcome)], wanted: 0).codes[0]
      if code != 0 { throw Reason(description: Exchange.refusal(code)) }
      return .null
    case "waitForChildren":
      guard let job = held[key] else { throw JobError.missing(key) }
      let isMoved = try await job.moveToWaitingChildren()
      if isMoved { held[key] = nil }
      return .bool(isMoved)
    case "putOff":
      guard let job = held.removeValue(forKey: key) else { throw JobError.missing(key) }
      try await job.moveToDelayed(until: Date() + Double(c["delay"]?.int ?? 0) / 1000)
      return .null
    case "recoverStalled":
      return .array(try await exchange.recoverStalled(interval: .seconds(30)).sorted().map { .string($0) })
    case "forgetLocks":
      let keys = try await redis.send(["KEYS", "\(queue):*:lock"]).strings + [queue[.stalledCheck]]
      try await redis.send(RedisCommand("DEL", keys))
      return .null
    default: break
    }
    if let answer = try await run(step, on: Queue(queue, connection: redis)) { return answer }
    switch step.op {
    // What workers that wait for work do.
    case "ring":
      try await redis.send(["DEL", .text(queue[.marker])])
      return .null
    default: break
    }
    guard let job = try await Job.read(key, from: redis) else { throw JobError.missing(key) }
    switch step.op {
    case "remove": try await job.remove(removeChildren: c["removeChildren"]?.bool ?? true)
    case "retry": try await job.retry(c["state"] == "completed" ? .completed : .failed)
    case "promote": try await job.promote()
    case "changePriority":
      try await job.changePriority(c["priority"]?.int ?? 0, lifo: c["lifo"]?.bool ?? false)
    case "updateData": try await job.updateData(c["data"] ?? .null)
    case "updateProgress": try await job.updateProgress(c["progress"] ?? .null)
    case "log": try await job.log(c["row"]?.string ?? "")
    case "removeUnprocessed": try await job.removeUnprocessedChildren()
    case "removeDependency": return .bool(try await job.removeChildDependency())
    case "changeDelay": try await job.changeDelay(c["delay"]?.int ?? 0)
    default: throw Reason(description: "unknown step \(step.op)")
    }
    return .null
  }

  /// Does a step that is about a whole queue; `nil` for one that is not.
  private func run(_ step: Program.Step, on queue: Queue) async throws -> JSON? {
    let c = step.arguments
    switch step.op {
    case "queueAdd":
      let opts = c["opts"].flatMap { JobOptions($0) } ?? [:]
      return .string(try await queue.add(c["name"]?.string ?? "", data: c["data"] ?? .object([]), opts: opts).id)
    case "upsertScheduler":
      let job = try await queue.upsertJobScheduler(
        c["scheduler"]?.string ?? "", repeating: RepeatOptions(c["repeat"] ?? .null), name: c["name"]?.string,
        data: c["data"] ?? .object([]), opts: c["opts"].flatMap { JobOptions($0) } ?? [:])
      return job.map { .string($0.id) } ?? .null
    case "removeScheduler": return .bool(try await queue.removeJobScheduler(c["scheduler"]?.string ?? ""))
    case "pause": try await queue.pause()
    case "resume": try await queue.resume()
    case "drain": try await queue.drain(delayed: c["delayed"]?.bool ?? false)
    case "clean":
      let ids = try await queue.clean(
        grace: .milliseconds(c["grace"]?.int ?? 0), limit: c["limit"]?.int ?? 0,
        state: JobState(rawValue: c["state"]?.string == "wait" ? "waiting" : c["state"]?.string ?? "") ?? .unknown)
      return .array(ids.sorted().map { .string($0) })
    case "obliterate": try await queue.obliterate(force: c["force"]?.bool ?? false)
    case "retryJobs": try await queue.retryJobs(JobState(rawValue: c["state"]?.string ?? "") ?? .unknown)
    case "promoteJobs": try await queue.promoteJobs()
    default: return nil
    }
    return .null
  }

  struct Reason: Error, CustomStringConvertible {
    let description: String
  }
}
