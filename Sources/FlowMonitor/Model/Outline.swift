import QueueClient

/// The rows of a picture: its flows as trees, line by line. Pure; the monitor asks it what to read, the screen what to
/// draw.
public struct Outline: Sendable, Equatable {
  /// The rows, from the first flow of the picture's page to its last.
  public private(set) var rows: [Row] = []

  /// One row.
  public struct Row: Sendable, Hashable, Identifiable {
    /// Which row, whatever comes and goes around it.
    public var id: ID
    /// For each ancestor below the root: whether its tree goes on below this row.
    public var guides: [Bool]
    /// Whether it is the last child of its parent.
    public var isLast: Bool
    /// Whether what lies below it is shown.
    public var isOpen: Bool
    /// Whether something lies below it.
    public var hasChildren: Bool
    /// The root of its flow.
    public var root: JobKey

    /// How deep it stands; 0 for a root.
    public var depth: Int
  }

  /// Which row.
  public enum ID: Sendable, Hashable {
    /// A job, or one that is gone.
    case job(JobKey)
    /// A group of a wide family.
    case group(GroupKey)
    /// Members of an open group that are not loaded yet.
    case more(GroupKey)
  }
}

extension Outline {
  /// The rows of some flows.
  ///
  /// - Parameters:
  ///   - roots: the flows, in order.
  ///   - jobs: what was read of jobs; one without an entry is a row without children.
  ///   - families: the children of open jobs, as far as they were read.
  ///   - window: what is folded, opened, and which groups are open.
  ///   - limit: how many rows are wanted at the most.
  public init(
    roots: [JobKey], jobs: [JobKey: FlowJob], families: [JobKey: Family], window: Window, limit: Int = .max
  ) {
    // A job met before, as circles in hostile data have it, is not gone into again.
    var seen: Set<JobKey> = []
    for root in roots {
      // A stack of our own: a chain of thousands of levels must not end ours.
      var stack = [Pending(id: .job(root), guides: [], isLast: true, depth: 0)]
      while let next = stack.popLast() {
        guard rows.count < limit else { return }
        let below = Self.below(next.id, jobs: jobs, families: families, window: window, seen: &seen)
        rows.append(
          Row(
            id: next.id, guides: next.guides, isLast: next.isLast, isOpen: !below.ids.isEmpty,
            hasChildren: below.hasChildren, root: root, depth: next.depth))
        let guides = next.depth == 0 ? [] : next.guides + [!next.isLast]
        for (index, id) in below.ids.enumerated().reversed() {
          stack.append(
            Pending(id: id, guides: guides, isLast: index == below.ids.count - 1, depth: next.depth + 1))
        }
      }
    }
  }

  /// The rows of a picture.
  public init(of picture: Picture, window: Window) {
    self.init(roots: picture.flows.roots, jobs: picture.jobs, families: picture.families, window: window)
  }

  private struct Pending {
    var id: ID
    var guides: [Bool]
    var isLast: Bool
    var depth: Int
  }

  private static func below(
    _ id: ID, jobs: [JobKey: FlowJob], families: [JobKey: Family], window: Window, seen: inout Set<JobKey>
  ) -> (ids: [ID], hasChildren: Bool) {
    switch id {
    case .more:
      return ([], false)
    case .group(let key):
      guard window.openGroups[key] != nil,
        let group = families[key.parent]?.groups.first(where: { $0.id == key.group })
      else { return ([], true) }
      let hasMore = !group.count.isExact || group.members.count < group.count.value
      return (group.members.map { .job($0) } + (hasMore ? [.more(key)] : []), true)
    case .job(let key):
      guard let job = jobs[key], job.isParent, seen.insert(key).inserted else { return ([], false) }
      guard isOpen(job, in: window), let family = families[key] else { return ([], true) }
      if family.groups.isEmpty { return (family.children.map { .job($0.key) }, true) }
      return (family.groups.map { .group(GroupKey(parent: key, group: $0.id)) }, true)
    }
  }

  /// Whether the children of a job are shown: as the person chose, else while it is unfinished.
  public static func isOpen(_ job: FlowJob, in window: Window) -> Bool {
    job.isParent && (window.folds[job.key] ?? !job.isFinished)
  }
}
