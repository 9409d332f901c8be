import DequeModule
import NIOCore

/// The commands on their way, in the order in which the server will answer them.
///
/// A pure state machine: it says whose reply a reply is, and never does anything itself. A command
/// that was cancelled or timed out keeps its place until its reply has come, so that no later command
/// is handed the wrong one.
struct PendingReplies<Waiter> {
  /// Names a command for as long as it waits.
  typealias ID = UInt64

  private struct Entry {
    var waiter: Waiter?
    var deadline: NIODeadline
  }

  private var entries: Deque<Entry> = []
  private var firstID: ID = 0

  /// Whether no reply is awaited any more.
  var isEmpty: Bool { entries.isEmpty }

  /// How many replies are still to come.
  var count: Int { entries.count }

  /// The name that the next command added will have.
  var nextID: ID { firstID + UInt64(entries.count) }

  /// Adds a command at the end.
  mutating func append(_ waiter: Waiter, deadline: NIODeadline) {
    entries.append(Entry(waiter: waiter, deadline: deadline))
  }

  /// A reply has come: says who waits for it.
  ///
  /// - Returns: `.nobody` when that command was given up, `.unasked` when no command was on its way.
  mutating func reply() -> Recipient {
    guard let entry = entries.popFirst() else { return .unasked }
    firstID += 1
    return entry.waiter.map(Recipient.waiter) ?? .nobody
  }

  /// Gives up a command; its reply will be dropped.
  ///
  /// - Returns: the waiter to tell, or `nil` when the reply has already been handed out.
  mutating func giveUp(_ id: ID) -> Waiter? {
    guard id >= firstID, id < nextID else { return nil }
    let index = Int(id - firstID)
    defer { entries[index].waiter = nil }
    return entries[index].waiter
  }

  /// Gives up every command whose time is over.
  mutating func giveUpOverdue(at now: NIODeadline) -> [Waiter] {
    var overdue: [Waiter] = []
    for index in entries.indices where entries[index].deadline <= now {
      if let waiter = entries[index].waiter {
        overdue.append(waiter)
        entries[index].waiter = nil
      }
    }
    return overdue
  }

  /// When the next command's time is over.
  var nextDeadline: NIODeadline? {
    entries.lazy.filter { $0.waiter != nil }.map(\.deadline).min()
  }

  /// The connection is over: everybody who still waits.
  mutating func removeAll() -> [Waiter] {
    defer {
      firstID = nextID
      entries.removeAll()
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
