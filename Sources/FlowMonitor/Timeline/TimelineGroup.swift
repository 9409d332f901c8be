import QueueClient

/// Children of one name, of a family that is too wide to be shown one by one.
public struct TimelineGroup: Sendable, Hashable, Identifiable {
  /// Which group.
  public var id: ID
  /// Its members that were looked at, those that last or have failed first, then the slowest.
  public var members: [Family.Child]
  /// How many of them are in each state.
  public var states: [JobState: Int] = [:]
  /// When the first of them was taken by a worker, in milliseconds since 1970.
  public var firstStart: Int?
  /// When the last of them ended, in milliseconds since 1970; `nil` while some have not.
  public var lastEnd: Int?
  /// The one that ran longest, of those that have ended, and how long, in milliseconds.
  public var slowest: Slowest?
  /// What all of them did together: waited until the first was taken, and ran until the last had ended.
  public var spans: [JobSpan] = []

  /// What tells the groups of a flow apart.
  public struct ID: Sendable, Hashable {
    /// The parent.
    public var parent: JobKey
    /// The members' queue.
    public var queue: QueueKey
    /// The members' name.
    public var name: String
  }

  /// The member that ran longest.
  public struct Slowest: Sendable, Hashable {
    /// Which job.
    public var job: JobKey
    /// How long it ran, in milliseconds.
    public var runTime: Int
  }

  /// The groups of a family, by name.
  static func groups(of family: TimedFamily, below parent: JobKey, in facts: TimelineFacts) -> [TimelineGroup] {
    let names = Set(family.children.map { facts.jobs[$0.key]?.job.name ?? "" })
    // Where names are too many to tell one group from another, numbers and ids in them are left out.
    let isCrowded = names.count > FamilyPass.mostGroups
    let byName = Dictionary(grouping: family.children) { child in
      let name = facts.jobs[child.key]?.job.name ?? ""
      return ID(parent: parent, queue: child.key.queue, name: isCrowded ? ErrorNormalizer.normalized(name) : name)
    }
    return byName.sorted { ($0.key.name, $0.key.queue) < ($1.key.name, $1.key.queue) }.map { id, children in
      TimelineGroup(id, children, in: facts)
    }
  }

  private init(_ id: ID, _ children: [Family.Child], in facts: TimelineFacts) {
    self.id = id
    let ranked = children.map { child in (child: child, rank: Self.rank(facts.jobs[child.key])) }
    members = ranked.sorted { ($0.rank.0, $0.rank.1, $0.child.key) < ($1.rank.0, $1.rank.1, $1.child.key) }.map(\.child)
    let jobs = children.compactMap { facts.jobs[$0.key] }
    for child in children { states[facts.jobs[child.key]?.job.state ?? .unknown, default: 0] += 1 }
    firstStart = jobs.compactMap(\.job.processedOn).min()
    let isOver = jobs.allSatisfy(\.job.isFinished)
    lastEnd = isOver ? jobs.compactMap(\.job.finishedOn).max() : nil
    slowest = jobs.compactMap { job in job.runTime.map { Slowest(job: job.job.key, runTime: $0) } }.max {
      ($0.runTime, $1.job) < ($1.runTime, $0.job)
    }
    guard let added = jobs.compactMap(\.job.timestamp).min() ?? firstStart else { return }
    let taken = max(added, firstStart ?? added)
    if firstStart == nil {
      spans = isOver ? [] : [JobSpan(.waiting, from: added, to: nil)]
    } else {
      if taken > added { spans.append(JobSpan(.waiting, from: added, to: taken)) }
      if lastEnd.map({ $0 > taken }) ?? true { spans.append(JobSpan(.active, from: taken, to: lastEnd)) }
    }
  }

  /// Failed ones first, then those that have not ended, then the slowest.
  private static func rank(_ timed: TimedJob?) -> (Int, Int) {
    guard let timed else { return (3, 0) }
    if timed.job.state == .failed { return (0, 0) }
    guard timed.job.isFinished else { return (1, timed.job.processedOn ?? .max) }
    return (2, 0.subtractingClamped(timed.runTime ?? 0))
  }
}
