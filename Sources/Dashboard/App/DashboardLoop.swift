import FlowMonitor
import Foundation
import QueueClient

/// The shell around the pure parts: takes in what happens, has the model updated, shows the picture, and has done
/// what the update asks for.
///
/// It waits for nothing but the next thing that happens: whatever takes time runs beside it, so that a key is answered
/// within a frame, whatever Redis does.
public actor DashboardLoop {
  private let screen: any Screen
  private let source: FlowSource
  private let themes: [Theme]
  private let mailbox = Mailbox()
  private let looks: AsyncStream<Window>
  private let look: AsyncStream<Window>.Continuation
  private var model: DashboardModel
  private var shown: Frame?
  private var pace = RefreshPace()
  private var detailReading: Task<Void, Never>?
  private var watching: Task<Void, Never>?
  private var watchingTimeline: Task<Void, Never>?
  private var explaining: Task<Void, Never>?
  private var previewing: Task<Void, Never>?
  private var changing: Task<Void, Never>?
  private var finding = FindTasks()

  /// Two frames are at least so far apart.
  static let frameInterval = Duration.milliseconds(33)

  /// A loop over a screen and a source of pictures.
  ///
  /// - Parameter themes: the themes to choose from.
  public init(screen: any Screen, source: FlowSource, themes: [Theme], model: DashboardModel) {
    self.screen = screen
    self.source = source
    self.themes = themes
    self.model = model
    // A window that the monitor has not taken yet when the next one comes, it never needs.
    (looks, look) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Runs until the person quits; the terminal is given back before it returns.
  public func run() async {
    await withTaskGroup { group in
      group.addTask { [source] in await source.run() }
      group.addTask { [self, source, mailbox] in
        for await picture in source.pictures {
          mailbox.put(.picture(picture))
          // What comes meanwhile replaces what came before: the newest picture is taken.
          try? await Task.sleep(for: await pace.pause)
        }
      }
      group.addTask { [screen, mailbox] in
        for await input in screen.input { mailbox.put(.input(input)) }
      }
      group.addTask { [source, looks] in
        for await window in looks { await source.look(window) }
      }
      group.addTask { [mailbox] in
        while !Task.isCancelled {
          let now = Date().timeIntervalSince1970
          mailbox.put(.tick(now))
          // Just behind the next full second, so that the clock does not stumble.
          try? await Task.sleep(for: .seconds(1.01 - now.truncatingRemainder(dividingBy: 1)))
        }
      }
      await follow()
      look.finish()
      detailReading?.cancel()
      watching?.cancel()
      watchingTimeline?.cancel()
      explaining?.cancel()
      previewing?.cancel()
      changing?.cancel()
      finding.cancel()
      group.cancelAll()
      await screen.end()
      // What is done is recorded before the program ends.
      await changing?.value
    }
  }

  private func follow() async {
    var last = ContinuousClock.now - Self.frameInterval
    for await _ in mailbox.wakes {
      let pause = Self.frameInterval - (ContinuousClock.now - last)
      if pause > .zero { try? await Task.sleep(for: pause) }
      last = .now
      for message in mailbox.take() {
        for effect in model.update(message) {
          if effect == .quit { return }
          perform(effect)
        }
      }
      let frame = model.draw()
      guard frame != shown else { continue }
      screen.show(frame)
      pace.shown(bytes: frame.bytesToShow(after: shown))
      shown = frame
    }
  }

  private func perform(_ effect: Effect) {
    switch effect {
    case .look(let window): look.yield(window)
    case .watch(let question): watch(question)
    case .watchTimeline(let key): watchTimeline(of: key)
    case .readDetail(let key): readDetail(of: key)
    case .stopReadingDetail: detailReading?.cancel()
    case .explain(let key): explain(key)
    case .preview(let action): preview(action)
    case .stopPreview: previewing?.cancel()
    case .change(let preview): change(preview)
    case .stopChange: changing?.cancel()
    case .find(let effect): finding.perform(effect, by: source.finder, to: mailbox)
    case .enableNotifications: enableNotifications()
    case .copy(let text): screen.copy(text)
    case .useTheme(let name):
      guard let theme = themes.first(where: { $0.name == name }) else { return }
      screen.use(theme)
    case .quit: break
    }
  }

  private func readDetail(of key: JobKey) {
    detailReading?.cancel()
    detailReading = Task { [source, mailbox] in
      do {
        let detail = try await source.readDetail(key)
        if !Task.isCancelled { mailbox.put(.detail(key, detail)) }
      } catch {
        if !Task.isCancelled { mailbox.put(.detailFailed(key, "\(error)")) }
      }
    }
  }

  private func watch(_ question: ViewQuestion?) {
    watching?.cancel()
    watching = question.map { question in
      Task { [source, mailbox] in
        await source.watch(question) { mailbox.put(.view(question, $0)) }
      }
    }
  }

  private func watchTimeline(of key: JobKey?) {
    watchingTimeline?.cancel()
    watchingTimeline = key.map { key in
      Task { [source, mailbox] in
        await source.watchTimeline(key) { mailbox.put(.timeline(key, $0)) }
      }
    }
  }

  private func explain(_ key: JobKey) {
    explaining?.cancel()
    explaining = Task { [source, mailbox] in
      let explanation = try? await source.explain(key)
      if !Task.isCancelled { mailbox.put(.explanation(key, explanation)) }
    }
  }

  private func preview(_ action: JobAction) {
    previewing?.cancel()
    previewing = Task { [source, mailbox] in
      do {
        let preview = try await source.preview(action)
        if !Task.isCancelled { mailbox.put(.preview(preview)) }
      } catch {
        if !Task.isCancelled { mailbox.put(.previewFailed(action, "\(error)")) }
      }
    }
  }

  private func change(_ preview: ActionPreview) {
    changing = Task { [source, mailbox] in
      let start = ContinuousClock.now
      let outcome = await source.change(preview) { mailbox.put(.progress(preview, $0)) }
      let taken = (ContinuousClock.now - start).components
      let milliseconds = Int(clamping: taken.seconds * 1000 + taken.attoseconds / 1_000_000_000_000_000)
      mailbox.put(.outcome(preview, outcome, milliseconds: milliseconds))
    }
  }

  private func enableNotifications() {
    Task { [source, mailbox] in
      do {
        try await source.enableNotifications()
        mailbox.put(.notice("keyspace notifications are on", isError: false))
      } catch {
        mailbox.put(.notice("\(error)", isError: true))
      }
    }
  }
}
