/// What a worker's desk knows, and what follows from it. Pure.
///
/// Whether the queue has jobs for us is a guess: `mayHaveWork`. It becomes false by an answer with fewer jobs than were
/// asked for, and true again when somebody rings: the marker, a due time, the end of a rate limit, a lost connection.
/// Each time that something keeps us from taking jobs, exactly one of these is certain to come:
///
/// | what keeps us | who rings |
/// | --- | --- |
/// | nothing is ready | the marker (whoever adds), or the due time of the next delayed job |
/// | a rate limit | the alarm, set to its end |
/// | the global concurrency | the marker (whoever ends a job), or our own jobs' ends, which ask in the same breath |
/// | the queue is paused | the marker (whoever resumes it) |
/// | an error | the end of the rest after it |
///
/// The marker wakes one worker only. Whoever is woken and takes no jobs now wakes another.
struct DeskBook {
  /// What a clerk is to do.
  enum Order: Sendable {
    /// Tell of ended jobs, and take as many others as are wanted; `calls` is how often somebody had rung until then.
    case exchange([EndedJob], wanted: Int, calls: Int)
    /// Put back what an answer that was lost may have given us.
    case reclaim
    /// Leave the queue's jobs to another worker.
    case wakeAnother
  }

  private enum Phase { case open, paused, closing }

  /// Most jobs that one exchange ends, or takes: Redis does nothing else meanwhile.
  static let exchangeLimit = 100

  private var phase = Phase.open
  private var ended: [EndedJob] = []
  private var taken: [Job] = []
  private var waitingLanes = 0
  /// The jobs that lanes have in hand.
  private var inHand: Set<JobLock> = []
  /// How many jobs are asked for in exchanges under way.
  private var requested = 0
  private var underWay = 0
  /// Whether the queue may have jobs for us.
  private var mayHaveWork = true
  /// How often the bell rang: an answer that was asked for before a call may know nothing of it.
  private var calls = 0
  /// Whether a rate limit lets us take none; the alarm is set to its end then.
  private var isLimited = false
  /// When the next delayed job is due, in milliseconds since 1970; 0 for none.
  private var nextDue = 0
  private var mustReclaim = false
  private var mustWakeAnother = false
  /// How many clerks rest after an error: nothing is asked meanwhile.
  private var resting = 0
  private var isAbandoned = false
  /// The jobs of which Redis will be told no more.
  private(set) var untold: [EndedJob] = []

  // MARK: Lanes

  /// A lane waits for a job, after it has ended one or at its beginning.
  mutating func wait(after ended: EndedJob?) {
    waitingLanes += 1
    guard let ended else { return }
    inHand.remove(ended.job.lock)
    guard ended.outcome != .moved else { return }
    if isAbandoned { untold.append(ended) } else { self.ended.append(ended) }
  }

  /// The job for a lane that waits.
  mutating func nextJob() -> Job? {
    guard phase != .closing, let job = taken.popLast() else { return nil }
    waitingLanes -= 1
    inHand.insert(job.lock)
    return job
  }

  /// Lanes go home.
  mutating func leave(lanes: Int) { waitingLanes -= lanes }

  // MARK: Orders

  /// What there is to do for a clerk.
  mutating func nextOrder() -> Order? {
    guard resting == 0 else { return nil }
    if mustReclaim {
      // What is given to us right now must not be taken for lost.
      guard underWay == 0 else { return nil }
      underWay += 1
      return .reclaim
    }
    let told = Array(ended.prefix(Self.exchangeLimit))
    // Whoever tells of an end asks for more in the same breath: it may have made its parent ready.
    let asks = phase == .open && !isLimited && (mayHaveWork || !told.isEmpty)
    let wanted = asks ? min(freeLanes, Self.exchangeLimit) : 0
    guard !told.isEmpty || wanted > 0 else {
      guard mustWakeAnother else { return nil }
      mustWakeAnother = false
      underWay += 1
      return .wakeAnother
    }
    ended.removeFirst(told.count)
    requested += wanted
    underWay += 1
    return .exchange(told, wanted: wanted, calls: calls)
  }

  /// How many lanes wait for whom no job is on its way.
  private var freeLanes: Int { max(0, waitingLanes - taken.count - requested) }

  /// An exchange was answered.
  mutating func answered(_ reply: Exchange.Reply, to order: Order, retold: [EndedJob]) {
    guard case .exchange(_, let wanted, let callsBefore) = order else { return }
    underWay -= 1
    requested -= wanted
    ended += retold
    let wasCalled = calls != callsBefore
    if wanted > 0 {
      if reply.jobs.count < wanted { mayHaveWork = wasCalled }
      isLimited = reply.pause > .zero
      // Answers may come in another order than they were given: the earlier time counts, until all is asked anew.
      nextDue = [nextDue, reply.nextDue].filter { $0 > 0 }.min() ?? 0
    }
    if phase == .closing {
      // Nobody is there for them any more.
      ended += reply.jobs.map { EndedJob(job: $0, outcome: .handedBack) }
    } else {
      taken.insert(contentsOf: reply.jobs.reversed(), at: 0)
    }
    if wasCalled, wanted > 0 { passOnCall() }
  }

  /// An order without an answer was carried out.
  mutating func done(_ order: Order) {
    underWay -= 1
    if case .reclaim = order { mustReclaim = false }
  }

  /// An order could not be carried out: it will be repeated, when the clerk has rested, and what Redis may have done is
  /// put right.
  mutating func failed(_ order: Order) {
    underWay -= 1
    resting += 1
    if case .exchange(let told, let wanted, _) = order {
      requested -= wanted
      if isAbandoned {
        untold += told
      } else {
        ended.insert(contentsOf: told.map { EndedJob(job: $0.job, outcome: $0.outcome, isRetold: true) }, at: 0)
      }
    }
    if case .wakeAnother = order { mustWakeAnother = !isAbandoned } else { mustReclaim = !isAbandoned }
    mayHaveWork = true
  }

  /// A clerk has rested after an error.
  mutating func rested() { resting -= 1 }

  /// The locks of all jobs that are ours, as far as we know.
  var known: Set<JobLock> { inHand.union(ended.map(\.job.lock)).union(taken.map(\.lock)) }

  // MARK: The doorbell

  /// Until when to wait at the door for work, where there is nothing to do but to wait: when the next delayed job is
  /// due, in milliseconds since 1970; 0 for none.
  var quietUntil: Int? {
    guard phase == .open, waitingLanes > 0, requested == 0, !mayHaveWork, !isLimited else { return nil }
    return nextDue
  }

  /// There may be work again.
  mutating func ring() {
    mayHaveWork = true
    isLimited = false
    nextDue = 0
    calls &+= 1
    if requested == 0 { passOnCall() }
  }

  /// Who is called, and has no lane for a job, has taken the call from another.
  private mutating func passOnCall() {
    if phase != .open || freeLanes == 0 { mustWakeAnother = !isAbandoned }
  }

  // MARK: Phases

  /// Takes no more jobs for a while.
  mutating func pause() {
    guard phase == .open else { return }
    phase = .paused
    mustWakeAnother = true
  }

  /// Takes jobs again.
  mutating func resume() {
    guard phase == .paused else { return }
    phase = .open
    mayHaveWork = true
  }

  /// Takes no more jobs, for good.
  mutating func close() {
    if phase == .open { mustWakeAnother = true }
    phase = .closing
    ended += taken.map { EndedJob(job: $0, outcome: .handedBack) }
    taken = []
  }

  /// Leaves what is not told yet to the stalled checks of other workers: Redis is away for too long.
  mutating func abandon() {
    isAbandoned = true
    phase = .closing
    untold += ended + taken.map { EndedJob(job: $0, outcome: .handedBack) }
    (ended, taken) = ([], [])
    (mustReclaim, mustWakeAnother) = (false, false)
  }

  /// Whether jobs may be taken.
  var isOpen: Bool { phase == .open }

  /// Whether there are to be no more jobs.
  var isClosing: Bool { phase == .closing }

  /// Whether no job is in hand.
  var isIdle: Bool { inHand.isEmpty && ended.isEmpty && taken.isEmpty && underWay == 0 }

  /// Whether nothing will ever be to do again.
  var isDone: Bool { isClosing && isIdle && !mustReclaim && !mustWakeAnother }
}
