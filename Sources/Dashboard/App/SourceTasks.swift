import FlowMonitor

/// What runs for the Redis that is shown: whoever watches it, its pictures, and what it is told of what is looked at.
struct SourceTasks {
  private let tasks: [Task<Void, Never>]
  private let look: AsyncStream<Window>.Continuation

  /// - Parameter pause: how long to wait between two pictures.
  init(_ source: FlowSource, to mailbox: Mailbox, pause: @escaping @Sendable () async -> Duration) {
    // A window that the monitor has not taken yet when the next one comes, it never needs.
    let (looks, look) = AsyncStream.makeStream(of: Window.self, bufferingPolicy: .bufferingNewest(1))
    self.look = look
    tasks = [
      Task { await source.run() },
      Task {
        for await picture in source.pictures {
          mailbox.put(.picture(picture))
          // What comes meanwhile replaces what came before: the newest picture is taken.
          try? await Task.sleep(for: await pause())
        }
      },
      Task { for await window in looks { await source.look(window) } },
    ]
  }

  /// Tells what is looked at.
  func look(at window: Window) { look.yield(window) }

  /// Ends all of it, at once.
  func cancel() {
    look.finish()
    for task in tasks { task.cancel() }
  }

  /// Returns when all has ended.
  func ended() async { for task in tasks { await task.value } }
}
