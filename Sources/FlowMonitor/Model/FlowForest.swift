import QueueClient

/// All flows that are known: a pure value, changed only by `apply`.
public struct FlowForest: Sendable, Equatable {
  /// The jobs, by their place.
  public private(set) var jobs: [JobKey: FlowJob] = [:]
  /// The roots, those that need a person first.
  public private(set) var roots: [JobKey] = []
  /// The queues, by name.
  public private(set) var queues: [QueueKey: QueueStatus] = [:]
  /// How many flows wait in Redis without being held here.
  public var unreadRoots = 0

  private var rootSet: Set<JobKey> = []
  /// With so many jobs held, it is worth looking for those that no root leads to any more.
  private var sweepAt = 1000

  /// A forest without trees.
  public init() {}

  /// What was just read.
  public struct Reading: Sendable {
    /// Jobs as they are now; `nil` for one that is gone.
    public var jobs: [JobKey: FlowJob?] = [:]
    /// Jobs that turned out to be roots.
    public var roots: Set<JobKey> = []
    /// Queues as they are now.
    public var queues: [QueueStatus] = []

    /// An empty reading.
    public init() {}
  }

  /// Takes a reading in.
  ///
  /// - Returns: the jobs whose rows have changed.
  @discardableResult
  public mutating func apply(_ reading: Reading) -> Set<JobKey> {
    var changed: Set<JobKey> = []
    for (key, job) in reading.jobs where jobs[key] != job {
      jobs[key] = job
      changed.insert(key)
      if job == nil { rootSet.remove(key) }
    }
    let newRoots = reading.roots.subtracting(rootSet).filter { jobs[$0] != nil }
    rootSet.formUnion(newRoots)
    // A root that was given a parent is one no longer.
    for key in rootSet where jobs[key]?.parentKey.map({ jobs[$0] != nil }) == true { rootSet.remove(key) }
    for queue in reading.queues { queues[queue.key] = queue }
    if !changed.isEmpty || !newRoots.isEmpty { roots = rootSet.sorted(by: comesFirst) }
    return changed.union(newRoots)
  }

  /// Forgets the oldest finished flows beyond a number, and jobs that no root leads to.
  public mutating func prune(finishedRoots limit: Int) {
    let finished = roots.filter { jobs[$0]?.isFinished == true }
    if finished.count > limit {
      let oldest = finished.sorted { (jobs[$0]?.finishedOn ?? 0) > (jobs[$1]?.finishedOn ?? 0) }.dropFirst(limit)
      rootSet.subtract(oldest)
      roots.removeAll { !rootSet.contains($0) }
    } else if jobs.count <= sweepAt {
      return
    }
    let reachable = Set(roots.flatMap(subtree))
    jobs = jobs.filter { reachable.contains($0.key) }
    sweepAt = jobs.count * 3 / 2 + 1000
  }

  /// A job and everything known below it, parents first. Safe against circles, which hostile data may hold.
  public func subtree(of root: JobKey) -> [JobKey] {
    var seen: Set<JobKey> = [root]
    var order = [root]
    var next = 0
    while next < order.count {
      for child in jobs[order[next]]?.children ?? [] where seen.insert(child.key).inserted { order.append(child.key) }
      next += 1
    }
    return order
  }

  /// How many jobs of all flows are in each state.
  public var totals: [JobState: Int] {
    queues.values.reduce(into: [:]) { totals, queue in
      totals.merge(queue.counts) { $0 + $1 }
    }
  }

  // MARK: Order

  private func comesFirst(_ left: JobKey, _ right: JobKey) -> Bool {
    guard let a = jobs[left], let b = jobs[right] else { return left < right }
    let (urgencyA, urgencyB) = (urgency(of: a), urgency(of: b))
    if urgencyA != urgencyB { return urgencyA < urgencyB }
    // Unfinished flows by age, finished ones by how lately they ended.
    let (timeA, timeB) =
      a.isFinished ? (-(a.finishedOn ?? 0), -(b.finishedOn ?? 0)) : (a.timestamp ?? 0, b.timestamp ?? 0)
    return timeA != timeB ? timeA < timeB : left < right
  }

  /// 0: needs a person; 1: on its way; 2: done.
  private func urgency(of job: FlowJob) -> Int {
    if job.state == .failed || Diagnosis(of: job.key, in: self).needsAPerson { return 0 }
    return job.isFinished ? 2 : 1
  }
}
