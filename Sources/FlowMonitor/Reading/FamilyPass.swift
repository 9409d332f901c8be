import QueueClient

/// One walk through all children of a wide family: which groups there are, how many belong to each, and the first of
/// them. Pure.
struct FamilyPass: Sendable {
  /// The groups met.
  private(set) var groups: [ChildGroup.ID: Found] = [:]
  /// How many children of each kind were met.
  private(set) var met: [Family.Kind: Int] = [:]
  /// The kind that is being gone through; `nil` when all are done.
  private(set) var kind: Family.Kind? = order.first
  /// Where in it the next step begins.
  private(set) var cursor: String?
  /// The sum of the values met; `nil` once one was no number.
  var sum: Double? { total?.value }
  private var total: CompensatedSum? = CompensatedSum()
  /// The counts that the parent had when this began.
  let counts: DependenciesCount
  /// Where names are too many to tell one group from another: numbers in them are left out.
  private var crowded: Set<Fate> = []
  private var steps = 0

  /// The children of a group.
  struct Found: Sendable {
    var count = 0
    /// The first ones met.
    var members: [JobKey] = []
    /// Where the members go on behind these; `nil` where there are no more.
    var resume: Resume?
    /// The last ones met behind these, and some before them.
    var last: [JobKey] = []

    /// Notes one that is met behind the members kept.
    mutating func end(with key: JobKey) {
      last.append(key)
      if last.count >= FamilyPass.kept { last.removeFirst(FamilyPass.kept / 2) }
    }
  }

  /// Where a search for members goes on.
  struct Resume: Sendable, Hashable {
    /// Where the step begins.
    var cursor: String?
    /// Which step of the walk that is; members are met in this order.
    var step: Int
  }

  /// Children that became the same, and are in the same state.
  private struct Fate: Hashable {
    var kind: Family.Kind
    var state: JobState
  }

  /// Failures first: they are what somebody waits for.
  static let order: [Family.Kind] = [.failed, .ignored, .unprocessed, .processed]
  /// So many members of each group are kept, whether it is open or not.
  static let kept = 100
  /// Of one kind and state, more groups than this become one.
  static let mostGroups = 20

  init(counts: DependenciesCount) { self.counts = counts }

  var isComplete: Bool { kind == nil }

  /// How far it has come.
  var progress: Progress {
    guard !isComplete else { return .complete }
    let all = max(1, counts.total)
    return Progress(min(0.99, Double(met.values.reduce(0) { $0.addingClamped($1) }) / Double(all)))
  }

  /// Takes a step of the current kind in.
  ///
  /// - Parameter wanted: how many members of open groups are wanted.
  mutating func take(_ step: FamilyInspector.Step, wanted: [ChildGroup.ID: Int]) {
    guard let kind else { return }
    met[kind, default: 0] += step.children.count
    for child in step.children {
      let id = placeGroup(of: child, kind: kind)
      var found = groups[id] ?? Found()
      found.count += 1
      if found.resume == nil, found.members.count < max(Self.kept, wanted[id] ?? 0) {
        found.members.append(child.key)
      } else {
        if found.resume == nil { found.resume = Resume(cursor: cursor, step: steps) }
        found.end(with: child.key)
      }
      groups[id] = found
      if kind == .processed { add(child.kept) }
    }
    steps += 1
    cursor = step.next
    if step.next == nil { self.kind = Self.order.drop { $0 != kind }.dropFirst().first }
  }

  private mutating func add(_ value: String?) {
    guard let value, let number = (try? JSON(parsing: value))?.double else {
      total = nil
      return
    }
    total?.add(number)
  }

  private mutating func placeGroup(of child: FamilyInspector.Child, kind: Family.Kind) -> ChildGroup.ID {
    let fate = Fate(kind: kind, state: child.state)
    var id = groupID(of: child, kind: kind)
    if groups[id] != nil { return id }
    func isFull() -> Bool { groups.keys.count { $0.kind == kind && $0.state == child.state } >= Self.mostGroups }
    guard isFull() else { return id }
    if crowded.insert(fate).inserted {
      crowd(fate)
      id = groupID(of: child, kind: kind)
    }
    return groups[id] == nil && isFull() ? ChildGroup.ID(kind: kind, state: child.state) : id
  }

  /// Joins the groups whose names are alike but for their numbers.
  private mutating func crowd(_ fate: Fate) {
    let apart = groups.filter { $0.key.kind == fate.kind && $0.key.state == fate.state }
    for (id, found) in apart.sorted(by: { $0.key.sortText < $1.key.sortText }) {
      groups[id] = nil
      var joined = id
      joined.name = id.name.map(Self.shape)
      var both = groups[joined] ?? Found()
      both.count += found.count
      both.members += found.members
      both.last = (both.last + found.last).suffix(Self.kept)
      both.resume = [both.resume, found.resume].compactMap(\.self).min { $0.step < $1.step }
      groups[joined] = both
    }
  }

  /// The group that a child belongs to.
  func groupID(of child: FamilyInspector.Child, kind: Family.Kind) -> ChildGroup.ID {
    let hasFailed = child.state == .failed
    let isCrowded = crowded.contains(Fate(kind: kind, state: child.state))
    return ChildGroup.ID(
      kind: kind, state: child.state, name: isCrowded ? child.name.map(Self.shape) : child.name,
      reason: hasFailed ? child.kept.map(ErrorNormalizer.normalized) : nil)
  }

  /// A name with each of its numbers left out: `c100` and `c7` are `c…`.
  static func shape(of name: String) -> String {
    name.reduce(into: "") { shape, character in
      let isDigit = ("0"..."9").contains(character)
      if !isDigit { shape.append(character) } else if shape.last != "…" { shape.append("…") }
    }
  }

  /// The groups, made to fit what the parent counts now.
  ///
  /// Where a kind was gone through, what came or went since is laid to its largest group; else those that were not met
  /// yet are a group of their own, of which no more is known.
  func counts(fitting now: DependenciesCount) -> [ChildGroup.ID: KnownCount] {
    let isMet = Set(Self.order.prefix { $0 != kind })
    var result = fitted(to: now, isMet).mapValues { KnownCount($0, isExact: true) }
    for kind in Self.order where !isMet.contains(kind) {
      let found = groups.filter { $0.key.kind == kind }
      for (id, its) in found { result[id] = KnownCount(its.count, isExact: false) }
      let rest = now[kind] - found.values.reduce(0) { $0 + $1.count }
      let other = ChildGroup.ID(kind: kind, state: kind.usualState)
      if rest > 0 { result[other] = KnownCount((result[other]?.value ?? 0) + rest, isExact: true) }
    }
    return result
  }

  /// Whether a group is of those that were not met yet, alone.
  func isUnseen(_ id: ChildGroup.ID) -> Bool {
    !isComplete && groups[id] == nil && id == ChildGroup.ID(kind: id.kind, state: id.kind.usualState)
  }

  private func fitted(to now: DependenciesCount, _ kinds: Set<Family.Kind>) -> [ChildGroup.ID: Int] {
    var result = groups.filter { kinds.contains($0.key.kind) }.mapValues(\.count)
    for kind in Self.order where kinds.contains(kind) {
      let total = now[kind]
      var excess = result.filter { $0.key.kind == kind }.values.reduce(0, +) - total
      while excess != 0 {
        let largest = result.filter { $0.key.kind == kind && $0.value > 0 }
          .max { ($0.value, $1.key.sortText) < ($1.value, $0.key.sortText) }
        guard let largest else {
          if excess < 0 { result[ChildGroup.ID(kind: kind, state: kind.usualState)] = -excess }
          break
        }
        let change = min(excess, largest.value)
        result[largest.key] = largest.value - change
        excess -= change
      }
    }
    return result.filter { $0.value > 0 }
  }
}

extension DependenciesCount {
  /// The count of one kind.
  subscript(kind: Family.Kind) -> Int {
    switch kind {
    case .unprocessed: unprocessed
    case .processed: processed
    case .ignored: ignored
    case .failed: failed
    }
  }
}

extension Family.Kind {
  /// The state of a child of which no more is known.
  var usualState: JobState {
    switch self {
    case .processed: .completed
    case .ignored, .failed: .failed
    case .unprocessed: .waiting
    }
  }

  var inspected: FamilyInspector.Kind {
    switch self {
    case .processed: .processed
    case .unprocessed: .unprocessed
    case .ignored: .ignored
    case .failed: .failed
    }
  }
}

extension ChildGroup.ID {
  /// Groups that need somebody come first, those that are done last.
  var rank: Int {
    switch state {
    case .failed: 0
    case .unknown: 1
    case .active: 2
    case .waitingChildren: 3
    case .waiting, .prioritized: 4
    case .delayed: 5
    case .completed: 6
    }
  }

  /// A steady order among groups of one rank.
  var sortText: String { "\(state.rawValue) \(name ?? "\u{10FFFF}") \(reason ?? "") \(kind.rawValue)" }
}
