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
  private var source: FlowSource
  private var themes: [Theme]
  private let profiles: Profiles
  private let inbox = Mailbox()
  /// The slot of the inbox for what is told of the Redis that is shown.
  private var mailbox: Mailbox
  private var sourceTasks: SourceTasks?
  /// Those of Redis servers that were shown before, until they have ended.
  private var leaving: [SourceTasks] = []
  private var opening: Task<Void, Never>?
  private var model: DashboardModel
  private var shown: Frame?
  private var pace = RefreshPace()
  private var detailReading: Task<Void, Never>?
  private var partReading: Task<Void, Never>?
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
  /// - Parameters:
  ///   - themes: the themes to choose from.
  ///   - profiles: what else can be shown.
  public init(
    screen: any Screen, source: FlowSource, themes: [Theme], model: DashboardModel, profiles: Profiles = .none
  ) {
    self.screen = screen
    self.source = source
    self.themes = themes
    self.model = model
    self.profiles = profiles
    mailbox = Mailbox(slotOf: inbox)
  }

  /// Runs until the person quits; the terminal is given back before it returns.
  public func run() async {
    beginWatching()
    await withTaskGroup { group in
      group.addTask { [screen, inbox] in
        for await input in screen.input { inbox.put(.input(input)) }
      }
      group.addTask { [inbox] in
        while !Task.isCancelled {
          let now = Date().timeIntervalSince1970
          inbox.put(.tick(now))
          // Just behind the next full second, so that the clock does not stumble.
          try? await Task.sleep(for: .seconds(1.01 - now.truncatingRemainder(dividingBy: 1)))
        }
      }
      await follow()
      opening?.cancel()
      stopAsking()
      sourceTasks?.cancel()
      changing?.cancel()
      group.cancelAll()
      await screen.end()
      // What is done is recorded before the program ends.
      await changing?.value
      for tasks in leaving { await tasks.ended() }
      await sourceTasks?.ended()
    }
  }

  private func beginWatching() {
    sourceTasks = SourceTasks(source, to: mailbox) { [weak self] in await self?.pause ?? .zero }
  }

  private var pause: Duration { pace.pause }

  /// Stops what is under way beside a change.
  private func stopAsking() {
    for task in [detailReading, partReading, watching, watchingTimeline, explaining, previewing] { task?.cancel() }
    finding.cancel()
  }

  // MARK: Switching to another Redis

  private func open(_ profile: String) {
    opening?.cancel()
    opening = Task { [profiles, inbox] in
      do {
        let opened = try await profiles.open(profile)
        if Task.isCancelled { return opened.source.close() }
        show(opened)
      } catch {
        if !Task.isCancelled { inbox.put(.notice("\(profile) cannot be shown: \(error)", isError: true)) }
      }
    }
  }

  /// Shows another Redis. At one stroke: no key that was pressed meanwhile does to one what was asked of the other.
  private func show(_ opened: Profiles.Opened) {
    guard model.actions.running == nil else {
      opened.source.close()
      return inbox.put(.notice("one change still runs: \(opened.setup.name) is not shown", isError: true))
    }
    stopAsking()
    mailbox.close()
    inbox.forgetRedis()
    sourceTasks?.cancel()
    if let sourceTasks { leaving.append(sourceTasks) }
    source = opened.source
    mailbox = Mailbox(slotOf: inbox)
    if let index = themes.firstIndex(where: { $0.name == opened.theme.name }) { themes.remove(at: index) }
    themes.append(opened.theme)
    screen.use(opened.theme)
    beginWatching()
    for effect in model.update(.switched(opened.setup, theme: opened.theme.name)) { perform(effect) }
    inbox.put(.tick(Date().timeIntervalSince1970))
  }

  private func follow() async {
    var last = ContinuousClock.now - Self.frameInterval
    for await _ in inbox.wakes {
      let pause = Self.frameInterval - (ContinuousClock.now - last)
      if pause > .zero { try? await Task.sleep(for: pause) }
      last = .now
      for message in inbox.take() {
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
    case .look(let window): sourceTasks?.look(at: window)
    case .watch(let question): watch(question)
    case .watchTimeline(let key): watchTimeline(of: key)
    case .readDetail(let key): readDetail(of: key)
    case .stopReadingDetail: detailReading?.cancel()
    case .readPart(let key, let part): readPart(part, of: key)
    case .open(let file, let program): open(file, by: program)
    case .explain(let key): explain(key)
    case .preview(let action): preview(action)
    case .gather(let group): gather(group)
    case .stopPreview: previewing?.cancel()
    case .change(let preview): change(preview)
    case .stopChange: changing?.cancel()
    case .find(let effect): finding.perform(effect, by: source.finder, to: mailbox)
    case .ringBell: screen.ringBell()
    case .call(let facts): call(facts)
    case .switchProfile(let name): open(name)
    case .enableNotifications: enableNotifications()
    case .copy(let text): screen.copy(text)
    case .useTheme(let name):
      guard let theme = themes.first(where: { $0.name == name }) else { return }
      screen.use(theme)
    case .quit: break
    }
  }

  /// Asks the Redis that is shown, beside all else. What a question gives that was cancelled is nobody's any more.
  private func ask(
    _ question: @escaping @Sendable (FlowSource) async throws -> Message,
    orFail failure: @escaping @Sendable (String) -> Message
  ) -> Task<Void, Never> {
    Task { [source, mailbox] in
      let message: Message
      do { message = try await question(source) } catch { message = failure("\(error)") }
      if !Task.isCancelled { mailbox.put(message) }
    }
  }

  private func readDetail(of key: JobKey) {
    detailReading?.cancel()
    detailReading = ask {
      .detail(key, try await $0.readDetail(key))
    } orFail: {
      .detailFailed(key, $0)
    }
  }

  private func readPart(_ part: JobPart, of key: JobKey) {
    partReading?.cancel()
    partReading = ask {
      .part(key, part, try await $0.readPart(key, part))
    } orFail: {
      .partFailed(key, part, $0)
    }
  }

  private func open(_ file: OutsideFile, by program: OutsideProgram) {
    Task { [screen, mailbox] in
      if let failure = await screen.open(file, by: program) { mailbox.put(.notice(failure, isError: true)) }
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
    previewing = ask {
      .preview(try await $0.preview(action))
    } orFail: {
      .previewFailed(action, $0)
    }
  }

  private func gather(_ group: GroupAction) {
    previewing?.cancel()
    previewing = ask {
      .members(group, try await $0.members(group.group))
    } orFail: {
      .membersFailed(group, $0)
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

  private func call(_ facts: ProblemFacts) {
    Task { [source, mailbox] in
      do {
        try await source.call(facts)
      } catch {
        mailbox.put(.notice("the command of on_problem: \(error)", isError: true))
      }
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
