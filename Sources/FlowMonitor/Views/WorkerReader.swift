import QueueClient
import Redis

/// Reads who works: the connections, and the active jobs of the known queues, so many of them as a screen can use.
struct WorkerReader: Sendable {
  let redis: RedisClient

  /// So many active jobs are read.
  static let mostJobs = 200

  /// - Throws: `RedisError`; a server that forbids `CLIENT LIST` is none.
  func read(_ known: [QueueKey]) async throws -> WorkerList {
    let queues = Array(known.prefix(ViewQuestion.mostQueues))
    var (connections, refusal) = ([ClientConnection]?.none, String?.none)
    do {
      connections = ClientConnection.all(in: try await redis.send(["CLIENT", "LIST"]).string ?? "")
    } catch let error as RedisError where !error.isConnectionFailure {
      refusal = "\(error)"
    }
    let counts = try await redis.rawReplies(to: queues.map { ["LLEN", .text($0[.active])] })
    try counts.throwWhereRefused(command: "LLEN")
    var (asked, total) = ([(queue: QueueKey, count: Int)](), 0)
    var room = Self.mostJobs
    for (queue, count) in zip(queues, counts.map { $0.int ?? 0 }) where count > 0 {
      total = total.addingClamped(count)
      guard room > 0 else { continue }
      asked.append((queue, min(room, count)))
      room -= min(room, count)
    }
    let lists = try await redis.rawReplies(
      to: asked.map { ["LRANGE", .text($0.queue[.active]), .init(-$0.count), "-1"] })
    let keys = zip(asked, lists).flatMap { asked, list in
      list.strings.reversed().map { JobKey(queue: asked.queue, id: $0) }
    }
    let jobs = try await JobInspector(connection: redis).inspect(keys).jobs
    // What has ended since the list was read is no job of a worker.
    var list = WorkerList(
      queues: known, connections: connections, jobs: jobs.filter { $0.evidence.state.state == .active })
    list.refusal = refusal
    list.jobsLeftOut = max(0, total - Self.mostJobs)
    return list
  }
}
