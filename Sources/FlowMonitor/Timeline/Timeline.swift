import QueueClient

/// A flow in the course of time: what each of its jobs did when, in the order of the tree. A value, made of what was
/// read.
public struct Timeline: Sendable, Equatable {
  /// The rows, the root's first.
  public private(set) var rows: [Row] = []
  /// When the flow began, in milliseconds since 1970.
  public private(set) var start: Int
  /// When it ended, in milliseconds since 1970; `nil` while it has not.
  public private(set) var end: Int?
  /// The time up to which what lasts has lasted, in milliseconds since 1970.
  public var now: Int
  /// The chain of jobs that decided when the root could finish.
  public private(set) var path: CriticalPath
  /// What it was made of.
  public let facts: TimelineFacts

  /// One row.
  public struct Row: Sendable, Hashable, Identifiable {
    /// Which row.
    public var id: ID
    /// For each ancestor below the root: whether its tree goes on below this row.
    public var guides: [Bool]
    /// Whether it is the last one below its parent.
    public var isLast: Bool
    /// How deep it stands; 0 for the root.
    public var depth: Int
    /// The row's job; `nil` where it is gone or was not looked at, and for groups.
    public var job: TimedJob?
    /// What its parent keeps of it.
    public var kind: Family.Kind?
    /// The row's group.
    public var group: TimelineGroup?
    /// Whether all that is known of the group's members is shown, page by page.
    public var isOpen = false
    /// What the job did; of a group, what all of it did together.
    public var spans: [JobSpan] = []
    /// Why the job cannot go on now.
    public var block: JobSpan.Block?
    /// Whether the job is gone.
    public var isGone = false
    /// Its part of the critical path.
    public var step: CriticalPath.Step?
    /// How long such a step usually runs.
    public var usual: EarlierFlows.Usual?

    /// Whether it lies on the critical path.
    public var isCritical: Bool { step != nil }
  }

  /// Which row.
  public enum ID: Sendable, Hashable {
    /// A job.
    case job(JobKey)
    /// Children of one name in a wide family.
    case group(TimelineGroup.ID)
    /// So many more members of an open group.
    case more(TimelineGroup.ID, Int)
    /// So many children of a job that were not looked at.
    case unread(JobKey, Int)
  }

  /// The timeline of a flow.
  ///
  /// - Parameter open: the groups that are open, and how many members of each are shown.
  public init(_ facts: TimelineFacts, open: [TimelineGroup.ID: Int] = [:]) {
    self.facts = facts
    now = facts.now
    let rule = ReleaseRule(facts)
    path = CriticalPath(rule)
    let steps = Dictionary(path.steps.map { ($0.job, $0) }) { first, _ in first }
    let root = facts.jobs[facts.root]?.job
    start = root?.timestamp ?? root?.processedOn ?? facts.now
    end = facts.isFinished ? root?.finishedOn : nil
    // A stack of our own, and no job's children twice: trees may be deep, and run in circles.
    var seen: Set<JobKey> = []
    var pending = [Row(id: .job(facts.root), guides: [], isLast: true, depth: 0)]
    while var row = pending.popLast() {
      var below: [Row] = []
      switch row.id {
      case .job(let key):
        row.job = facts.jobs[key]
        row.isGone = row.job == nil && facts.gone.contains(key)
        row.spans = SpanBuilder.spans(of: key, by: rule)
        row.block = row.job.flatMap { Blocking(rule: rule, timed: $0).block }
        row.step = steps[key]
        row.usual = row.job.flatMap { facts.earlier.usual(for: $0.job) }
        if let family = facts.families[key], seen.insert(key).inserted {
          below = Self.below(key, family, facts: facts, isCritical: { steps[$0] != nil })
        }
      case .group(let id):
        let group = row.group
        row.isOpen = open[id] != nil
        row.spans = group?.spans ?? []
        row.usual = facts.earlier.steps[.init(queue: id.queue, name: id.name)]
        below = Self.members(of: group, wanted: open[id], isCritical: { steps[$0] != nil })
      case .more, .unread: break
      }
      start = min(start, row.spans.first?.start ?? start)
      if let last = row.spans.last { end = end.map { max($0, last.end ?? facts.now) } }
      rows.append(row)
      let guides = row.depth == 0 ? [] : row.guides + [!row.isLast]
      for (index, var child) in below.enumerated().reversed() {
        (child.guides, child.depth, child.isLast) = (guides, row.depth + 1, index == below.count - 1)
        pending.append(child)
      }
    }
  }

  private static func row(_ id: ID, kind: Family.Kind? = nil, group: TimelineGroup? = nil) -> Row {
    Row(id: id, guides: [], isLast: false, depth: 0, kind: kind, group: group)
  }

  private static func below(
    _ parent: JobKey, _ family: TimedFamily, facts: TimelineFacts, isCritical: (JobKey) -> Bool
  ) -> [Row] {
    var rows: [Row]
    if family.isWide {
      rows = TimelineGroup.groups(of: family, below: parent, in: facts).map { group in
        // What stands alone needs no group.
        group.members.count == 1
          ? row(.job(group.members[0].key), kind: group.members[0].kind) : row(.group(group.id), group: group)
      }
    } else {
      rows = family.children.map { row(.job($0.key), kind: $0.kind) }
    }
    if family.unread > 0 { rows.append(row(.unread(parent, family.unread))) }
    return rows
  }

  /// The members of a group that are shown: of an open one the first, always one on the critical path.
  private static func members(of group: TimelineGroup?, wanted: Int?, isCritical: (JobKey) -> Bool) -> [Row] {
    guard let group else { return [] }
    let shown = group.members.prefix(max(0, wanted ?? 0))
    var rows = shown.map { row(.job($0.key), kind: $0.kind) }
    rows += group.members.dropFirst(shown.count).filter { isCritical($0.key) }.map { row(.job($0.key), kind: $0.kind) }
    let rest = group.members.count - rows.count
    if wanted != nil, rest > 0 { rows.append(row(.more(group.id, rest))) }
    return rows
  }

  /// Whether the flow has not ended.
  public var isRunning: Bool { end == nil }

  /// The last moment that there is something of, in milliseconds since 1970.
  public var last: Int { max(start, end ?? now) }

  /// How many jobs were looked at.
  public var jobCount: Int { facts.jobs.count }
}
