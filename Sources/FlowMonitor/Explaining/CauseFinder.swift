import QueueClient

/// Concludes from what was found of a flow what keeps it from finishing. Pure.
struct CauseFinder {
  let facts: FlowFacts
  /// By job, the parent through which it was met first.
  private var above: [JobKey: JobKey] = [:]
  private var found: [FoundCause] = []

  /// The causes, those that need somebody first, then those nearest to the root.
  static func causes(in facts: FlowFacts) -> [Cause] {
    var finder = CauseFinder(facts: facts)
    finder.walk()
    return finder.found.merged.sorted { Self.rank($0) < Self.rank($1) }
  }

  private init(facts: FlowFacts) { self.facts = facts }

  private static func rank(_ cause: Cause) -> (Int, Int, Int, JobKey) {
    (cause.code.needsPerson ? 0 : 1, CauseCode.allCases.firstIndex(of: cause.code) ?? 0, cause.chain.count, cause.job)
  }

  /// From the root down, level by level, through what is waited for.
  private mutating func walk() {
    let facts = facts
    var order = [facts.root]
    var seen: Set<JobKey> = [facts.root]
    var next = 0
    while next < order.count {
      let job = order[next]
      next += 1
      look(at: job, parent: above[job])
      for child in facts.pending[job] ?? [] {
        if seen.insert(child).inserted {
          above[child] = job
          order.append(child)
        } else {
          // Another parent waits for it, too, and perhaps in vain.
          lookAtDependency(on: child, of: job)
        }
      }
    }
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
    let root = facts.root
    add(.circle, first, chain: chain(to: first) + circle.jobs.dropFirst() + [first], parent: last) {
      $0.fixes = [.removeDependency(child: first, parent: last), .cancelFlow(root)]
    }
  }

  /// Notes a cause.
  ///
  /// - Parameters:
  ///   - chain: the way from the root, where it is another than that by which the job was met.
  ///   - edit: adds what is known of it.
  mutating func add(
    _ code: CauseCode, _ job: JobKey, chain: [JobKey]? = nil, parent: JobKey? = nil,
    _ edit: (inout Cause) -> Void = { _ in }
  ) {
    var cause = Cause(code, at: job, chain: chain ?? self.chain(to: job))
    cause.evidence.name = facts.jobs[job]?.name ?? ""
    cause.evidence.parent = parent
    cause.evidence.parentName = parent.flatMap { facts.jobs[$0]?.name } ?? ""
    edit(&cause)
    found.append(FoundCause(cause: cause, isRead: facts.jobs[job]?.isWhole ?? true))
  }
}
