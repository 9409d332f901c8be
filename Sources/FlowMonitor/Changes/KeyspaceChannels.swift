import QueueClient
import Redis

/// Which keyspace channels to follow so that nothing on the screen grows old.
///
/// Exact channels for the jobs that are held, and two patterns by which queues and flows are found:
/// a busy queue then costs a viewer four or five messages a job instead of sixteen.
struct KeyspaceChannels {
  var channels: Set<String> = []
  var patterns: Set<String> = []

  init(database: Int, prefix: String, queues: some Sequence<QueueKey>, jobs: some Sequence<FlowJob>) {
    let space = "__keyspace@\(database)__:"
    let escaped = RedisPattern.literal(prefix)
    patterns = ["\(space)\(escaped):*:\(QueueKey.Suffix.meta.rawValue)"]
    patterns.insert("\(space)\(escaped):*:\(QueueKey.Suffix.waitingChildren.rawValue)")
    for queue in queues {
      channels.insert(space + queue[.events])
      // Flows may reach into prefixes that the patterns do not cover.
      if queue.prefix != prefix { channels.insert(space + queue[.waitingChildren]) }
    }
    for job in jobs {
      channels.insert("\(space)\(job.key)")
      if job.state == .active { channels.insert(space + job.key[.lock]) }
      guard job.isParent else { continue }
      for suffix: JobKey.Suffix in [.dependencies, .processed, .failed, .unsuccessful] {
        channels.insert(space + job.key[suffix])
      }
    }
  }
}
