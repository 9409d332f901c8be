import DequeModule
import NIOCore

/// The commands on their way, in the order in which the server will answer them.
///
/// A pure state machine: it says whose reply a reply is, and never does anything itself. A command whose time is over
/// keeps its place until its reply has come, so that no later command is handed the wrong one.
struct PendingReplies<Waiter> {
  private struct Entry {
    var waiter: Waiter?
    let sent: NIODeadline
    let deadline: NIODeadline
  }

  private let patience: TimeAmount
  private var entries: Deque<Entry> = []
  /// How many at the front are known to be late.
  private var lateCount = 0
  /// No later than the time of any command is over; earlier where the command with the least time has its reply.
  private var nextDeadline = NIODeadline.distantFuture

  /// - Parameter patience: how long after it was sent a command is late.
  init(patience: TimeAmount) {
    self.patience = patience
  }

  /// Whether no reply is awaited any more.
  var isEmpty: Bool { entries.isEmpty }

  /// When the oldest command without a reply was sent.
  var oldest: NIODeadline? { entries.first?.sent }

  /// Adds a command at the end; it was sent no earlier than those before it.
  mutating func append(_ waiter: Waiter, sent: NIODeadline, deadline: NIODeadline) {
    entries.append(Entry(waiter: waiter, sent: sent, deadline: deadline))
    nextDeadline = min(nextDeadline, deadline)
  }

  /// A reply has come: says who waits for it.
  ///
  /// - Returns: `.nobody` when that command was given up, `.unasked` when no command was on its way.
  mutating func reply() -> Recipient {
    guard let entry = entries.popFirst() else { return .unasked }
    lateCount = max(0, lateCount - 1)
    return entry.waiter.map(Recipient.waiter) ?? .nobody
  }

  /// Changes the waiters of the commands that have become late, each once.
  mutating func changeLate(at now: NIODeadline, _ change: (inout Waiter) -> Void) {
    while lateCount < entries.count, entries[lateCount].sent + patience <= now {
      if var waiter = entries[lateCount].waiter {
        change(&waiter)
        entries[lateCount].waiter = waiter
      }
      lateCount += 1
    }
  }

  /// Gives up every command whose time is over; the replies will be dropped.
  ///
  /// - Returns: the waiters to tell.
  mutating func giveUpOverdue(at now: NIODeadline) -> [Waiter] {
    guard nextDeadline <= now else { return [] }
    nextDeadline = .distantFuture
    var overdue: [Waiter] = []
    for index in entries.indices {
      guard entries[index].deadline <= now else {
        nextDeadline = min(nextDeadline, entries[index].deadline)
        continue
      }
      if let waiter = entries[index].waiter.take() { overdue.append(waiter) }
    }
    return overdue
  }

  /// When the next command may become late, or its time may be over; `nil` while there is none.
  var nextEvent: NIODeadline? {
    guard !entries.isEmpty else { return nil }
    guard lateCount < entries.count else { return nextDeadline }
    return min(entries[lateCount].sent + patience, nextDeadline)
  }

  /// The connection is over: everybody who still waits.
  mutating func removeAll() -> [Waiter] {
    defer {
      entries.removeAll()
      lateCount = 0
      nextDeadline = .distantFuture
    }
    return entries.compactMap(\.waiter)
  }

  /// Whose reply a reply is.
  enum Recipient {
    case waiter(Waiter)
    case nobody
    case unasked
  }
}

extension PendingReplies.Recipient: Equatable where Waiter: Equatable {}
