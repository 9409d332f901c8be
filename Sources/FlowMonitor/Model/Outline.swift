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
    /// Whether what lies below it is to be shown, be it read already or not.
    public var isUnfolded: Bool
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
  /// So many levels open by themselves, from the root or from what a person has opened.
  public static let openLevels = 4

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
      var stack = [Pending(id: .job(root), guides: [], isLast: true, depth: 0, level: 0)]
      while let next = stack.popLast() {
        guard rows.count < limit else { return }
        let below = Self.below(next, jobs: jobs, families: families, window: window, seen: &seen)
        rows.append(
          Row(
            id: next.id, guides: next.guides, isLast: next.isLast, isOpen: !below.ids.isEmpty,
            isUnfolded: below.isUnfolded, hasChildren: below.hasChildren, root: root, depth: next.depth))
        let guides = next.depth == 0 ? [] : next.guides + [!next.isLast]
        let level = next.id.isOpened(in: window) ? 1 : next.level + 1
        for (index, id) in below.ids.enumerated().reversed() {
          stack.append(
            Pending(id: id, guides: guides, isLast: index == below.ids.count - 1, depth: next.depth + 1, level: level))
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
    /// How deep below the root, or below what a person has opened.
    var level: Int
  }

  private struct Below {
    var ids: [ID] = []
    var hasChildren = false
    var isUnfolded = false
  }

  private static func below(
    _ row: Pending, jobs: [JobKey: FlowJob], families: [JobKey: Family], window: Window, seen: inout Set<JobKey>
  ) -> Below {
    switch row.id {
    case .more:
      return Below()
    case .group(let key):
      guard let group = families[key.parent]?.groups.first(where: { $0.id == key.group }), !group.isUnseen else {
        return Below()
      }
      guard window.openGroups[key] != nil else { return Below(hasChildren: true) }
      let more: [ID] = group.hasMore ? [.more(key)] : []
      let revealed = families[key.parent]?.revealed?.key
      return Below(
        ids: group.members.filter { $0 != revealed }.map { .job($0) } + more
          + group.last.filter { $0 != revealed }.map { .job($0) },
        hasChildren: true, isUnfolded: true)
    case .job(let key):
      guard let job = jobs[key], job.isParent, seen.insert(key).inserted else { return Below() }
      guard window.folds[key] ?? window.isAllOpen ?? (!job.isFinished && row.level < openLevels) else {
        return Below(hasChildren: true)
      }
      guard let family = families[key] else { return Below(hasChildren: true, isUnfolded: true) }
      let ids: [ID] =
        family.groups.isEmpty
        ? family.children.map { .job($0.key) }
        : (family.revealed.map { [.job($0.key)] } ?? [])
          + family.groups.map { .group(GroupKey(parent: key, group: $0.id)) }
      return Below(ids: ids, hasChildren: true, isUnfolded: true)
    }
  }
}

extension Outline.ID {
  /// Whether a person has opened it: what lies below it opens by itself anew.
  fileprivate func isOpened(in window: Window) -> Bool {
    if case .job(let key) = self { window.folds[key] == true } else { false }
  }
}
