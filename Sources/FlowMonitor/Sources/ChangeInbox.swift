import Synchronization

/// Where sources leave changes and the monitor takes them, in batches.
///
/// It holds what is to be read again, not a queue of messages: a slow reader finds one larger batch, and no source
/// ever waits for it.
final class ChangeInbox: Sendable, AsyncSequence {
  private let state = Mutex(PendingChanges())
  private let wakeup = Wakeup()
  private let gathering: Duration

  /// - Parameter gathering: how long a batch waits for more of its kind; an urgent one does not.
  init(gathering: Duration) {
    self.gathering = gathering
  }

  func add(_ edit: (inout PendingChanges) -> Void) {
    let isWorthTelling = state.withLock { changes in
      edit(&changes)
      return !changes.isEmpty
    }
    if isWorthTelling { wakeup.call() }
  }

  func add(_ changes: some Sequence<Change>) {
    add { pending in for change in changes { pending.add(change) } }
  }

  func makeAsyncIterator() -> Iterator { Iterator(inbox: self) }

  /// Waits for batches; ends with the task.
  struct Iterator: AsyncIteratorProtocol {
    fileprivate let inbox: ChangeInbox

    mutating func next() async -> PendingChanges? {
      while !Task.isCancelled {
        await inbox.wakeup.wait()
        if !inbox.isUrgent { try? await Task.sleep(for: inbox.gathering) }
        if Task.isCancelled { return nil }
        let changes = inbox.take()
        if !changes.isEmpty { return changes }
      }
      return nil
    }
  }

  private func take() -> PendingChanges {
    state.withLock { changes in
      defer { changes = PendingChanges() }
      return changes
    }
  }

  private var isUrgent: Bool { state.withLock { $0.isUrgent } }
}
