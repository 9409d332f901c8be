import Redis

/// Where a worker's lanes hand in what they have ended and are given what is next.
///
/// What many lanes say at once goes to Redis in one exchange. The desk only decides: clerks carry the exchanges out,
/// and the doorbell says when there may be work again.
actor JobDesk {
  /// What a clerk is to do.
  enum Order: Sendable {
    /// Tell of ended jobs, and take as many others as are wanted.
    case exchange([EndedJob], wanted: Int)
    /// Put back what an answer that was lost may have given us.
    case reclaim
  }

  /// What the doorbell is to wait for.
  enum Quiet: Sendable {
    /// The marker, or the time at which the next delayed job is due (milliseconds since 1970; 0 for none).
    case until(due: Int)
    /// The end of a rate limit.
    case pause(Duration)
  }

  private enum Phase { case open, paused, closing }

  /// Most jobs that one exchange ends, or takes: Redis does nothing else meanwhile.
  private static let exchangeLimit = 100

  private var phase = Phase.open
  private var ended: [EndedJob] = []
  private var lanes: [CheckedContinuation<Job?, Never>] = []
  private var busy = 0
  /// How many jobs are asked for in exchanges under way.
  private var requested = 0
  private var underWay = 0
  private var clerks: [CheckedContinuation<Order?, Never>] = []
  private var bell: CheckedContinuation<Quiet?, Never>?
  /// Whether the queue may have jobs for us.
  private var mayHaveWork = true
  private var isLimited = false
  private var quiet = Quiet.until(due: 0)
  private var mustReclaim = false

  // MARK: Lanes

  /// Hands in a job, and waits for the next.
  ///
  /// - Returns: `nil` when there is to be none any more.
  func next(after ended: EndedJob?) async -> Job? {
    if let ended {
      busy -= 1
      if ended.outcome != .moved { self.ended.append(ended) }
    }
    if phase == .closing {
      proceed()
      return nil
    }
    return await withCheckedContinuation { lane in
      lanes.append(lane)
      proceed()
    }
  }

  // MARK: Clerks

  /// Waits for something to do; `nil` at the end of the worker.
  func order() async -> Order? {
    if let order = nextOrder() { return order }
    if isDone { return nil }
    return await withCheckedContinuation { clerks.append($0) }
  }

  /// An exchange was answered.
  func deliver(_ reply: Exchange.Reply, to told: [EndedJob], wanted: Int) {
    underWay -= 1
    requested -= wanted
    if wanted > 0 {
      // A bell that rang meanwhile may mean jobs that came after this answer: it has the last word.
      if reply.jobs.count < min(wanted, Self.exchangeLimit) { mayHaveWork = rangMeanwhile }
      isLimited = reply.pause > .zero
      quiet = isLimited ? .pause(reply.pause) : .until(due: reply.nextDue)
    }
    for job in reply.jobs {
      if let lane = lanes.popLast() {
        busy += 1
        lane.resume(returning: job)
      } else {
        // The worker was closed meanwhile.
        ended.append(EndedJob(job: job, outcome: .handedBack))
      }
    }
    proceed()
  }

  private var rangMeanwhile: Bool {
    defer { rang = false }
    return rang
  }
  private var rang = false

  /// Jobs whose end Redis refused, and that fail instead.
  func retell(_ jobs: [EndedJob]) {
    ended += jobs
    proceed()
  }

  /// An exchange got no answer: it will be repeated, when what Redis may have done is put right.
  func failed(_ order: Order) {
    underWay -= 1
    if case .exchange(let told, let wanted) = order {
      requested -= wanted
      ended.insert(contentsOf: told.map { EndedJob(job: $0.job, outcome: $0.outcome, isRetold: true) }, at: 0)
    }
    mustReclaim = true
    mayHaveWork = true
    proceed()
  }

  /// What an answer that was lost may have given us is put back.
  func reclaimed() {
    underWay -= 1
    mustReclaim = false
    proceed()
  }

  /// The ids of jobs that have ended and of which Redis has not heard yet.
  var untold: [String] { ended.map(\.job.id) }

  private func nextOrder() -> Order? {
    if mustReclaim {
      // What is given to us right now must not be taken for lost.
      guard underWay == 0 else { return nil }
      underWay += 1
      return .reclaim
    }
    let told = Array(ended.prefix(Self.exchangeLimit))
    // Whoever tells of an end asks for more in the same breath: it may have made its parent ready.
    let asks = phase == .open && !isLimited && (mayHaveWork || !told.isEmpty)
    let wanted = asks ? min(max(0, lanes.count - requested), Self.exchangeLimit) : 0
    guard !told.isEmpty || wanted > 0 else { return nil }
    ended.removeFirst(told.count)
    requested += wanted
    underWay += 1
    return .exchange(told, wanted: wanted)
  }

  /// Gives out what there is to do.
  private func proceed() {
    while !clerks.isEmpty, let order = nextOrder() { clerks.removeLast().resume(returning: order) }
    if isDone {
      for clerk in clerks { clerk.resume(returning: nil) }
      clerks = []
    }
    if let bell, let quiet = nextQuiet() {
      self.bell = nil
      bell.resume(returning: quiet)
    }
  }

  private var isDone: Bool { phase == .closing && ended.isEmpty && underWay == 0 && busy == 0 && lanes.isEmpty }

  // MARK: The doorbell

  /// Waits until there is nothing to do but to wait; `nil` at the end of the worker.
  func untilQuiet() async -> Quiet? {
    if phase == .closing { return nil }
    if let quiet = nextQuiet() { return quiet }
    return await withCheckedContinuation { bell = $0 }
  }

  private func nextQuiet() -> Quiet? {
    guard phase == .open, !lanes.isEmpty, requested == 0, !mayHaveWork || isLimited else { return nil }
    return quiet
  }

  /// There may be work again.
  func ring() {
    mayHaveWork = true
    isLimited = false
    rang = requested > 0
    proceed()
  }

  // MARK: Phases

  /// Takes no more jobs for a while.
  func pause() {
    if phase == .open { phase = .paused }
  }

  /// Takes jobs again.
  func resume() {
    guard phase == .paused else { return }
    phase = .open
    mayHaveWork = true
    proceed()
  }

  /// Whether there are to be no more jobs.
  var isClosing: Bool { phase == .closing }

  /// Whether no job is in hand.
  var isIdle: Bool { busy == 0 && ended.isEmpty && underWay == 0 }

  /// Takes no more jobs, for good.
  func close() {
    guard phase != .closing else { return }
    phase = .closing
    for lane in lanes { lane.resume(returning: nil) }
    lanes = []
    bell?.resume(returning: nil)
    bell = nil
    proceed()
  }
}
