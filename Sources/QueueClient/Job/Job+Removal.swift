import Redis

extension Job {
  /// Removes the job, and all jobs below it unless told otherwise (`remove`).
  ///
  /// BullMQ's rules: its parent waits for it no longer, and runs if it was the last one; the children go too,
  /// finished or not, in whatever queue they are; and if a worker has the job or one of its unfinished descendants
  /// in hand, nothing is removed at all.
  ///
  /// - Parameters:
  ///   - removeChildren: `false` leaves the children where they are.
  ///   - state: removes the job only while it is in that state; `nil` and `.unknown` are any.
  /// - Throws: `JobError.missing`, `.notInState`, `.locked`, `.scheduled`; `RedisError`.
  public func remove(removeChildren: Bool = true, whileIn state: JobState? = nil) async throws {
    let expected = state.flatMap { $0 == .unknown ? nil : $0 }
    let reply = try await redis.run(
      Scripts.removeJob, keys: [key.queue.description],
      arguments: [.text(key.id), removeChildren ? "1" : "0"] + (expected.map { [.text($0.rawValue)] } ?? []))
    guard let parts = reply.array, let code = parts.first?.int else {
      throw RedisError.unexpectedReply(command: Scripts.removeJob.name)
    }
    switch code {
    case 0: return
    case -3: throw JobError.notInState(key, state ?? .unknown)
    case -6: throw JobError.locked(parts.last?.string ?? "", removing: key)
    case -8: throw JobError.scheduled(key)
    default: throw JobError.missing(key)
    }
  }

  /// Takes away what a job left behind that does not exist any more: its place in the queue, and what it knew of its
  /// children. The children stay, and end without it.
  ///
  /// - Parameter isDry: only looks whether there is something, and changes nothing.
  /// - Returns: whether there was something.
  /// - Throws: `JobError.invalid`, where the job exists; `.locked`; `RedisError`.
  @discardableResult
  public static func forget(_ key: JobKey, connection redis: RedisClient, isDry: Bool = false) async throws -> Bool {
    if isDry {
      guard let job = try await JobInspector(connection: redis).inspect([key]).jobs.first, !job.exists else {
        return false
      }
      return job.evidence.state.state != .unknown || job.counts.total > 0
    }
    let reply = try await redis.run(
      Scripts.forgetJob, keys: [key.queue.description], arguments: [.text(key.id)])
    switch reply.int {
    case 0: return false
    case 1: return true
    case -6: throw JobError.locked(key.description, removing: key)
    default: throw JobError.invalid(key, reason: "it exists")
    }
  }

  /// Removes the children that the job still waits for, and those below them (`removeUnprocessedChildren`).
  ///
  /// Children that a worker has in hand, and failed ones, stay. A job that waits for nothing any more then runs.
  ///
  /// - Returns: how many jobs were removed.
  /// - Throws: `JobError.missing`; `RedisError`.
  @discardableResult
  public func removeUnprocessedChildren() async throws -> Int {
    let reply = try await redis.run(
      Scripts.removeUnprocessedChildren, keys: [key.queue.description], arguments: [.text(key.id)])
    guard let count = reply.int, count >= 0 else { throw JobError.missing(key) }
    return count
  }

  /// Lets the parent wait for this job no longer, and run if it was the last one (`removeChildDependency`).
  ///
  /// - Returns: `false` when the parent did not wait for it.
  /// - Throws: `JobError.missing`, `.missingParent`; `RedisError`.
  @discardableResult
  public func removeChildDependency() async throws -> Bool {
    let reply = try await redis.run(Scripts.removeChildDependency, keys: [key.description])
    switch reply.int {
    case 1: return true
    case 0: return false
    case -5: throw JobError.missingParent(of: key)
    default: throw JobError.missing(key)
    }
  }

  /// Lets a parent wait for a child no longer, and run if it was the last one, though the child be gone or name another
  /// parent.
  ///
  /// - Returns: `false` when the parent did not wait for it.
  /// - Throws: `JobError.missing` where there is no such parent; `RedisError`.
  @discardableResult
  public static func removeChildDependency(
    of child: JobKey, from parent: JobKey, connection redis: RedisClient
  ) async throws -> Bool {
    let reply = try await redis.run(
      Scripts.removeChildDependency, keys: [child.description],
      arguments: [.text(parent.queue.description), .text(parent.id)])
    guard let code = reply.int, code >= 0 else { throw JobError.missing(parent) }
    return code == 1
  }

  /// Lets the next job with this one's deduplication id in (`removeDeduplicationKey`), where this one keeps it out.
  ///
  /// - Returns: whether it did.
  /// - Throws: `RedisError`.
  @discardableResult
  public func removeDeduplicationKey() async throws -> Bool {
    guard let deduplicationID = snapshot.deduplicationID ?? snapshot.opts["de"]?["id"]?.string else { return false }
    return try await redis.run(
      Scripts.removeDeduplicationKey, keys: [key.queue.description], arguments: [.text(deduplicationID), .text(id)]
    ).int == 1
  }
}
