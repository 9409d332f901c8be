import Foundation
import Redis

/// The call of `addFlow.lua` for a plan: its keys, its arguments, and what its reply means.
struct AddFlowCall {
  let keys: [String]
  let arguments: [RedisCommand.Argument]

  init(_ plan: FlowPlan, now: Date) {
    var queues: [QueueKey: Int] = [:]
    var keys: [String] = []
    var arguments: [RedisCommand.Argument] = []
    let timestamp = Int(now.timeIntervalSince1970 * 1000)
    for job in plan.jobs {
      let queue = queues[job.key.queue] ?? queues.count + 1
      if queues.updateValue(queue, forKey: job.key.queue) == nil { keys.append(job.key.queue.description) }
      let parentKey = job.parent.map { plan.jobs[$0].key } ?? job.outerParent
      arguments += [
        .init(queue), .text(job.key.id), .text(job.node.name), .text(job.node.data.text), .text(job.opts.stored.text),
        .init(job.opts["timestamp"]?.int ?? timestamp), .init(job.opts.delay), .init(job.opts.priority),
        job.hasChildren ? "parent" : job.opts.lifo ? "lifo" : "leaf",
        .text(parentKey?.description ?? ""), .text(parentKey.map { Self.parent($0, of: job.opts).text } ?? ""),
      ]
    }
    self.keys = keys
    self.arguments = [.init(timestamp)] + arguments
  }

  /// The `parent` field: where the parent is, and what this job's failure does to it.
  private static func parent(_ key: JobKey, of opts: JobOptions) -> JSON {
    .object(
      [JSON.Member("id", .string(key.id)), JSON.Member("queueKey", .string(key.queue.description))]
        + opts.failurePolicies.map { JSON.Member($0.storedName, true) }
    )
  }

  /// What the script refused; nothing was written then.
  static func refusal(_ reply: RESPValue, plan: FlowPlan) throws -> FlowError? {
    guard let parts = reply.array, let code = parts.first?.int else {
      throw RedisError.unexpectedReply(command: Scripts.addFlow.name)
    }
    guard code != 0, parts.count == 3, let index = parts[1].int, plan.jobs.indices.contains(index) else { return nil }
    let job = plan.jobs[index]
    let parent = parts[2].string ?? ""
    switch code {
    case -5: return .missingParent(node: job.path, parent: parent)
    default: return .parentCannotBeReplaced(node: job.path, job: job.key.description, parent: parent)
    }
  }
}
