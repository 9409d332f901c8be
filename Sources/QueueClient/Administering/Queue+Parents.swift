import Foundation
import Redis

extension Queue {
  /// Removes parents that wait for their children, each with all jobs below it, by the rules of `Job.remove`: one below
  /// which a worker has a job stays, and so does one that waits for a job of this queue that is itself waited for here:
  /// it goes with that one.
  ///
  /// - Parameters:
  ///   - latest: those added later stay, in milliseconds since 1970.
  ///   - limit: how many at the most; 0 is all.
  ///   - isDry: only looks which those are.
  /// - Returns: the ids of the parents that were removed.
  /// - Throws: `RedisError`, `CancellationError`. A key that holds something else than it should is named when all others
  ///   were gone through.
  func removeWaitingParents(latest: Int, limit: Int, isDry: Bool = false) async throws -> [String] {
    var removed: [String] = []
    var failure: RedisError?
    let ids = try await waitingParents()
    for first in stride(from: 0, to: ids.count, by: Self.parentsAtOnce) where limit == 0 || removed.count < limit {
      let page = Array(ids[first..<min(first + Self.parentsAtOnce, ids.count)])
      let found = try await tops(among: page, latest: latest)
      failure = failure ?? found.failure
      let going = found.ids.prefix(limit == 0 ? .max : limit - removed.count)
      if isDry {
        let action = JobAction(.remove, going.map { .job(JobKey(queue: key, id: $0)) })
        removed += try await ActionReader(redis: redis).read(action).parts.compactMap { $0.job?.id }
        continue
      }
      let calls = going.map { ScriptCall(keys: [key.description], arguments: [.text($0), "1"]) }
      let places = Array(going)
      var gone: [String] = []
      try await StepCalls(redis: redis, script: Scripts.removeJob).run(calls) { place, reply in
        switch reply.array?.first?.int {
        case 0: removed.append(places[place])
        case -1: gone.append(places[place])
        default:
          failure =
            failure
            ?? reply.errorLine.map {
              RedisError.reply(command: Scripts.removeJob.name, line: "\($0) (\(key):\(places[place]))")
            }
        }
      }
      // Ids without a job: they went with one above them, or their job is gone and was left behind here.
      let left = try await redis.pipeline(gone.map { ["ZREM", .text(key[.waitingChildren]), .text($0)] })
      removed += zip(gone, left).filter { $1.int == 1 }.map(\.0)
    }
    if let failure { throw failure }
    return removed
  }

  private static let parentsAtOnce = 100

  /// The ids in waiting-children, as they are at the beginning: what goes and comes meanwhile moves no page.
  private func waitingParents() async throws -> [String] {
    var ids: [String] = []
    while true {
      try Task.checkCancellation()
      let page = try await redis.send(
        ["ZRANGE", .text(key[.waitingChildren]), .init(ids.count), .init(ids.count.addingClamped(999))]).strings
      ids += page
      if page.count < 1000 { return ids }
    }
  }

  /// Those that are old enough, and that no other parent waiting in this queue waits for.
  ///
  /// - Returns: these, and what was refused.
  private func tops(among ids: [String], latest: Int) async throws -> (ids: [String], failure: RedisError?) {
    let jobs = ids.map { JobKey(queue: key, id: $0) }
    let replies = try await redis.rawReplies(
      to: jobs.map { ["HMGET", .text($0.description), "timestamp", "parentKey", "parent"] })
    var tops: [String] = []
    var failure: RedisError?
    var children: [(id: String, parent: JobKey)] = []
    for (job, reply) in zip(jobs, replies) {
      let fields = reply.array ?? []
      if let line = reply.errorLine { failure = failure ?? RedisError.reply(command: "HMGET", line: "\(line): \(job)") }
      guard fields.count == 3 else { continue }
      if let added = fields[0].string.flatMap({ Int(clamping: $0) }), added > latest { continue }
      let parent = fields[1].string.flatMap { JobKey(parentKey: $0, parent: fields[2].string, of: key) }
      if let parent, parent.queue == key { children.append((job.id, parent)) } else { tops.append(job.id) }
    }
    let scores = try await redis.pipeline(
      children.map { ["ZSCORE", .text(key[.waitingChildren]), .text($0.parent.id)] })
    tops += zip(children, scores).filter { $1.double == nil }.map { $0.0.id }
    return (tops, failure)
  }
}
