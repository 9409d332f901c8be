import NIOCore
import Synchronization

/// What callers want sent, gathered until the event loop takes it.
final class Outbox: Sendable {
  private let content: Mutex<OutgoingCommands>

  init(allocator: ByteBufferAllocator) {
    content = Mutex(OutgoingCommands(allocator: allocator))
  }

  /// Adds commands.
  ///
  /// - Returns: what the caller owes them.
  func add(_ commands: some Sequence<RedisCommand>, _ waiting: some Sequence<OutgoingCommand>) -> Duty? {
    content.withLock { content in
      for command in commands { command.encode(into: &content.bytes) }
      content.waiting.append(contentsOf: waiting)
      if content.isFlushAsked { return content.isWorthAWrite ? .flushOnLoop : nil }
      content.isFlushAsked = true
      return .askForFlush
    }
  }

  enum Duty {
    /// The next turn of the event loop is to flush, and has not been asked to.
    case askForFlush
    /// It has, but there is enough for a write: whoever is on the event loop flushes now, so that the server begins
    /// with these while we make the next.
    case flushOnLoop
  }

  /// Takes all that is there, and leaves an empty one in its place.
  func exchange(_ empty: inout OutgoingCommands) {
    content.withLock { swap(&$0, &empty) }
  }
}

/// Commands that leave in one write, and who waits for their replies.
struct OutgoingCommands {
  fileprivate(set) var bytes: ByteBuffer
  fileprivate(set) var waiting: [OutgoingCommand] = []
  fileprivate var isFlushAsked = false

  private static let portion = 4096
  private let allocator: ByteBufferAllocator

  init(allocator: ByteBufferAllocator) {
    self.allocator = allocator
    bytes = allocator.buffer(capacity: 2 * Self.portion)
  }

  fileprivate var isWorthAWrite: Bool { bytes.readableBytes >= Self.portion }

  /// Keeps the space for the next commands, unless it is a lot.
  mutating func removeAll() {
    if bytes.capacity > 16 * Self.portion { bytes = allocator.buffer(capacity: 2 * Self.portion) }
    bytes.clear()
    waiting.removeAll(keepingCapacity: waiting.count < Self.portion)
    isFlushAsked = false
  }
}

/// A command on its way to the event loop: who waits for its reply, and how long.
struct OutgoingCommand {
  let waiter: ReplyWaiter
  /// `nil` is no limit.
  let timeLimit: TimeAmount?
}
