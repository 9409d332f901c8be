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
    var bell: CheckedContinuation<DeskBook.Quiet?, Never>?
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
    if let bell = state.bell, state.book.isClosing || state.book.quiet != nil {
      state.bell = nil
      bell.resume(returning: state.book.isClosing ? nil : state.book.quiet)
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

  /// An order could not be carried out.
  func failed(_ order: DeskBook.Order) { edit { $0.book.failed(order) } }

  /// What an answer that was lost may have given us is put back.
  func reclaimed() { edit { $0.book.reclaimed() } }

  /// The ids of all jobs that are ours, as far as we know.
  var known: Set<String> { state.withLock { $0.book.known } }

  // MARK: The doorbell

  /// Waits until there is nothing to do but to wait; `nil` at the end of the worker.
  func untilQuiet() async -> DeskBook.Quiet? {
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

  /// Whether there are to be no more jobs.
  var isClosing: Bool { state.withLock { $0.book.isClosing } }

  /// Whether no job is in hand.
  var isIdle: Bool { state.withLock { $0.book.isIdle } }
}
