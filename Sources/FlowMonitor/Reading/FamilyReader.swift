import QueueClient
import Redis

/// Reads children: a small family at once, a wide one step by step, each step about a millisecond of Redis.
struct FamilyReader: Sendable {
  private let redis: RedisClient
  private let inspector: FamilyInspector

  init(redis: RedisClient) {
    self.redis = redis
    inspector = FamilyInspector(connection: redis)
  }

  /// A wide family that was gone through is gone through again no sooner than this, whatever changes.
  private static let rest = Duration.seconds(1)
  /// So many steps are taken at a time while a family is gone through for the first time.
  private static let stepsAtFirst = 5

  /// Reads the children of a job, or reads on.
  ///
  /// - Parameters:
  ///   - parent: the job as it was just read: its counts decide.
  ///   - known: what was read before, to go on from; nil begins anew.
  ///   - openGroups: which groups are open, and how many of their members are wanted.
  ///   - sought: a child that is to be shown by itself, wherever it stands in a wide family.
  ///   - now: the time, for tests.
  /// - Returns: the family; `progress` says whether another step is worthwhile.
  /// - Throws: `RedisError`.
  func read(
    _ parent: FlowJob, known: FamilyState?, openGroups: [ChildGroup.ID: Int], sought: JobKey? = nil,
    now: ContinuousClock.Instant = .now
  ) async throws -> FamilyState {
    if parent.counts.total <= Family.wide {
      let few = try await inspector.few(of: parent.key, limit: Family.wide)
      // Children may have come since the parent was read: then it is wide by now.
      if few.counts.total <= Family.wide { return FamilyState(Family(few)) }
      var grown = parent
      grown.counts = few.counts
      return try await readWide(grown, known: known, openGroups: openGroups, sought: sought, now: now)
    }
    return try await readWide(parent, known: known, openGroups: openGroups, sought: sought, now: now)
  }

  private func readWide(
    _ parent: FlowJob, known: FamilyState?, openGroups: [ChildGroup.ID: Int], sought: JobKey?,
    now: ContinuousClock.Instant
  ) async throws -> FamilyState {
    var state = known ?? FamilyState()
    state.counts = parent.counts
    state.beginPassIfWorthwhile(now: now, rest: Self.rest)
    // Until all have been met once, it is worth more.
    for _ in 0..<(state.isMet ? 1 : Self.stepsAtFirst) {
      guard let kind = state.pass?.kind else { break }
      let step = try await inspector.step(through: kind.inspected, of: parent.key, from: state.pass?.cursor)
      state.take(step, openGroups: openGroups, now: now)
    }
    // Whoever looks at members does not wait until all have been counted.
    if let (group, cursor) = state.wantedMembers(openGroups) {
      let step = try await inspector.step(
        through: group.kind.inspected, of: parent.key, from: cursor, count: FamilyInspector.stepSize * 2)
      state.takeMembers(step, of: group)
    }
    state.arrange(openGroups: openGroups)
    state.family.sought = sought
    state.family.revealed = try await reveal(sought, of: parent.key)
    return state
  }

  /// A child by its key, without a walk through all of them.
  private func reveal(_ child: JobKey?, of parent: JobKey) async throws -> Family.Child? {
    guard let child else { return nil }
    let name = RedisCommand.Argument.text(child.description)
    let replies = try await redis.rawReplies(to: [
      ["SISMEMBER", .text(parent[.dependencies]), name], ["HEXISTS", .text(parent[.processed]), name],
      ["HEXISTS", .text(parent[.failed]), name], ["ZSCORE", .text(parent[.unsuccessful]), name],
    ])
    let kinds: [Family.Kind] = [.unprocessed, .processed, .ignored, .failed]
    let isIt = replies.enumerated().map { $0 == 3 ? $1.string != nil : $1.int == 1 }
    return zip(kinds, isIt).first { $1 }.map { Family.Child(key: child, kind: $0.0) }
  }
}

/// The children of a job as far as they were read, and where the reading goes on.
struct FamilyState: Sendable {
  /// The family.
  var family: Family
  /// What the parent counts now.
  fileprivate(set) var counts = DependenciesCount()
  /// The walk that is under way.
  fileprivate(set) var pass: FamilyPass?
  /// The last walk that came to its end.
  private var result: FamilyPass?
  private var endedAt: ContinuousClock.Instant?
  /// Members read beyond those that a walk keeps, and where they go on.
  private var members: [ChildGroup.ID: FamilyPass.Found] = [:]

  init(_ family: Family = Family()) { self.family = family }

  /// Whether all children have been met.
  fileprivate var isMet: Bool { result != nil }

  fileprivate mutating func beginPassIfWorthwhile(now: ContinuousClock.Instant, rest: Duration) {
    guard pass == nil else { return }
    if let result, let endedAt {
      // Children change their state without the parent's counts changing; that is looked at more seldom.
      let hasChanged = result.counts != counts
      let isMoving = counts.unprocessed > 0
      guard hasChanged || isMoving, now - endedAt >= (hasChanged ? rest : rest * 5) else { return }
    }
    pass = FamilyPass(counts: counts)
  }

  fileprivate mutating func take(
    _ step: FamilyInspector.Step, openGroups: [ChildGroup.ID: Int], now: ContinuousClock.Instant
  ) {
    pass?.take(step, wanted: openGroups)
    guard let pass, pass.isComplete else { return }
    result = pass
    endedAt = now
    self.pass = nil
    for (id, found) in pass.groups { members[id] = members[id].map { Self.merge($0, found) } ?? found }
    members = members.filter { pass.groups[$0.key] != nil }
  }

  /// What is listed keeps its place; of what was met anew, what is new stands behind. What was listed further down than
  /// the walk kept members, it tells nothing of.
  private static func merge(_ before: FamilyPass.Found, _ found: FamilyPass.Found) -> FamilyPass.Found {
    let met = Set(found.members)
    let further = before.members.dropFirst(found.members.count)
    let kept = before.members.filter(met.contains)
    let known = Set(kept).union(further)
    let new = found.members.filter { !known.contains($0) }
    var merged = found
    merged.members = kept + new + further.filter { !met.contains($0) }
    if !further.isEmpty { merged.resume = before.resume }
    return merged
  }

  /// A group that is open and of which more members are wanted than are known, and where its reading goes on.
  fileprivate func wantedMembers(_ openGroups: [ChildGroup.ID: Int]) -> (ChildGroup.ID, String?)? {
    for (id, wanted) in openGroups.sorted(by: { $0.key.sortText < $1.key.sortText }) {
      guard let found = members[id] ?? pass?.groups[id], found.members.count < wanted, let resume = found.resume else {
        continue
      }
      return (id, resume.cursor)
    }
    return nil
  }

  fileprivate mutating func takeMembers(_ step: FamilyInspector.Step, of id: ChildGroup.ID) {
    guard var found = members[id] ?? pass?.groups[id] else { return }
    var listed = Set(found.members.suffix(FamilyPass.kept * 4))
    let isRest = id.name == nil && id.reason == nil
    let walk = result ?? pass
    for child in step.children {
      let its = walk?.groupID(of: child, kind: id.kind)
      // The group of all that are in no other holds whatever stands in no other.
      let belongs = its == id || (isRest && child.state == id.state && its.flatMap { walk?.groups[$0] } == nil)
      if belongs, listed.insert(child.key).inserted { found.members.append(child.key) }
    }
    found.resume = step.next.map { FamilyPass.Resume(cursor: $0, step: (found.resume?.step ?? 0) + 1) }
    members[id] = found
  }

  /// Fits a wide family to what its parent counts now: both are shown together.
  mutating func fit(to counts: DependenciesCount, openGroups: [ChildGroup.ID: Int]) {
    guard !family.groups.isEmpty else { return }
    self.counts = counts
    arrange(openGroups: openGroups)
  }

  /// So many of the last members of an open group are shown.
  static let lastShown = 50

  /// Makes the family of what is known.
  fileprivate mutating func arrange(openGroups: [ChildGroup.ID: Int]) {
    family.children = []
    family.values = [:]
    guard let shown = result ?? pass else { return }
    let counts = shown.counts(fitting: self.counts)
    family.groups = counts.sorted { ($0.key.rank, $0.key.sortText) < ($1.key.rank, $1.key.sortText) }.map { id, count in
      var group = ChildGroup(id: id, count: count)
      group.isUnseen = shown.isUnseen(id)
      guard let wanted = openGroups[id] else { return group }
      let its = members[id]?.members ?? shown.groups[id]?.members ?? []
      group.members = Array(its.prefix(max(0, wanted)))
      let known = Set(group.members)
      if result != nil {
        group.last = members[id]?.last.suffix(Self.lastShown).filter { !known.contains($0) } ?? []
      }
      return group
    }
    let isWhole = shown.isComplete && shown.met[.processed] ?? 0 == self.counts.processed
    family.sum = isWhole && self.counts.processed > 0 ? shown.sum : nil
    if let pass, result == nil {
      family.progress = pass.progress
    } else {
      family.progress = pass == nil && wantedMembers(openGroups) == nil ? .complete : Progress(0.99)
    }
  }
}

extension Family {
  /// A family of few children.
  init(_ few: FamilyInspector.Few) {
    self.init()
    var seen: Set<JobKey> = []
    for kind in FamilyPass.order {
      for key in few.children[kind.inspected] ?? [] where seen.insert(key).inserted {
        children.append(Child(key: key, kind: kind))
      }
    }
    // By place: a child keeps its row when it goes from one kind to another.
    children.sort { $0.key < $1.key }
    values = few.values.mapValues { JSON(tolerating: $0) }
    sum = Self.sum(of: values, count: few.counts.processed)
  }

  /// The sum of all values, where there are some, all are known and all are numbers.
  static func sum(of values: [JobKey: JSON], count: Int) -> Double? {
    guard !values.isEmpty, values.count == count else { return nil }
    var sum = CompensatedSum()
    for (_, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let number = value.double else { return nil }
      sum.add(number)
    }
    return sum.value
  }
}
