import Synchronization

/// Where a worker's lanes hand in what they have ended and are given what is next.
///
/// What many lanes say at once goes to Redis in one exchange. The desk only decides, in `DeskBook`: clerks carry the
/// exchanges out, and the doorbell says when there may be work again. A lock rather than an actor: nobody who comes
/// to the desk changes the thread.
final class JobDesk: Sendable {
  private struct State {
    var book = DeskBook()
    var lanes: [CheckedContinuation<Job?, Never>] = []
    var clerks: [CheckedContinuation<DeskBook.Order?, Never>] = []
    var bell: CheckedContinuation<Int?, Never>?
    /// Raised when no job is in hand.
    var idleFlags: [Flag] = []
  }

  private let state = Mutex(State())

  /// Changes the book, and gives out what there is to do then.
  private func edit(_ change: (inout State) -> Void) {
    state.withLock { state in
      change(&state)
      Self.giveOut(&state)
    }
  }

  private static func giveOut(_ state: inout State) {
    while !state.lanes.isEmpty, let job = state.book.nextJob() { state.lanes.removeLast().resume(returning: job) }
    if state.book.isClosing {
      for lane in state.lanes { lane.resume(returning: nil) }
      state.book.leave(lanes: state.lanes.count)
      state.lanes = []
    }
    while !state.clerks.isEmpty, let order = state.book.nextOrder() {
      state.clerks.removeLast().resume(returning: order)
    }
    if state.book.isDone {
      for clerk in state.clerks { clerk.resume(returning: nil) }
      state.clerks = []
    }
    if let bell = state.bell, state.book.isClosing || state.book.quietUntil != nil {
      state.bell = nil
      bell.resume(returning: state.book.isClosing ? nil : state.book.quietUntil)
    }
    if !state.idleFlags.isEmpty, state.book.isIdle {
      for flag in state.idleFlags { flag.raise() }
      state.idleFlags = []
    }
  }

  // MARK: Lanes

  /// Hands in a job, and waits for the next.
  ///
  /// - Returns: `nil` when there is to be none any more.
  func next(after ended: EndedJob?) async -> Job? {
    await withCheckedContinuation { lane in
      edit { state in
        state.book.wait(after: ended)
        state.lanes.append(lane)
      }
    }
  }

  // MARK: Clerks

  /// Waits for something to do; `nil` at the end of the worker.
  func order() async -> DeskBook.Order? {
    await withCheckedContinuation { clerk in edit { $0.clerks.append(clerk) } }
  }

  /// An exchange was answered.
  ///
  /// - Parameter retold: jobs whose end Redis refused, and that fail instead.
  func deliver(_ reply: Exchange.Reply, to order: DeskBook.Order, retold: [EndedJob]) {
    edit { $0.book.answered(reply, to: order, retold: retold) }
  }

  /// An order without an answer was carried out.
  func done(_ order: DeskBook.Order) { edit { $0.book.done(order) } }

  /// An order could not be carried out; the clerk rests now.
  func failed(_ order: DeskBook.Order) { edit { $0.book.failed(order) } }

  /// A clerk has rested.
  func rested() { edit { $0.book.rested() } }

  /// The locks of all jobs that are ours, as far as we know.
  var known: Set<JobLock> { state.withLock { $0.book.known } }

  // MARK: The doorbell

  /// Waits until there is nothing to do but to wait; `nil` at the end of the worker.
  ///
  /// - Returns: when the next delayed job is due, in milliseconds since 1970; 0 for none.
  func untilQuiet() async -> Int? {
    await withCheckedContinuation { bell in edit { $0.bell = bell } }
  }

  /// There may be work again.
  func ring() { edit { $0.book.ring() } }

  // MARK: Phases

  /// Takes no more jobs for a while.
  func pause() { edit { $0.book.pause() } }

  /// Takes jobs again.
  func resume() { edit { $0.book.resume() } }

  /// Takes no more jobs, for good.
  func close() { edit { $0.book.close() } }

  /// Leaves what is not told yet to others.
  func abandon() { edit { $0.book.abandon() } }

  /// The jobs that Redis has not been told of, at the end.
  var untold: [EndedJob] { state.withLock { $0.book.untold } }

  /// Whether jobs may be taken.
  var isOpen: Bool { state.withLock { $0.book.isOpen } }

  /// Whether there are to be no more jobs.
  var isClosing: Bool { state.withLock { $0.book.isClosing } }

  /// Waits until no job is in hand.
  ///
  /// - Parameters:
  ///   - limit: how long at the most; `nil` is for ever.
  ///   - heedsCancellation: whether a cancelled task waits no longer.
  func untilIdle(within limit: Duration? = nil, heedsCancellation: Bool = true) async {
    let flag = Flag()
    edit { $0.idleFlags.append(flag) }
    await flag.wait(within: limit, heedsCancellation: heedsCancellation)
    state.withLock { state in state.idleFlags.removeAll { $0 === flag } }
  }
}
