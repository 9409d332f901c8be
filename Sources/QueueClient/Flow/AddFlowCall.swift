import Foundation
import Redis

/// The call of `addFlow.lua` for a plan: its keys, its arguments, and what its reply means.
struct AddFlowCall {
  let keys: [String]
  let arguments: [RedisCommand.Argument]
  private let hashes: [JobHash]

  /// The call.
  ///
  /// - Parameters:
  ///   - staged: the name under which the hashes stand already; `nil` where the call brings them.
  init(_ plan: FlowPlan, hashes: [JobHash], now: Int, staged: String? = nil) {
    self.hashes = hashes
    var places: [QueueKey: Int] = [:]
    var keys: [String] = []
    var arguments: [RedisCommand.Argument] = [.init(now), .text(staged ?? "")]
    arguments.reserveCapacity(2 + plan.jobs.count * 11)
    for (job, hash) in zip(plan.jobs, hashes) {
      let place = places[job.key.queue] ?? places.count + 1
      if places.updateValue(place, forKey: job.key.queue) == nil { keys.append(job.key.queue.description) }
      arguments.append(.init(place))
      arguments.append(.text(job.key.id))
      arguments.append(job.isIDGiven ? "1" : "")
      arguments.append(.text(job.name))
      arguments.append(staged == nil ? .text(job.data) : "")
      arguments.append(staged == nil ? .text(hash.opts) : "")
      arguments.append(hash.isForNow ? "" : .text("\(hash.timestamp) \(hash.delay) \(hash.priority)"))
      arguments.append(job.hasChildren ? "parent" : job.opts.lifo ? "lifo" : "leaf")
      arguments.append(job.parent.map { .init($0 + 1) } ?? job.parentKey.map { .text($0.description) } ?? "")
      arguments.append(.text(hash.parent ?? ""))
      arguments.append(job.opts.deduplication.map { .text($0.json.text) } ?? "")
    }
    self.keys = keys
    self.arguments = arguments
  }

  /// The jobs as they stand now, by the script's reply.
  ///
  /// - Throws: `FlowError`, when the script refused; nothing was added then.
  func jobs(after reply: RESPValue, plan: FlowPlan, redis: RedisClient) throws -> [Job] {
    guard let parts = reply.array, let code = parts.first?.int else {
      throw RedisError.unexpectedReply(command: Scripts.addFlow.name)
    }
    if code == -11 { throw FlowError.lost }
    if code != 0 {
      guard parts.count == 3, let index = parts[1].int, plan.jobs.indices.contains(index) else {
        throw RedisError.unexpectedReply(command: Scripts.addFlow.name)
      }
      let (path, job, parent) = (plan.path(of: index), plan.jobs[index].key.description, parts[2].string ?? "")
      switch code {
      case -5: throw FlowError.missingParent(node: path, parent: parent)
      case -10: throw FlowError.circular(node: path, job: job, parent: parent)
      default: throw FlowError.parentCannotBeReplaced(node: path, job: job, parent: parent)
      }
    }
    var jobs = zip(plan.jobs, hashes).map { Job($1.snapshot(of: $0), redis: redis) }
    for at in stride(from: 1, to: parts.count - 1, by: 2) {
      guard let index = parts[at].int, jobs.indices.contains(index), let id = parts[at + 1].string else { continue }
      var snapshot = jobs[index].snapshot
      snapshot.key.id = id
      jobs[index] = Job(snapshot, redis: redis)
    }
    return jobs
  }
}
