import QueueClient

/// What is held of a window: its flows, their jobs and families. Pure: it says what is missing or old, takes in what
/// was read, and forgets what nobody sees any more.
struct WindowContents: Sendable {
  /// What somebody looks at.
  var window = Window()
  /// The flows around the window's anchor.
  var page = FlowPage()
  /// The jobs that were read.
  private(set) var jobs: [JobKey: FlowJob] = [:]
  /// Jobs that were looked for and are not there.
  private(set) var gone: Set<JobKey> = []
  /// The children of open jobs.
  private(set) var families: [JobKey: FamilyState] = [:]
  /// What the flows of the page are called, while they are sorted by that.
  var names: [JobKey: String] = [:]
  /// How often a job was taken in or looked at: what a test counts.
  private(set) var touched = 0

  /// Jobs that have changed since they were read. Those out of sight may stay old.
  private(set) var oldJobs: Set<JobKey> = []
  private var oldFamilies: Set<JobKey> = []
  private var readGroups: [JobKey: [ChildGroup.ID: Int]] = [:]
  private var readTimes: [JobKey: ContinuousClock.Instant] = [:]

  /// What is to be read.
  struct Needs: Sendable, Equatable {
    /// Jobs, new or old.
    var jobs: Set<JobKey> = []
    /// Open parents whose children are not known, or not any more.
    var families: Set<JobKey> = []
    /// Open parents of which another step tells more.
    var unfinished: Set<JobKey> = []

    var isEmpty: Bool { jobs.isEmpty && families.isEmpty && unfinished.isEmpty }
  }

  /// Whether the page lists the flows that another window wants to see.
  func shows(_ other: Window) -> Bool {
    guard (window.order, window.filter) == (other.order, other.filter) else { return false }
    // By name, all that is sorted is loaded.
    return other.order == .name
      || window.anchor == other.anchor && window.height == other.height && window.offset == other.offset
  }

  // MARK: What is old

  /// Marks what has changed, where it is held.
  mutating func mark(_ changes: PendingChanges) {
    for key in changes.jobs where isHeld(key) {
      touched += 1
      oldJobs.insert(key)
    }
    for key in changes.parents where isHeld(key) {
      touched += 1
      oldJobs.insert(key)
      if families[key] != nil { oldFamilies.insert(key) }
    }
    if changes.unfinished {
      for (key, job) in jobs where job.isParent && !job.isFinished { markAll(of: key) }
    }
    if changes.everything { markEverything() }
  }

  /// Marks a job and its family.
  mutating func markAll(of key: JobKey) {
    touched += 1
    oldJobs.insert(key)
    if families[key] != nil { oldFamilies.insert(key) }
  }

  /// Marks all that is held.
  mutating func markEverything() {
    oldJobs.formUnion(jobs.keys)
    oldJobs.formUnion(gone)
    oldFamilies.formUnion(families.keys)
  }

  /// Everything that is held, to be compared with Redis.
  var heldJobs: Set<JobKey> { Set(jobs.keys).union(gone) }

  private func isHeld(_ key: JobKey) -> Bool { jobs[key] != nil || gone.contains(key) }

  // MARK: What is missing

  /// The rows, and those of them that lie on the screen or a screenful before or behind it.
  func visible() -> (outline: Outline, span: Range<Int>) {
    let outline = Outline(roots: page.roots, jobs: jobs, families: families.mapValues(\.family), window: window)
    return (outline, span(in: outline))
  }

  private func span(in outline: Outline) -> Range<Int> {
    let rows = outline.rows
    let height = max(1, min(window.height, 1000))
    let top: Int
    switch window.anchor {
    case .first: top = window.offset
    case .last: top = rows.count - height - window.offset
    case .flow(let key):
      let start = rows.firstIndex { $0.depth == 0 && $0.root == key } ?? 0
      let (row, isOverflow) = start.addingReportingOverflow(window.offset)
      top = isOverflow ? start : row
    }
    let first = min(max(0, top), rows.count)
    return max(0, first - height)..<min(rows.count, first + 2 * height)
  }

  /// What must be read so that the visible rows are true.
  func needs(at now: ContinuousClock.Instant = .now) -> Needs {
    var needs = Needs()
    let (outline, span) = visible()
    for row in outline.rows[span] { need(row, at: now, into: &needs) }
    if let detail = window.detail { need(detail, opensFamily: false, at: now, into: &needs) }
    return needs
  }

  private func need(_ row: Outline.Row, at now: ContinuousClock.Instant, into needs: inout Needs) {
    switch row.id {
    case .job(let key):
      need(key, opensFamily: row.isUnfolded, at: now, into: &needs)
      // The row names the last of them.
      for child in culprits(of: key) { need(child, opensFamily: false, at: now, into: &needs) }
    case .group(let group): need(group.parent, opensFamily: true, at: now, into: &needs)
    case .more(let group): need(group.parent, opensFamily: true, at: now, into: &needs)
    }
  }

  private func need(
    _ key: JobKey, opensFamily: Bool, at now: ContinuousClock.Instant, into needs: inout Needs
  ) {
    if !isHeld(key) || oldJobs.contains(key) { needs.jobs.insert(key) }
    guard opensFamily, jobs[key]?.isParent == true else { return }
    guard let state = families[key], readGroups[key] ?? [:] == openGroups(of: key),
      state.family.groups.isEmpty || state.family.sought == window.revealed[key]
    else {
      needs.families.insert(key)
      return
    }
    // A wide family changes with every child: it is not read again with each of them.
    let isResting = !state.family.groups.isEmpty && readTimes[key].map { now - $0 < Self.wideInterval } ?? false
    if isResting { return }
    if oldFamilies.contains(key) {
      needs.families.insert(key)
    } else if !state.family.progress.isComplete {
      needs.unfinished.insert(key)
    }
  }

  /// The groups of a job that are open, and how many of their members are wanted.
  func openGroups(of parent: JobKey) -> [ChildGroup.ID: Int] {
    guard !window.openGroups.isEmpty else { return [:] }
    var groups: [ChildGroup.ID: Int] = [:]
    for (key, count) in window.openGroups where key.parent == parent { groups[key.group] = count }
    return groups
  }

  /// How often a wide family is read at the most.
  static let wideInterval = Duration.milliseconds(250)

  /// Whether something is known to be old, or only begun, that was not to be read yet.
  var hasMore: Bool { !oldFamilies.isEmpty || families.values.contains { !$0.family.progress.isComplete } }

  // MARK: What was read

  /// Takes jobs in as they are now.
  ///
  /// - Returns: those whose state, existence or children are no longer what they were.
  @discardableResult
  mutating func take(_ result: JobReader.Result) -> Set<JobKey> {
    var moved: Set<JobKey> = []
    for (key, job) in result.jobs {
      touched += 1
      oldJobs.remove(key)
      gone.remove(key)
      let before = jobs.updateValue(job, forKey: key)
      if before?.state != job.state { moved.insert(key) }
      if let before, before.counts != job.counts, families[key] != nil {
        oldFamilies.insert(key)
        families[key]?.fit(to: job.counts, openGroups: readGroups[key] ?? [:])
      }
    }
    for key in result.gone {
      touched += 1
      oldJobs.remove(key)
      if jobs.removeValue(forKey: key) != nil { moved.insert(key) }
      gone.insert(key)
    }
    return moved
  }

  /// Which of the jobs held are not as a reading has them.
  ///
  /// What is only assumed, or changes without anybody's doing, is no difference.
  func differences(from result: JobReader.Result) -> Set<JobKey> {
    var differing = Set(result.gone.filter { jobs[$0] != nil })
    for (key, job) in result.jobs {
      guard let held = jobs[key] else {
        if gone.contains(key) { differing.insert(key) }
        continue
      }
      let isSame =
        held.isStateAssumed || job.isStateAssumed || held.state == job.state && held.isWithoutLock == job.isWithoutLock
      if !isSame || held.counts != job.counts || held.attemptsMade != job.attemptsMade
        || held.finishedOn != job.finishedOn || held.processedOn != job.processedOn || held.progress != job.progress
        || held.failedReason != job.failedReason || held.returnvalue != job.returnvalue
      {
        differing.insert(key)
      }
    }
    return differing
  }

  /// Takes a family in as it is now.
  mutating func take(_ state: FamilyState, of parent: JobKey, openGroups: [ChildGroup.ID: Int]) {
    touched += 1
    oldFamilies.remove(parent)
    families[parent] = state
    readGroups[parent] = openGroups
    readTimes[parent] = .now
  }

  // MARK: What is forgotten

  /// Forgets what is neither visible nor above something visible, and lists no flows that were not read.
  mutating func trim() {
    let (outline, span) = visible()
    let rows = outline.rows
    guard !span.isEmpty else { return forget(except: [], families: []) }
    let roots = Set(rows[span].map(\.root))
    var (kept, unfolded): (Set<JobKey>, Set<JobKey>) = ([], [])
    for (index, row) in rows.enumerated() where roots.contains(row.root) {
      // What is open above keeps its rows: else what is below would move.
      guard case .job(let key) = row.id, span.contains(index) || row.isOpen else { continue }
      kept.insert(key)
      if row.isUnfolded { unfolded.insert(key) }
      if span.contains(index) { kept.formUnion(culprits(of: key)) }
    }
    forget(except: kept, families: unfolded)
    // By name, all that is sorted stays listed.
    if window.order != .name { cutPage(to: roots) }
  }

  /// Forgets all but some jobs and, of these, the families of some.
  private mutating func forget(except kept: Set<JobKey>, families unfolded: Set<JobKey>) {
    var kept = kept
    if let detail = window.detail { kept.insert(detail) }
    jobs = jobs.filter { kept.contains($0.key) }
    gone.formIntersection(kept)
    families = families.filter { unfolded.contains($0.key) && jobs[$0.key]?.isParent == true }
    readGroups = readGroups.filter { families[$0.key] != nil }
    readTimes = readTimes.filter { families[$0.key] != nil }
    oldJobs.formIntersection(kept)
    oldFamilies = oldFamilies.filter { families[$0] != nil }
  }

  private mutating func cutPage(to roots: Set<JobKey>) {
    guard let first = page.roots.firstIndex(where: roots.contains),
      let last = page.roots.lastIndex(where: roots.contains)
    else { return }
    if first > 0 {
      page.isFirst = false
      page.before = page.before.map { KnownCount($0.value + first, isExact: $0.isExact) }
    }
    if last < page.roots.count - 1 { page.isLast = false }
    page.roots = Array(page.roots[first...last])
  }
}
