import QueueClient

/// Which child decided when its parent could go on. Pure.
struct ReleaseRule {
  let facts: TimelineFacts
  /// Jobs that wait in vain: a child of theirs, or of one below, has failed or is missing.
  private let blocked: Set<JobKey>

  init(_ facts: TimelineFacts) {
    self.facts = facts
    blocked = Self.blocked(in: facts)
  }

  /// The child that decided.
  struct Decider: Sendable, Equatable {
    var key: JobKey
    /// When it ended; `nil` while it has not.
    var end: Int?
    /// Whether it might have been another one, of which too little is known.
    var isCertain: Bool
  }

  /// The child that decided, or decides, when a job can go on; `nil` where no child is known that may.
  func decider(of parent: JobKey) -> Decider? {
    guard let family = facts.families[parent] else { return nil }
    if facts.jobs[parent]?.job.state == .waitingChildren, let open = openDecider(family) { return open }
    let ended = family.children.compactMap { child -> (child: Family.Child, end: Int)? in
      guard let job = facts.jobs[child.key]?.job, child.kind != .unprocessed, let end = job.finishedOn else {
        return nil
      }
      return (child, end)
    }
    let isCertain = family.unread == 0 && !family.children.contains { facts.jobs[$0.key] == nil }
    // A failure of such a child releases its parent at once, whatever the others do.
    let releasing = ended.filter { releasesAtOnce($0.child) }.min { ($0.end, $0.child.key) < ($1.end, $1.child.key) }
    let last = ended.max { ($0.end, $0.child.key) < ($1.end, $1.child.key) }
    return (releasing ?? last).map { Decider(key: $0.child.key, end: $0.end, isCertain: isCertain) }
  }

  /// When a job could go on; `nil` where that is not known, or not so yet.
  func release(of parent: JobKey) -> (time: Int, isCertain: Bool)? {
    guard facts.jobs[parent]?.job.state != .waitingChildren else { return nil }
    return decider(of: parent).flatMap { decider in decider.end.map { ($0, decider.isCertain) } }
  }

  /// The failed child that is waited for in vain, and that has been so for longest.
  func failedChild(of parent: JobKey) -> (key: JobKey, since: Int?)? {
    let failed = (facts.families[parent]?.children ?? []).filter {
      $0.kind == .unprocessed && facts.jobs[$0.key]?.job.state == .failed
    }
    let first = failed.min { (end(of: $0.key), $0.key) < (end(of: $1.key), $1.key) }
    return first.map { ($0.key, facts.jobs[$0.key]?.job.finishedOn) }
  }

  /// A child that is waited for and does not exist.
  func missingChild(of parent: JobKey) -> JobKey? {
    facts.families[parent]?.children.first { $0.kind == .unprocessed && facts.gone.contains($0.key) }?.key
  }

  private func end(of key: JobKey) -> Int { facts.jobs[key]?.job.finishedOn ?? .max }

  private func releasesAtOnce(_ child: Family.Child) -> Bool {
    child.kind == .failed
      || child.kind == .ignored && facts.jobs[child.key]?.job.failurePolicy == .continueParentOnFailure
  }

  /// Of the children that are waited for, the one that is furthest from its end.
  private func openDecider(_ family: TimedFamily) -> Decider? {
    let pending = family.children.filter { $0.kind == .unprocessed }
    let far = pending.min { (nearness($0.key), $0.key) < (nearness($1.key), $1.key) }
    return far.map { child in
      // What has failed, and is waited for, holds its parent up since then.
      let job = facts.jobs[child.key]?.job
      return Decider(
        key: child.key, end: job?.state == .failed ? job?.finishedOn : nil,
        isCertain: pending.count == 1 && family.unread == 0)
    }
  }

  /// 0 for what never ends by itself, more for what is nearer to its end.
  private func nearness(_ key: JobKey) -> Int {
    guard let job = facts.jobs[key]?.job else { return 1 }
    switch job.state {
    case .failed: return 0
    case .unknown: return 1
    case .waitingChildren: return blocked.contains(key) ? 0 : 2
    case .delayed: return 3
    case .waiting, .prioritized: return 4
    case .active: return 5
    case .completed: return 6
    }
  }

  private static func blocked(in facts: TimelineFacts) -> Set<JobKey> {
    var parents: [JobKey: [JobKey]] = [:]
    var blocked: Set<JobKey> = []
    for (parent, family) in facts.families where facts.jobs[parent]?.job.state == .waitingChildren {
      for child in family.children where child.kind == .unprocessed {
        parents[child.key, default: []].append(parent)
        if facts.gone.contains(child.key) || facts.jobs[child.key]?.job.state == .failed { blocked.insert(parent) }
      }
    }
    var level = Array(blocked)
    while !level.isEmpty { level = level.flatMap { parents[$0] ?? [] }.filter { blocked.insert($0).inserted } }
    return blocked
  }
}
