/// What a new job's hash holds beside its name and data.
struct JobHash {
  /// The options as JSON text.
  let opts: String
  let timestamp: Int
  let delay: Int
  let priority: Int
  /// Where the parent is, and what this job's failure does to it, as JSON text; `nil` for roots.
  let parent: String?
  /// Whether the job is to run now, without a priority, as most are.
  let isForNow: Bool

  /// The hashes of a plan's jobs. Brothers and sisters of the same options have theirs written once.
  static func all(of plan: FlowPlan, now: Int) -> [JobHash] {
    var hashes: [JobHash] = []
    hashes.reserveCapacity(plan.jobs.count)
    var last: FlowPlan.Job?
    for job in plan.jobs {
      if let last, last.parentKey == job.parentKey, last.opts == job.opts {
        hashes.append(hashes[hashes.count - 1])
      } else {
        hashes.append(JobHash(of: job, now: now))
      }
      last = job
    }
    return hashes
  }

  private init(of job: FlowPlan.Job, now: Int) {
    var options = job.opts
    options.parent = job.parentKey
    opts = options.stored.text
    timestamp = job.opts.timestamp ?? now
    delay = job.opts.delay
    priority = job.opts.priority
    isForNow = delay == 0 && priority == 0 && timestamp == now
    parent = job.parentKey.map { key in
      JSON.object(
        [JSON.Member("id", .string(key.id)), JSON.Member("queueKey", .string(key.queue.description))]
          + job.opts.failurePolicies.map { JSON.Member($0.storedName, true) }
      ).text
    }
  }

  /// The job as it stands in Redis when it was added.
  func snapshot(of job: FlowPlan.Job) -> JobSnapshot { JobSnapshot(key: job.key, fields: fields(of: job)) }

  /// The hash's names and values by turns.
  func fields(of job: FlowPlan.Job) -> [String] {
    var fields: [(JobField, String)] = [
      (.name, job.name), (.data, job.data), (.opts, opts), (.timestamp, String(timestamp)), (.delay, String(delay)),
      (.priority, String(priority)),
    ]
    if let key = job.parentKey, let parent { fields += [(.parentKey, key.description), (.parent, parent)] }
    return fields.flatMap { [$0.rawValue, $1] }
  }
}
