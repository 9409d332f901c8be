import FlowMonitor
import Foundation
import QueueClient
import Redis

/// The shell around the pure parts: takes in what happens, has the state updated, shows the picture, and does
/// what the update asks for.
public actor DashboardLoop {
  private let terminal: Terminal
  private let monitor: FlowMonitor
  private let redis: RedisClient
  private let themes: [Theme]
  private var state: DashboardState

  /// A loop over a terminal and a monitor.
  ///
  /// - Parameters:
  ///   - themes: the themes to choose from; the first is in use.
  public init(terminal: Terminal, monitor: FlowMonitor, redis: RedisClient, themes: [Theme], state: DashboardState) {
    self.terminal = terminal
    self.monitor = monitor
    self.redis = redis
    self.themes = themes
    self.state = state
  }

  /// Runs until the person quits; the terminal is given back before it returns.
  public func run() async {
    let (events, sink) = AsyncStream<DashboardState.Event>.makeStream()
    await withTaskGroup { group in
      group.addTask { [monitor] in await monitor.run() }
      group.addTask { [monitor] in
        for await update in monitor.updates { sink.yield(.monitor(update)) }
      }
      group.addTask { [terminal] in
        for await input in terminal.input { sink.yield(.input(input)) }
      }
      group.addTask {
        while !Task.isCancelled {
          try? await Task.sleep(for: .milliseconds(500))
          sink.yield(.tick(Date().timeIntervalSince1970))
        }
      }
      for await event in events {
        let themeBefore = state.themeName
        let effects = state.update(event)
        if state.themeName != themeBefore, let theme = themes.first(where: { $0.name == state.themeName }) {
          terminal.use(theme)
        }
        if effects.contains(.quit) { break }
        for effect in effects { group.addTask { await self.perform(effect, sink) } }
        terminal.show(state.layout())
      }
      group.cancelAll()
      await terminal.end()
    }
  }

  private func perform(_ effect: Effect, _ sink: AsyncStream<DashboardState.Event>.Continuation) async {
    do {
      switch effect {
      case .open(let keys):
        await monitor.open(keys)
      case .loadDetail(let key):
        sink.yield(.detail(key, try await JobDetail.read(key, from: redis)))
      case .enableNotifications:
        try await monitor.enableNotifications()
        sink.yield(.message("keyspace notifications are on", isError: false))
      case .copy(let text):
        terminal.copy(text)
      case .quit:
        break
      }
    } catch is CancellationError {
      return
    } catch {
      sink.yield(.message("\(error)", isError: true))
    }
  }
}
