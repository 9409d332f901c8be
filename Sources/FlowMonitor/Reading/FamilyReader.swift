import QueueClient
import Redis

/// Reads children: a small family at once, a wide one step by step, each step about a millisecond of Redis.
struct FamilyReader: Sendable {
  private let inspector: FamilyInspector

  init(redis: RedisClient) { inspector = FamilyInspector(connection: redis) }

  /// A wide family that was gone through is gone through again no sooner than this, whatever changes.
  private static let rest = Duration.seconds(1)

  /// Reads the children of a job, or reads on.
  ///
  /// - Parameters:
  ///   - parent: the job as it was just read: its counts decide.
  ///   - known: what was read before, to go on from; nil begins anew.
  ///   - openGroups: which groups are open, and how many of their members are wanted.
  ///   - now: the time, for tests.
  /// - Returns: the family; `progress` says whether another step is worthwhile.
  /// - Throws: `RedisError`.
  func read(
    _ parent: FlowJob, known: FamilyState?, openGroups: [ChildGroup.ID: Int],
    now: ContinuousClock.Instant = .now
  ) async throws -> FamilyState {
    if parent.counts.total <= Family.wide {
      let few = try await inspector.few(of: parent.key, limit: Family.wide)
      // Children may have come since the parent was read: then it is wide by now.
      if few.counts.total <= Family.wide { return FamilyState(Family(few)) }
      var grown = parent
      grown.counts = few.counts
      return try await readWide(grown, known: known, openGroups: openGroups, now: now)
    }
    return try await readWide(parent, known: known, openGroups: openGroups, now: now)
  }

  private func readWide(
    _ parent: FlowJob, known: FamilyState?, openGroups: [ChildGroup.ID: Int], now: ContinuousClock.Instant
  ) async throws -> FamilyState {
    var state = known ?? FamilyState()
    state.counts = parent.counts
    state.beginPassIfWorthwhile(now: now, rest: Self.rest)
    if let kind = state.pass?.kind {
      let step = try await inspector.step(through: kind.inspected, of: parent.key, from: state.pass?.cursor)
      state.take(step, openGroups: openGroups, now: now)
    } else if let (group, cursor) = state.wantedMembers(openGroups) {
      let step = try await inspector.step(
        through: group.kind.inspected, of: parent.key, from: cursor, count: FamilyInspector.stepSize * 2)
      state.takeMembers(step, of: group)
    }
    state.arrange(openGroups: openGroups)
    return state
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
    // What is listed keeps its place; what has left is gone, what is new stands behind.
    for (id, found) in pass.groups {
      let before = members[id]?.members ?? []
      let now = Set(found.members)
      let kept = before.filter { now.contains($0) }
      let listed = Set(kept)
      members[id] = FamilyPass.Found(
        count: found.count, members: kept + found.members.filter { !listed.contains($0) }, resume: found.resume)
    }
    members = members.filter { pass.groups[$0.key] != nil }
  }

  /// A group that is open and of which more members are wanted than are known, and where its reading goes on.
  fileprivate func wantedMembers(_ openGroups: [ChildGroup.ID: Int]) -> (ChildGroup.ID, String?)? {
    for (id, wanted) in openGroups.sorted(by: { $0.key.sortText < $1.key.sortText }) {
      guard let found = members[id], found.members.count < wanted, let resume = found.resume else { continue }
      return (id, resume.cursor)
    }
    return nil
  }

  fileprivate mutating func takeMembers(_ step: FamilyInspector.Step, of id: ChildGroup.ID) {
    guard var found = members[id] else { return }
    var listed = Set(found.members.suffix(FamilyPass.kept * 4))
    let isRest = id.name == nil && id.reason == nil
    for child in step.children {
      let its = result?.groupID(of: child, kind: id.kind)
      // The group of all that are in no other holds whatever stands in no other.
      let belongs = its == id || (isRest && child.state == id.state && its.flatMap { result?.groups[$0] } == nil)
      if belongs, listed.insert(child.key).inserted { found.members.append(child.key) }
    }
    found.resume = step.next.map { FamilyPass.Resume(cursor: $0, step: (found.resume?.step ?? 0) + 1) }
    members[id] = found
  }

  /// Makes the family of what is known.
  fileprivate mutating func arrange(openGroups: [ChildGroup.ID: Int]) {
    family.children = []
    family.values = [:]
    guard let shown = result ?? pass else { return }
    let isExact = result != nil
    let counts = shown.counts(fitting: self.counts)
    family.groups = counts.sorted { ($0.key.rank, $0.key.sortText) < ($1.key.rank, $1.key.sortText) }.map { id, count in
      let its = members[id]?.members ?? shown.groups[id]?.members ?? []
      let wanted = openGroups[id].map { its.prefix(max(0, $0)) } ?? []
      return ChildGroup(id: id, count: KnownCount(count, isExact: isExact), members: Array(wanted))
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
    var sum = 0.0
    for (_, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let number = value.double else { return nil }
      sum += number
    }
    return sum
  }
}
