import QueueClient
import Redis

/// Pages of flows: merges the sorted sets of the queues in the order asked for. Only roots are listed: no nested parents,
/// no jobs outside of flows.
///
/// What a page may cost is bounded. Where flows lie far apart among jobs that are none, a page may hold fewer flows than
/// asked for without being the last: the next call goes on from there. Sorted sets in which hardly any job is a flow, such
/// as those of the children's queues, are looked through a bit with each page, and what is found there comes in later.
struct FlowIndex: Sendable {
  private let redis: RedisClient
  private let lister: RootLister
  private let memory = IndexMemory()

  /// How much one page may look at: about 30 ms of Redis in many small calls.
  private static let pageBudget = 20_000
  /// How much one call may look at.
  private static let callBudget = 1000
  /// Smaller sorted sets are always gone through.
  private static let smallSet = 1000
  /// A set of which fewer members than this are flows is sparse.
  private static let sparseness = 0.02

  init(redis: RedisClient) {
    self.redis = redis
    lister = RootLister(connection: redis)
  }

  /// Forgets what was learnt, for an emptied or replaced database.
  func restart() { memory.clear() }

  /// The flows around an anchor.
  ///
  /// - Parameters:
  ///   - order: the order; by name is the caller's to make, within what is loaded.
  ///   - before: how many flows before the anchor.
  ///   - after: how many behind it.
  ///   - queues: all queues known.
  ///   - problems: the flows found by the sweep, in order.
  /// - Throws: `RedisError`.
  func page(
    order: FlowOrder, filter: FlowFilter, anchor: FlowAnchor, before: Int, after: Int, queues: [QueueKey],
    problems: [JobKey]
  ) async throws -> FlowPage {
    let sections = FlowSection.sections(order: order, filter: filter)
    var walk = Walk(sections: sections, queues: queues.sorted(), problems: problems, budget: Self.pageBudget)
    if sections.contains(where: { !$0.looseStates.isEmpty }) {
      try await readLoose(&walk, states: sections.reduce(into: []) { $0.formUnion($1.looseStates) })
    }
    if case .state(let state) = filter, walk.hasGiven { walk.problems = try await select(from: walk, in: state) }
    try await sample(&walk)

    var page = FlowPage()
    var positions: [(JobKey, FlowPosition)] = []
    switch anchor {
    case .first:
      let behind = try await go(&walk, .up, from: nil, count: after + 1)
      positions = Array(behind.flows.prefix(max(1, after)))
      page.isLast = behind.isEnd && behind.flows.count == positions.count
    case .last:
      let ahead = try await go(&walk, .down, from: nil, count: before + after + 1)
      positions = Array(ahead.flows.prefix(max(1, before + after)).reversed())
      page.isFirst = ahead.isEnd && ahead.flows.count == positions.count
    case .flow(let key):
      guard let (position, isListed) = try await locate(key, in: walk) else {
        return try await self.page(
          order: order, filter: filter, anchor: .first, before: before, after: before + after, queues: queues,
          problems: problems)
      }
      let ahead = try await go(&walk, .down, from: position, count: before + 1)
      let behind = try await go(&walk, .up, from: position, count: after + 1)
      positions = ahead.flows.prefix(before).reversed()
      if isListed { positions.append((key, position)) }
      positions += behind.flows.prefix(after)
      page.isFirst = ahead.isEnd && ahead.flows.count <= before
      page.isLast = behind.isEnd && behind.flows.count <= after
    }
    var seen: Set<JobKey> = []
    page.roots = positions.map(\.0).filter { seen.insert($0).inserted }
    page.before = page.isFirst ? KnownCount(0, isExact: true) : nil
    memory.setPositions(Dictionary(positions) { first, _ in first })
    return page
  }

  /// One call's work.
  private struct Walk {
    let sections: [FlowSection]
    let queues: [QueueKey]
    var problems: [JobKey] { didSet { isProblem = Set(problems) } }
    private(set) var isProblem: Set<JobKey>
    var budget: Int
    /// Flows that stand in no order of time.
    var loose: [RootLister.Loose] = []
    /// Sorted sets in which hardly any member is a flow.
    var sparse: Set<IndexMemory.Place> = []

    init(sections: [FlowSection], queues: [QueueKey], problems: [JobKey], budget: Int) {
      (self.sections, self.queues, self.problems, self.budget) = (sections, queues, problems, budget)
      isProblem = Set(problems)
    }

    var hasGiven: Bool { sections.contains { $0.isGiven } }

    func places(of section: FlowSection) -> [IndexMemory.Place] {
      queues.flatMap { queue in section.places.map { IndexMemory.Place(queue: queue, suffix: $0) } }
    }
  }

  // MARK: Problems in one state

  /// So many problems are looked at for their state.
  private static let mostProblems = 1000

  /// The problems whose flows are in a state.
  private func select(from walk: Walk, in state: JobState) async throws -> [JobKey] {
    let suffix: QueueKey.Suffix? =
      switch state {
      case .waitingChildren: .waitingChildren
      case .delayed: .delayed
      case .prioritized: .prioritized
      case .completed: .completed
      case .failed: .failed
      case .active, .waiting, .unknown: nil
      }
    guard let suffix else {
      let loose = Set(walk.loose.lazy.filter { $0.state == state }.map(\.key))
      return walk.problems.filter(loose.contains)
    }
    let candidates = Array(walk.problems.prefix(Self.mostProblems))
    let scores = try await redis.rawReplies(
      to: candidates.map { ["ZSCORE", .text($0.queue[suffix]), .text($0.id)] })
    return zip(candidates, scores).filter { $1.double != nil }.map(\.0)
  }

  // MARK: What stands in no order

  private func readLoose(_ walk: inout Walk, states: Set<JobState>) async throws {
    let questions = walk.queues.map { queue -> (queue: QueueKey, counts: [Int]) in
      let roots = memory.looseRoots(of: queue)
      let counts = RootLister.loosePlaces.enumerated().map { index, each in
        guard states.contains(each.state) else { return 0 }
        // Where there are flows, more of them are worth a look.
        return roots.map { $0.indices.contains(index) && $0[index] > 0 ? 500 : 50 } ?? 100
      }
      return (queue, counts)
    }
    for (question, listing) in zip(questions, try await lister.loose(questions)) {
      walk.loose += listing.flows
      memory.setLooseRoots(
        RootLister.loosePlaces.map { place in listing.flows.count { $0.state == place.state } }, of: question.queue)
    }
  }

  // MARK: Sorted sets with hardly any flows

  private func sample(_ walk: inout Walk) async throws {
    let places = walk.sections.flatMap { walk.places(of: $0) }
    let unknown = places.filter { memory.known($0).sampledAt == nil }
    let samples = try await lister.sample(
      unknown.map { ($0.queue, $0.suffix) }, count: 50, least: Self.smallSet)
    for (place, sample) in zip(unknown, samples) {
      let isSparse = sample.looked > 0 && Double(sample.flows) < Self.sparseness * Double(sample.looked)
      memory.edit(place) { known in
        known.sampledAt = .now
        known.sparse = isSparse ? known.sparse ?? IndexMemory.Sparse() : nil
      }
    }
    walk.sparse = Set(places.filter { memory.known($0).sparse != nil })
    // A bit of each, the least known first, as far as the budget goes.
    let open = walk.sparse.filter { memory.known($0).sparse?.isComplete == false }
      .sorted { ($0.queue, $0.suffix.rawValue) < ($1.queue, $1.suffix.rawValue) }
    // And what has come since to those that were looked at before.
    let begun = walk.sparse.filter { memory.known($0).sparse?.newest != nil }
    try await explore(Array(open.prefix(4)), beganBefore: Array(begun))
  }

  /// Looks at some more of the older members of some places, and at the newer ones of others.
  private func explore(_ older: [IndexMemory.Place], beganBefore newer: [IndexMemory.Place]) async throws {
    let calls =
      older.map { place in
        RootLister.Call(
          queue: place.queue, place: place.suffix, direction: .down,
          from: memory.known(place).sparse?.oldest?.point(in: place.queue), wanted: Self.callBudget,
          budget: Self.callBudget)
      }
      + newer.map { place in
        RootLister.Call(
          queue: place.queue, place: place.suffix, direction: .up,
          from: memory.known(place).sparse?.newest?.point(in: place.queue), wanted: Self.callBudget,
          budget: Self.callBudget / 2)
      }
    guard !calls.isEmpty else { return }
    let listings = try await lister.list(calls)
    for (place, listing) in zip(older, listings) {
      memory.edit(place) { known in
        known.sparse?.found.formUnion(Self.entries(listing.flows, in: place.queue))
        if known.sparse?.newest == nil {
          known.sparse?.newest = listing.first.map { Self.entry($0, in: place.queue) }
        }
        if let last = listing.last { known.sparse?.oldest = Self.entry(last, in: place.queue) }
        known.sparse?.isComplete = listing.isEnd
      }
    }
    for (place, listing) in zip(newer, listings.dropFirst(older.count)) {
      memory.edit(place) { known in
        known.sparse?.found.formUnion(Self.entries(listing.flows, in: place.queue))
        if let last = listing.last { known.sparse?.newest = Self.entry(last, in: place.queue) }
      }
    }
  }

  private static func entry(_ member: RootLister.Member, in queue: QueueKey) -> FlowEntry {
    FlowEntry(score: member.score, key: JobKey(queue: queue, id: member.id))
  }

  private static func entries(_ members: [RootLister.Member], in queue: QueueKey) -> [FlowEntry] {
    members.map { entry($0, in: queue) }
  }

  // MARK: Going through the sections

  /// Goes from a position on, `up` the list's own way or `down` backwards.
  private func go(
    _ walk: inout Walk, _ way: RootLister.Direction, from start: FlowPosition?, count: Int
  ) async throws -> (flows: [(JobKey, FlowPosition)], isEnd: Bool) {
    var flows: [(JobKey, FlowPosition)] = []
    var section = start?.section ?? (way == .up ? 0 : walk.sections.count - 1)
    var start = start
    var seen: Set<JobKey> = []
    while walk.sections.indices.contains(section), flows.count < count {
      let wanted = count - flows.count
      if walk.sections[section].isGiven {
        let all = Array(walk.problems.enumerated())
        let rest =
          way == .up
          ? all[min(all.count, start.map { $0.index + 1 } ?? 0)...]
          : all[..<min(all.count, start?.index ?? all.count)].reversed()[...]
        flows += rest.prefix(wanted).map { ($1, FlowPosition(section: section, index: $0)) }
      } else {
        let part = try await merge(&walk, section, way, from: start?.entry, count: wanted)
        for entry in part.entries where seen.insert(entry.key).inserted {
          flows.append((entry.key, FlowPosition(section: section, entry: entry)))
        }
        if !part.isEnd { return (flows, false) }
      }
      start = nil
      section += way == .up ? 1 : -1
    }
    return (flows, !walk.sections.indices.contains(section))
  }

  private func merge(
    _ walk: inout Walk, _ number: Int, _ way: RootLister.Direction, from start: FlowEntry?, count: Int
  ) async throws -> (entries: [FlowEntry], isEnd: Bool) {
    let section = walk.sections[number]
    let direction = way == .up ? section.direction : section.direction.opposite
    let places = walk.places(of: section)
    let loose = walk.loose.filter { section.looseStates.contains($0.state) }
      .map { FlowEntry(score: $0.timestamp, key: $0.key) }
    let sparse = walk.sparse
    let found = try await standing(places.filter { sparse.contains($0) })
    var merge = FlowMerge(
      direction, places: places.filter { !sparse.contains($0) }, from: start, given: loose + found, wanted: count)
    var entries: [FlowEntry] = []
    // What was given out already in an earlier section is not given again.
    let excluded = walk.hasGiven ? walk.isProblem : []
    while entries.count < count {
      if let next = merge.next() {
        if !excluded.contains(next.key) { entries.append(next) }
        continue
      }
      let hungry = merge.hungry
      if hungry.isEmpty { break }
      if walk.budget <= 0 {
        while entries.count < count, let next = merge.next(isPressed: true) {
          if !excluded.contains(next.key) { entries.append(next) }
        }
        return (entries, false)
      }
      let spent = try await read(hungry, of: &merge)
      walk.budget -= spent
    }
    return (entries, merge.isEnd)
  }

  /// Flows of sparse sets that are still there.
  private func standing(_ places: [IndexMemory.Place]) async throws -> [FlowEntry] {
    let found = places.flatMap { place in (memory.known(place).sparse?.found ?? []).map { (place, $0) } }
    guard !found.isEmpty else { return [] }
    let scores = try await redis.rawReplies(
      to: found.map { place, entry in ["ZSCORE", .text(place.queue[place.suffix]), .text(entry.key.id)] })
    var entries: [FlowEntry] = []
    for ((place, entry), score) in zip(found, scores) {
      if score.double == entry.score {
        entries.append(entry)
      } else {
        memory.edit(place) { _ = $0.sparse?.found.remove(entry) }
      }
    }
    return entries
  }

  /// Reads on in some streams.
  ///
  /// - Returns: how much was looked at.
  private func read(_ hungry: [Int], of merge: inout FlowMerge) async throws -> Int {
    let calls = hungry.map { index -> RootLister.Call in
      let stream = merge.streams[index]
      let from = stream.reached.map { memory.skip($0, merge.direction, in: stream.place) }
      return RootLister.Call(
        queue: stream.place.queue, place: stream.place.suffix, direction: merge.direction,
        from: from?.point(in: stream.place.queue), wanted: stream.wanted, budget: Self.callBudget)
    }
    var spent = 0
    for (index, listing) in zip(hungry, try await lister.list(calls)) {
      spent += max(1, listing.looked)
      rememberGap(listing, of: merge.streams[index])
      merge.take(listing, of: index)
    }
    return spent
  }

  /// Remembers what was looked at behind the last flow, and was none.
  private func rememberGap(_ listing: RootLister.Listing, of stream: FlowMerge.Stream) {
    let queue = stream.place.queue
    guard listing.looked >= 100, let last = listing.last.map({ Self.entry($0, in: queue) }) else { return }
    let first = listing.flows.last.map { Self.entry($0, in: queue) }
    let begin = first ?? stream.reached ?? listing.first.map { Self.entry($0, in: queue) }
    if let begin, begin != last { memory.addGap(begin, last, in: stream.place) }
  }

  // MARK: The anchor

  /// Where a flow stands, and whether it still stands there; `nil` where nobody knows.
  private func locate(_ key: JobKey, in walk: Walk) async throws -> (FlowPosition, isListed: Bool)? {
    if let section = walk.sections.firstIndex(where: \.isGiven), let index = walk.problems.firstIndex(of: key) {
      return (FlowPosition(section: section, index: index), true)
    }
    let suffixes: [QueueKey.Suffix] = [.failed, .completed, .waitingChildren]
    let scores = try await redis.rawReplies(to: suffixes.map { ["ZSCORE", .text(key.queue[$0]), .text(key.id)] })
    for (suffix, score) in zip(suffixes, scores) {
      guard let score = score.double, let section = walk.sections.firstIndex(where: { $0.places.contains(suffix) })
      else { continue }
      return (FlowPosition(section: section, entry: FlowEntry(score: score, key: key)), true)
    }
    if let loose = walk.loose.first(where: { $0.key == key }),
      let section = walk.sections.firstIndex(where: { $0.looseStates.contains(loose.state) })
    {
      return (FlowPosition(section: section, entry: FlowEntry(score: loose.timestamp, key: key)), true)
    }
    guard let last = memory.position(of: key), walk.sections.indices.contains(last.section),
      walk.sections[last.section].isGiven == (last.entry == nil)
    else { return nil }
    return (last, false)
  }
}
