import QueueClient
import Redis

/// The search for problems: bounded read-only steps over the places where problems show, and from what seems wrong there
/// up to the root of its flow, which is then explained as a whole: the same as `explain` says.
///
/// On the way it counts the flows. It looks everywhere once, and then again only where something has changed.
actor AttentionSweep {
  /// What keeps a flow from finishing that needs somebody.
  struct Finding: Sendable, Hashable {
    /// The root of the flow.
    var root: JobKey
    /// All causes that need somebody, the most important first; never none.
    var causes: [Cause]

    /// The most important one, as rows show it.
    var diagnosis: Diagnosis { causes.first.map(Diagnosis.held) ?? .fine }
    /// Since when, in milliseconds since 1970, where that is known.
    var since: Int? { causes.first?.since }
    /// The queues that it is about.
    var queues: Set<QueueKey> { Set([root.queue] + causes.map(\.job.queue)) }
  }

  /// What a step gave.
  struct Step: Sendable {
    /// What is newly known.
    var findings: [Finding] = []
    /// Roots in which nothing is wrong any more.
    var cleared: Set<JobKey> = []
    /// How far the first look at everything has come.
    var progress = Progress.none
    /// Whether the findings are all there are: everything was looked at, and nothing had to be left out.
    var isExact = false
    /// Keys that hold something else than they should.
    var wrongTyped: Set<String> = []
    /// How many flows there are.
    var flowCount = KnownCount(0, isExact: false)
    /// How long Redis may have been busy with it; `nil` where nobody knows.
    var cost: Duration?
    /// Whether it went through a place again, after all had been looked at.
    var isRepeated = false
  }

  let sweeper: Sweeper
  let lister: RootLister
  let queueReader: QueueReader
  let factsReader: QueueFactsReader
  let explainer: FlowExplainer
  let now: @Sendable () -> ContinuousClock.Instant

  var plan = SweepPlan()
  var book = FindingBook()
  var verdicts = VerdictBook()
  let lists: ListBook
  private var hasBeenComplete = false
  private(set) var known: Set<QueueKey> = []
  var sizes: [QueueKey: Int] = [:]
  var looked: [QueueKey: Int] = [:]
  var roots: [FindingBook.Place: Int] = [:]
  var counting: [FindingBook.Place: Int] = [:]
  var changed: Set<QueueKey> = []
  var sweptAt: [QueueKey: ContinuousClock.Instant] = [:]
  /// Queues in which jobs are held up whatever their turn: all of them are followed to their flows.
  var heldUp: Set<QueueKey> = []
  /// Places of theirs with jobs of more flows than are looked at.
  var notFollowed: Set<FindingBook.Place> = []
  let keySearch: LostParentSearch
  /// When the keyspace was gone through last; `nil` where it was not yet.
  var keysSearchedAt: ContinuousClock.Instant?
  var hasSearchedKeys = false
  private var hasChangedSinceKeySearch = false
  var mayNotSearchKeys = false

  /// Where something has changed, the keyspace is gone through again after this: a parent that is lost meanwhile announces
  /// itself nowhere, and is not known until then.
  private static let keysRest = Duration.seconds(600)
  /// A queue in which something changes all the time is gone through again no sooner than this.
  private static let rest = Duration.seconds(15)
  private static let mostPause = Duration.seconds(60)

  /// A sweep.
  ///
  /// - Parameters:
  ///   - prefix: of the keys in which lost parents are looked for.
  ///   - now: the time; tests have a clock of their own.
  init(
    redis: RedisClient, prefix: String = QueueKey.defaultPrefix,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    sweeper = Sweeper(connection: redis)
    lister = RootLister(connection: redis)
    queueReader = QueueReader(redis: redis)
    factsReader = QueueFactsReader(redis: redis)
    explainer = FlowExplainer(redis: redis)
    lists = ListBook(redis: redis)
    keySearch = LostParentSearch(redis: redis, prefix: prefix)
    self.now = now
  }

  /// Looks again where something has changed.
  func changed(_ queues: Set<QueueKey>) {
    let mine = queues.intersection(known)
    plan.addChanged(mine)
    if !mine.isEmpty { hasChangedSinceKeySearch = true }
    changed.formUnion(mine)
  }

  /// Whether there is nothing left to look at for now.
  var isIdle: Bool { plan.isEmpty && !isKeySearchDue && verdicts.dueCount(at: now()) == 0 }

  private var isKeySearchDue: Bool {
    guard !mayNotSearchKeys else { return false }
    guard let keysSearchedAt else { return true }
    return hasChangedSinceKeySearch && now() - keysSearchedAt >= Self.keysRest
  }

  /// How long there is nothing to look at, unless something changes; `nil` while there is something.
  var pause: Duration? {
    guard isIdle else { return nil }
    let time = now()
    let due = changed.compactMap { sweptAt[$0] }.map { Self.rest - (time - $0) }.min()
    return min(Self.mostPause, max(.zero, due ?? Self.mostPause), secondLook ?? Self.mostPause)
  }

  /// How long it is until something is looked at a second time; `nil` where nothing is.
  var secondLook: Duration? { verdicts.nextLook.map { max(.zero, $0 - now()) } }

  /// Begins anew, for an emptied or replaced database.
  func restart() {
    plan = SweepPlan()
    book = FindingBook()
    verdicts = VerdictBook()
    hasBeenComplete = false
    (known, sizes, looked, roots, counting) = ([], [:], [:], [:], [:])
    (changed, sweptAt) = ([], [:])
    (heldUp, notFollowed) = ([], [])
    (keysSearchedAt, hasSearchedKeys, mayNotSearchKeys) = (nil, false, false)
  }

  /// One step, about two milliseconds of Redis; the caller paces.
  ///
  /// - Parameters:
  ///   - queues: all queues known; new ones are looked at from now on.
  ///   - areAll: whether there are no others, as far as can be known.
  /// - Throws: `RedisError`. The step is then done again.
  func step(queues: [QueueKey], areAll: Bool = true) async throws -> Step {
    let new = Set(queues).subtracting(known).sorted()
    known.formUnion(new)
    plan.add(new)
    sweepChangedAgain()
    if plan.isEmpty, isKeySearchDue {
      (keysSearchedAt, hasChangedSinceKeySearch) = (now(), false)
      plan.doLast(.keys(cursor: "0"))
    }
    var step = Step()
    if isTimeToExplain {
      try await explain(&step)
    } else if let task = plan.next() {
      step.isRepeated = hasBeenComplete && !task.isQuick
      do {
        try await perform(task, &step)
        step.cost = SweepPace.mostOfAStep
      } catch {
        plan.goOn(task)
        throw error
      }
    }
    let isCounted = areAll && known.allSatisfy { sweptAt[$0] != nil }
    if isCounted, verdicts.dueCount(at: now()) == 0, !known.isEmpty { hasBeenComplete = true }
    step.progress = progress(areAll: areAll)
    step.isExact = step.progress.isComplete && hasSearchedKeys && notFollowed.isEmpty
    step.flowCount = KnownCount(flows, !isCounted ? .atLeast : changed.isEmpty && plan.isEmpty ? .exact : .about)
    return step
  }

  private func sweepChangedAgain() {
    let time = now()
    let underWay = changed.isEmpty ? [] : plan.underWay
    for queue in changed where !underWay.contains(queue) {
      guard let last = sweptAt[queue], time - last >= Self.rest else { continue }
      changed.remove(queue)
      plan.add([queue])
    }
  }

  private var flows: Int {
    roots.merging(counting) { max($0, $1) }.values.reduce(0) { $0.addingClamped($1) }
  }

  private func progress(areAll: Bool) -> Progress {
    guard !known.isEmpty else { return plan.isEmpty && areAll ? .complete : .none }
    if hasBeenComplete { return .complete }
    let all = known.reduce(0) { $0.addingClamped(max(1, sizes[$1] ?? 1)) }
    let done = known.reduce(0) { sum, queue in
      sum.addingClamped(sweptAt[queue] != nil ? max(1, sizes[queue] ?? 1) : min(looked[queue] ?? 0, sizes[queue] ?? 0))
    }
    return Progress(min(0.99, Double(done) / Double(max(1, all))))
  }
}
