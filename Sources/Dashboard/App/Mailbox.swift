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
  private let arrivals: AsyncStream<Void>
  private let arrival: AsyncStream<Void>.Continuation

  init() { (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  /// Yields when something has arrived, for one reader.
  var wakes: AsyncStream<Void> { arrivals }

  func put(_ message: Message) {
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
