import DequeModule
import NIOCore

/// The commands on their way, in the order in which the server will answer them.
///
/// A pure state machine: it says whose reply a reply is, and never does anything itself. A command
/// that was cancelled or timed out keeps its place until its reply has come, so that no later command
/// is handed the wrong one.
struct PendingReplies<Waiter> {
  /// Names a command, or all the commands of a pipeline, for as long as they wait.
  typealias Ticket = UInt64

  private struct Entry {
    var waiter: Waiter?
    let ticket: Ticket
    let deadline: NIODeadline
  }

  private var entries: Deque<Entry> = []

  /// Whether no reply is awaited any more.
  var isEmpty: Bool { entries.isEmpty }

  /// Adds a command at the end.
  mutating func append(_ waiter: Waiter, ticket: Ticket, deadline: NIODeadline) {
    entries.append(Entry(waiter: waiter, ticket: ticket, deadline: deadline))
  }

  /// A reply has come: says who waits for it.
  ///
  /// - Returns: `.nobody` when that command was given up, `.unasked` when no command was on its way.
  mutating func reply() -> Recipient {
    guard let entry = entries.popFirst() else { return .unasked }
    return entry.waiter.map(Recipient.waiter) ?? .nobody
  }

  /// Gives up what has this ticket; the replies will be dropped.
  ///
  /// - Returns: the waiters to tell; none when their replies have already been handed out.
  mutating func giveUp(_ ticket: Ticket) -> [Waiter] {
    giveUp { $0.ticket == ticket }
  }

  /// Gives up every command whose time is over.
  mutating func giveUpOverdue(at now: NIODeadline) -> [Waiter] {
    giveUp { $0.deadline <= now }
  }

  private mutating func giveUp(where isOver: (Entry) -> Bool) -> [Waiter] {
    var waiters: [Waiter] = []
    for index in entries.indices where isOver(entries[index]) {
      if let waiter = entries[index].waiter.take() { waiters.append(waiter) }
    }
    return waiters
  }

  /// When the next command's time is over.
  var nextDeadline: NIODeadline? {
    entries.lazy.filter { $0.waiter != nil }.map(\.deadline).min()
  }

  /// The connection is over: everybody who still waits.
  mutating func removeAll() -> [Waiter] {
    defer { entries.removeAll() }
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
