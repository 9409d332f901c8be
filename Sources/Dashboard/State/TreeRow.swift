import FlowMonitor
import QueueClient

/// One row of the tree: which job, and where in the tree it stands.
struct TreeRow: Sendable, Hashable {
  var key: JobKey
  var kind: Kind
  /// For each level above: whether the tree goes on below that ancestor.
  var trunks: [Bool]
  var isLast: Bool
  var isOpen: Bool
  var hasChildren: Bool

  enum Kind: Sendable, Hashable {
    /// A job.
    case job
    /// A job that is gone, of which its parent still knows what became of it.
    case gone(FlowJob.Child.Kind)
    /// So many children of the job that are not shown.
    case more(Int)
  }

  var depth: Int { trunks.count }
}

/// Lays the trees of a forest out as rows. Pure.
struct TreeRows {
  let forest: FlowForest
  let folded: Set<JobKey>
  let opened: Set<JobKey>

  /// Deeper trees are cut here: no screen has room for more, and hostile data may go in circles.
  static let depthLimit = 200

  func rows(of roots: [JobKey]) -> [TreeRow] {
    var rows: [TreeRow] = []
    for root in roots {
      var seen: Set<JobKey> = []
      add(root, kind: .job, trunks: [], isLast: true, seen: &seen, to: &rows)
    }
    return rows
  }

  /// Families of more than this do not fit on a screen: what matters most comes first.
  private static let wide = 20

  private func inOrder(_ children: [FlowJob.Child]) -> [FlowJob.Child] {
    guard children.count > Self.wide else { return children }
    // Stable within a rank, so that rows move only when their state changes.
    let ranks = children.map(rank)
    return children.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }.map { children[$0] }
  }

  private func rank(_ child: FlowJob.Child) -> Int {
    switch forest.jobs[child.key]?.state {
    case .failed: 0
    case .active: 1
    case .waiting, .prioritized, .delayed, .waitingChildren, .unknown: 2
    case .completed: 3
    case nil: child.kind == .unprocessed ? 0 : 3
    }
  }

  func isOpen(_ job: FlowJob) -> Bool {
    guard job.isParent, !folded.contains(job.key) else { return false }
    return opened.contains(job.key) || !job.children.isEmpty
  }

  private func add(
    _ key: JobKey, kind: TreeRow.Kind, trunks: [Bool], isLast: Bool, seen: inout Set<JobKey>, to rows: inout [TreeRow]
  ) {
    let job = forest.jobs[key]
    let isOpen = job.map(isOpen) ?? false
    rows.append(
      TreeRow(key: key, kind: kind, trunks: trunks, isLast: isLast, isOpen: isOpen, hasChildren: job?.isParent ?? false)
    )
    guard let job, isOpen, seen.insert(key).inserted, trunks.count < Self.depthLimit else { return }
    let below = trunks.isEmpty ? [] : trunks.dropLast() + [!isLast]
    let children = inOrder(job.children)
    for (index, child) in children.enumerated() {
      let isLastChild = index == children.count - 1 && job.unreadChildren == 0
      let kind: TreeRow.Kind = forest.jobs[child.key] == nil ? .gone(child.kind) : .job
      add(child.key, kind: kind, trunks: below + [true], isLast: isLastChild, seen: &seen, to: &rows)
    }
    if job.unreadChildren > 0 {
      rows.append(
        TreeRow(
          key: key, kind: .more(job.unreadChildren), trunks: below + [true], isLast: true, isOpen: false,
          hasChildren: false
        )
      )
    }
  }
}
