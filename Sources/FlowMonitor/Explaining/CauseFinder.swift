import QueueClient

/// Concludes from what was found of a flow what keeps it from finishing. Pure.
struct CauseFinder {
  let facts: FlowFacts
  let root: JobKey
  /// By job, the parent through which it was met first.
  private var above: [JobKey: JobKey] = [:]
  private var found = CauseTally()
  /// The jobs that never end unless somebody does something; `nil` where that follows from any that they wait for.
  private let held: Set<JobKey>?

  /// The causes of each flow, by its root, in the order in which they are told.
  static func causes(in facts: FlowFacts) -> [JobKey: [Cause]] {
    let held = HeldJobs.find(in: facts)
    let causes = facts.roots.map { root -> (JobKey, [Cause]) in
      var finder = CauseFinder(facts: facts, root: root, held: held)
      finder.walk()
      return (root, finder.found.causes.sorted { $0.rank < $1.rank })
    }
    return Dictionary(causes) { first, _ in first }
  }

  private init(facts: FlowFacts, root: JobKey, held: Set<JobKey>?) {
    (self.facts, self.root, self.held) = (facts, root, held)
  }

  /// From the root down, level by level, through what is waited for.
  private mutating func walk() {
    let facts = facts
    var order = [root]
    var seen: Set<JobKey> = [root]
    var next = 0
    var isMetAgain = false
    while next < order.count {
      let job = order[next]
      next += 1
      look(at: job, parent: above[job])
      for child in facts.pending[job] ?? [] {
        if seen.insert(child).inserted {
          above[child] = job
          order.append(child)
        } else {
          // Another parent waits for it, too, and perhaps in vain; or it waits for that parent.
          isMetAgain = true
          lookAtDependency(on: child, of: job)
        }
      }
    }
    guard isMetAgain else { return }
    for circle in PendingCircles.find(among: order, pending: facts.pending) { tell(circle) }
  }

  /// The way from the root to a job.
  func chain(to job: JobKey) -> [JobKey] {
    var chain = [job]
    while let parent = chain.last.flatMap({ above[$0] }) { chain.append(parent) }
    return chain.reversed()
  }

  private mutating func tell(_ circle: PendingCircles.Circle) {
    guard let first = circle.jobs.first, let last = circle.jobs.last else { return }
    let root = root
    add(.circle, first, way: Way(top: first, trail: circle.jobs.dropFirst() + [first]), parent: last) {
      $0.fixes = [.removeDependency(child: first, parent: last), .cancelFlow(root)]
    }
  }

  /// A way from the root to a job.
  struct Way {
    /// The job up to which it is that by which this job was met; `nil` where it begins with the trail.
    var top: JobKey?
    /// What follows.
    var trail: [JobKey]
  }

  /// Notes a cause.
  ///
  /// - Parameters:
  ///   - way: the way from the root, where it is another than that by which the job was met.
  ///   - edit: adds what is known of it; of jobs that were only seen, not read, the first of each kind is asked for alone.
  mutating func add(
    _ code: CauseCode, _ job: JobKey, way: Way? = nil, parent: JobKey? = nil,
    _ edit: (inout Cause) -> Void = { _ in }
  ) {
    let fact = facts.jobs[job]
    let isRead = fact?.isWhole ?? true
    let count = fact?.count ?? 1
    if !isRead, found.count(code, job, parent: parent, of: count) { return }
    var cause = Cause(code, at: job, chain: way.map { ($0.top.map(chain) ?? []) + $0.trail } ?? chain(to: job))
    cause.evidence.name = fact?.name ?? ""
    cause.evidence.isRead = isRead
    cause.evidence.isParentFailed = parent.map { facts.jobs[$0]?.state == .failed } ?? false
    cause.evidence.count = count
    cause.evidence.parent = parent
    cause.evidence.parentName = parent.flatMap { facts.jobs[$0]?.name } ?? ""
    edit(&cause)
    // What holds no job can neither be removed nor put back: the key is named by itself.
    if facts.wrongTyped.contains(job.description) { cause.fixes.removeAll { $0.needs(job) } }
    // Below what has failed, only what stands in the way of another try is told.
    if !cause.isForGood, cause.chain.dropLast().contains(where: { facts.jobs[$0]?.state == .failed }) { return }
    cause.needsPerson = cause.isForGood && keepsRoot(cause)
    found.add(cause, isRead: isRead)
  }

  /// Whether none of the jobs on the way from the root may be released by somebody else than the last. Whose parent is
  /// gone ends all the same, unless something else keeps it: nobody misses its end. Nor does what a job left behind.
  private func keepsRoot(_ cause: Cause) -> Bool {
    guard let held else { return true }
    if cause.code == .missingParent { return held.contains(cause.job) }
    return cause.chain.allSatisfy {
      facts.jobs[$0]?.state != .waitingChildren || held.contains($0) || !facts.exists($0)
    }
  }
}
