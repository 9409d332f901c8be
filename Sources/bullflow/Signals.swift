import Dispatch
import Foundation

/// Signals that end a command in its own time.
enum Signals {
  /// Waits for one of the signals, or for the end of the task.
  static func wait(for signals: [Int32]) async {
    let (stream, sink) = AsyncStream<Void>.makeStream()
    let sources = signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { sink.yield() }
      source.resume()
      return source
    }
    for await _ in stream { break }
    for source in sources { source.cancel() }
  }
}
