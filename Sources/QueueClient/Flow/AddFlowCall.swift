import Foundation
import Redis

/// The call of `addFlow.lua` for a plan: its keys, its arguments, and what its reply means.
struct AddFlowCall {
  let keys: [String]
  let arguments: [RedisCommand.Argument]
  /// The fields of each job's hash, as the script writes them.
  let fields: [[String: String]]

  init(_ plan: FlowPlan, now: Int) {
    var places: [QueueKey: Int] = [:]
    var keys: [String] = []
    var arguments: [RedisCommand.Argument] = [.init(now)]
    var fields: [[String: String]] = []
    arguments.reserveCapacity(1 + plan.jobs.count * 12)
    for job in plan.jobs {
      let place = places[job.key.queue] ?? places.count + 1
      if places.updateValue(place, forKey: job.key.queue) == nil { keys.append(job.key.queue.description) }
      let opts = job.opts
      var hash = [
        "name": job.name, "data": job.data, "opts": opts.stored.text, "timestamp": String(opts.timestamp ?? now),
        "delay": String(opts.delay), "priority": String(opts.priority),
      ]
      hash["parentKey"] = job.parentKey?.description
      hash["parent"] = job.parentKey.map { Self.parent($0, of: opts).text }
      arguments += [
        .init(place), .text(job.key.id), .text(job.name), .text(job.data), .text(hash["opts"] ?? ""),
        .text(hash["timestamp"] ?? ""), .text(hash["delay"] ?? ""), .text(hash["priority"] ?? ""),
        job.hasChildren ? "parent" : opts.lifo ? "lifo" : "leaf",
        .text(hash["parentKey"] ?? ""), .text(hash["parent"] ?? ""),
        .text(opts.deduplication?.json.text ?? ""),
      ]
      fields.append(hash)
    }
    self.keys = keys
    self.arguments = arguments
    self.fields = fields
  }

  /// The `parent` field: where the parent is, and what this job's failure does to it.
  private static func parent(_ key: JobKey, of opts: JobOptions) -> JSON {
    .object(
      [JSON.Member("id", .string(key.id)), JSON.Member("queueKey", .string(key.queue.description))]
        + opts.failurePolicies.map { JSON.Member($0.storedName, true) }
    )
  }

  /// The jobs as they stand now, by the script's reply.
  ///
  /// - Throws: `FlowError`, when the script refused; nothing was written then.
  func jobs(after reply: RESPValue, plan: FlowPlan, redis: RedisClient) throws -> [Job] {
    guard let parts = reply.array, let code = parts.first?.int else {
      throw RedisError.unexpectedReply(command: Scripts.addFlow.name)
    }
    if code != 0 {
      guard parts.count == 3, let index = parts[1].int, plan.jobs.indices.contains(index) else {
        throw RedisError.unexpectedReply(command: Scripts.addFlow.name)
      }
      let job = plan.jobs[index]
      let parent = parts[2].string ?? ""
      throw code == -5
        ? FlowError.missingParent(node: job.path, parent: parent)
        : FlowError.parentCannotBeReplaced(node: job.path, job: job.key.description, parent: parent)
    }
    var keys = plan.jobs.map(\.key)
    for at in stride(from: 1, to: parts.count - 1, by: 2) {
      guard let index = parts[at].int, keys.indices.contains(index), let id = parts[at + 1].string else { continue }
      keys[index].id = id
    }
    return zip(keys, fields).map { Job(JobSnapshot(key: $0, fields: $1), redis: redis) }
  }

  /// Jobs of a plan as the trees they are.
  static func trees(of jobs: [Job], plan: FlowPlan) -> [JobNode] {
    var children = [[Int]](repeating: [], count: jobs.count)
    for (index, job) in plan.jobs.enumerated() {
      if let parent = job.parent { children[parent].append(index) }
    }
    var nodes: [JobNode?] = Array(repeating: nil, count: jobs.count)
    // Children stand behind their parents: from the end on, each is whole when its parent takes it.
    for index in jobs.indices.reversed() {
      nodes[index] = JobNode(job: jobs[index], children: children[index].compactMap { nodes[$0] })
      for child in children[index] { nodes[child] = nil }
    }
    return nodes.compactMap { $0 }
  }
}
