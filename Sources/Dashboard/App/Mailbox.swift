import FlowMonitor
import Synchronization

/// What has happened since the loop looked last: every input in order, and of pictures, times and what views show only the newest.
final class Mailbox: Sendable {
  private struct Content {
    var messages: [Message] = []
    var picture: Picture?
    var now: Double?
    var view: (ViewQuestion, ViewAnswer)?
  }

  private let content = Mutex(Content())
  /// Where all goes that is put here; `nil` for a mailbox that keeps it.
  private let whole: Mailbox?
  private let isClosed = Mutex(false)
  private let arrivals: AsyncStream<Void>
  private let arrival: AsyncStream<Void>.Continuation

  /// A mailbox.
  ///
  /// - Parameter whole: the one that this is a slot of: what is put here goes there until this is closed.
  init(slotOf whole: Mailbox? = nil) {
    self.whole = whole
    (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Takes nothing any more.
  func close() { isClosed.withLock { $0 = true } }

  /// Yields when something has arrived, for one reader.
  var wakes: AsyncStream<Void> { arrivals }

  func put(_ message: Message) {
    if let whole {
      // Within the lock: what comes after `close` never arrives.
      return isClosed.withLock { if !$0 { whole.put(message) } }
    }
    content.withLock { content in
      switch message {
      case .picture(let picture): content.picture = picture
      case .tick(let now): content.now = now
      case .view(let question, let answer): content.view = (question, answer)
      default: content.messages.append(message)
      }
    }
    arrival.yield()
  }

  /// Forgets what was told of a Redis: inputs and the time stay.
  func forgetRedis() {
    content.withLock { content in
      (content.picture, content.view) = (nil, nil)
      content.messages.removeAll { if case .input = $0 { false } else { true } }
    }
  }

  /// Everything that has arrived, the time first, the picture next.
  func take() -> [Message] {
    let content = content.withLock { content in
      defer { content = Content() }
      return content
    }
    let view = content.view.map { [Message.view($0, $1)] } ?? []
    return (content.now.map { [.tick($0)] } ?? []) + (content.picture.map { [.picture($0)] } ?? []) + view
      + content.messages
  }
}
