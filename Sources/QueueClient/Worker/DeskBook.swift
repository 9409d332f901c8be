/// What a worker's desk knows, and what follows from it. Pure.
struct DeskBook {
  /// What a clerk is to do.
  enum Order: Sendable {
    /// Tell of ended jobs, and take as many others as are wanted.
    case exchange([EndedJob], wanted: Int)
    /// Put back what an answer that was lost may have given us.
    case reclaim
  }

  /// What the doorbell is to wait for.
  enum Quiet: Sendable, Equatable {
    /// The marker, or the time at which the next delayed job is due (milliseconds since 1970; 0 for none).
    case until(due: Int)
    /// The end of a rate limit.
    case pause(Duration)
  }

  private enum Phase { case open, paused, closing }

  /// Most jobs that one exchange ends, or takes: Redis does nothing else meanwhile.
  static let exchangeLimit = 100

  private var phase = Phase.open
  private var ended: [EndedJob] = []
  private var taken: [Job] = []
  private var waitingLanes = 0
  /// The ids of the jobs that lanes have in hand.
  private var inHand: Set<String> = []
  /// How many jobs are asked for in exchanges under way.
  private var requested = 0
  private var underWay = 0
  /// Whether the queue may have jobs for us.
  private var mayHaveWork = true
  /// Whether the bell rang while an answer was on its way, which may know nothing of it.
  private var rangMeanwhile = false
  private var isLimited = false
  private var lastQuiet = Quiet.until(due: 0)
  private var mustReclaim = false

  // MARK: Lanes

  /// A lane waits for a job, after it has ended one or at its beginning.
  mutating func wait(after ended: EndedJob?) {
    waitingLanes += 1
    guard let ended else { return }
    inHand.remove(ended.job.id)
    if ended.outcome != .moved { self.ended.append(ended) }
  }

  /// The job for a lane that waits.
  mutating func nextJob() -> Job? {
    guard phase != .closing, let job = taken.popLast() else { return nil }
    waitingLanes -= 1
    inHand.insert(job.id)
    return job
  }

  /// Lanes go home.
  mutating func leave(lanes: Int) { waitingLanes -= lanes }

  // MARK: Orders

  /// What there is to do for a clerk.
  mutating func nextOrder() -> Order? {
    if mustReclaim {
      // What is given to us right now must not be taken for lost.
      guard underWay == 0 else { return nil }
      underWay += 1
      return .reclaim
    }
    let told = Array(ended.prefix(Self.exchangeLimit))
    // Whoever tells of an end asks for more in the same breath: it may have made its parent ready.
    let asks = phase == .open && !isLimited && (mayHaveWork || !told.isEmpty)
    let wanted = asks ? min(max(0, waitingLanes - taken.count - requested), Self.exchangeLimit) : 0
    guard !told.isEmpty || wanted > 0 else { return nil }
    ended.removeFirst(told.count)
    requested += wanted
    underWay += 1
    return .exchange(told, wanted: wanted)
  }

  /// An exchange was answered.
  mutating func answered(_ reply: Exchange.Reply, to order: Order, retold: [EndedJob]) {
    guard case .exchange(_, let wanted) = order else { return }
    underWay -= 1
    requested -= wanted
    ended += retold
    if wanted > 0 {
      if reply.jobs.count < wanted { mayHaveWork = rangMeanwhile }
      rangMeanwhile = false
      isLimited = reply.pause > .zero
      lastQuiet = isLimited ? .pause(reply.pause) : .until(due: reply.nextDue)
    }
    if phase == .closing {
      // Nobody is there for them any more.
      ended += reply.jobs.map { EndedJob(job: $0, outcome: .handedBack) }
    } else {
      taken.insert(contentsOf: reply.jobs.reversed(), at: 0)
    }
  }

  /// An order could not be carried out: it will be repeated, when what Redis may have done is put right.
  mutating func failed(_ order: Order) {
    underWay -= 1
    if case .exchange(let told, let wanted) = order {
      requested -= wanted
      ended.insert(contentsOf: told.map { EndedJob(job: $0.job, outcome: $0.outcome, isRetold: true) }, at: 0)
    }
    mustReclaim = true
    mayHaveWork = true
  }

  /// What an answer that was lost may have given us is put back.
  mutating func reclaimed() {
    underWay -= 1
    mustReclaim = false
  }

  /// The ids of all jobs that are ours, as far as we know.
  var known: Set<String> { inHand.union(ended.map(\.job.id)).union(taken.map(\.id)) }

  // MARK: The doorbell

  /// What to wait for, where there is nothing to do but to wait.
  var quiet: Quiet? {
    guard phase == .open, waitingLanes > 0, requested == 0, !mayHaveWork || isLimited else { return nil }
    return lastQuiet
  }

  /// There may be work again.
  mutating func ring() {
    mayHaveWork = true
    isLimited = false
    rangMeanwhile = requested > 0
  }

  // MARK: Phases

  /// Takes no more jobs for a while.
  mutating func pause() { if phase == .open { phase = .paused } }

  /// Takes jobs again.
  mutating func resume() {
    guard phase == .paused else { return }
    phase = .open
    mayHaveWork = true
  }

  /// Takes no more jobs, for good.
  mutating func close() {
    phase = .closing
    ended += taken.map { EndedJob(job: $0, outcome: .handedBack) }
    taken = []
  }

  /// Whether there are to be no more jobs.
  var isClosing: Bool { phase == .closing }

  /// Whether no job is in hand.
  var isIdle: Bool { inHand.isEmpty && ended.isEmpty && taken.isEmpty && underWay == 0 }

  /// Whether nothing will ever be to do again.
  var isDone: Bool { isClosing && isIdle }
}
