import FlowMonitor
import Synchronization
import Testing

@testable import Dashboard
@testable import QueueClient

/// The loop with stand-ins for the terminal and the monitor.
@Suite struct LoopTests {
  /// A screen that remembers what it was shown.
  final class ScriptedScreen: Screen {
    let input: AsyncStream<InputEvent>
    let keys: AsyncStream<InputEvent>.Continuation
    let shows: AsyncStream<String>
    private let show: AsyncStream<String>.Continuation
    let log = Mutex<[String]>([])
    let frames = Mutex(0)

    init() {
      (input, keys) = AsyncStream.makeStream()
      (shows, show) = AsyncStream.makeStream()
    }

    func show(_ frame: Frame) {
      frames.withLock { $0 += 1 }
      show.yield(frame.text)
    }
    func use(_ theme: Theme) { log.withLock { $0.append("theme \(theme.name)") } }
    func copy(_ text: String) { log.withLock { $0.append("copy \(text)") } }
    func ringBell() { log.withLock { $0.append("bell") } }
    func end() async { log.withLock { $0.append("end") } }

    /// Waits until a frame has a text in it.
    func waits(for text: String) async {
      for await frame in shows where frame.contains(text) { return }
    }
  }

  /// What became of the monitor's part.
  final class Monitor: Sendable {
    let pictures: AsyncStream<Picture>
    let picture: AsyncStream<Picture>.Continuation
    let looks = Mutex<[Window]>([])
    let reads: AsyncStream<(JobKey, Bool)>
    private let read: AsyncStream<(JobKey, Bool)>.Continuation

    init() {
      (pictures, picture) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
      (reads, read) = AsyncStream.makeStream()
    }

    /// A source whose `look` and readings of details never come to an end by themselves.
    var source: FlowSource {
      FlowSource(
        pictures: pictures, run: { try? await Task.sleep(for: .seconds(600)) },
        look: { window in
          self.looks.withLock { $0.append(window) }
          try? await Task.sleep(for: .seconds(600))
        },
        readDetail: { key in
          self.read.yield((key, false))
          do {
            try await Task.sleep(for: .seconds(600))
          } catch {
            self.read.yield((key, true))
          }
          return nil
        },
        explain: { _ in
          try await Task.sleep(for: .seconds(600))
          return nil
        },
        preview: { action in
          var preview = ActionPreview(action)
          preview.parts = [.promote(Sample.bad)]
          return preview
        },
        change: { _, progress in
          progress(1)
          var outcome = ActionOutcome()
          do {
            try await Task.sleep(for: .seconds(600))
          } catch {
            outcome.interruption = error
          }
          return outcome
        }, enableNotifications: {})
    }
  }

  private func withLoop(_ body: @Sendable (ScriptedScreen, Monitor) async -> Void) async -> [String] {
    let (screen, monitor) = (ScriptedScreen(), Monitor())
    let model = DashboardModel(
      setup: Scene.Setup(server: "redis", prefix: "bull"), size: Frame.Size(rows: 40, columns: 120), now: 1030,
      themeNames: ["dark", "light"])
    let loop = DashboardLoop(screen: screen, source: monitor.source, themes: Theme.builtIn, model: model)
    await withTaskGroup { group in
      group.addTask { await loop.run() }
      monitor.picture.yield(Sample.picture)
      await screen.waits(for: "monthly-report")
      await body(screen, monitor)
      screen.keys.yield(.character("q"))
      await group.waitForAll()
    }
    return screen.log.withLock { $0 }
  }

  @Test(.timeLimit(.minutes(1)))
  func `keys are answered although the monitor answers nothing, and q ends it and gives the terminal back`() async {
    let log = await withLoop { screen, _ in
      screen.keys.yield(.character("-"))
      await screen.waits(for: "▸ ◌ monthly-report")
      screen.keys.yield(.character("y"))
      screen.keys.yield(.character("t"))
      await screen.waits(for: "theme light")
    }
    #expect(log == ["copy bull:reports:monthly", "theme light", "end"])
  }

  @Test(.timeLimit(.minutes(1)))
  func `the reading of a detail is cancelled when the selection moves on`() async {
    _ = await withLoop { screen, monitor in
      var reads = monitor.reads.makeAsyncIterator()
      screen.keys.yield(.key(.enter))
      #expect(await reads.next()?.0 == Sample.stuck)
      screen.keys.yield(.character("j"))
      var seen: [String] = []
      for _ in 0..<2 {
        if let (key, isCancelled) = await reads.next() { seen.append("\(key.id) \(isCancelled)") }
      }
      #expect(seen.sorted() == ["bad false", "monthly true"])
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an action is shown, begun and stopped, and what runs still when the program ends is waited for`() async {
    let log = await withLoop { screen, _ in
      screen.keys.yield(.character("P"))
      await screen.waits(for: "y do it")
      screen.keys.yield(.character("y"))
      await screen.waits(for: "Esc stops")
      screen.keys.yield(.key(.escape))
      await screen.waits(for: "nothing was changed: it was stopped")
      screen.keys.yield(.character("P"))
      await screen.waits(for: "y do it")
      screen.keys.yield(.character("y"))
      await screen.waits(for: "Esc stops")
    }
    #expect(log == ["end"])
  }

  @Test(.timeLimit(.minutes(1)))
  func `of many pictures at once only few are shown, and the last one is`() async {
    _ = await withLoop { screen, monitor in
      let before = screen.frames.withLock { $0 }
      for count in 1...2000 {
        var picture = Sample.picture
        picture.problemCount = KnownCount(count, isExact: true)
        monitor.picture.yield(picture)
      }
      await screen.waits(for: "2,000 problems")
      #expect(screen.frames.withLock { $0 } - before < 200)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `another profile is shown at one stroke, the one before ends, and what it still tells is not shown`() async {
    let (screen, old, new) = (ScriptedScreen(), Monitor(), Monitor())
    var setup = Scene.Setup(server: "redis", prefix: "bull", name: "one")
    setup.profiles = ["away", "one", "two"]
    let first = setup
    let model = DashboardModel(setup: first, size: Frame.Size(rows: 40, columns: 120), now: 1030, themeNames: ["dark"])
    let ended = AsyncStream<Void>.makeStream()
    var source = old.source
    source.run = {
      try? await Task.sleep(for: .seconds(600))
      ended.continuation.yield()
    }
    let profiles = Profiles { name in
      guard name == "two" else { throw Terminal.Failure(description: "nobody answers") }
      var setup = first
      setup.name = name
      return Profiles.Opened(setup: setup, source: new.source, theme: Theme.builtIn[1])
    }
    let loop = DashboardLoop(screen: screen, source: source, themes: Theme.builtIn, model: model, profiles: profiles)
    await withTaskGroup { group in
      group.addTask { await loop.run() }
      old.picture.yield(Sample.picture)
      await screen.waits(for: "monthly-report")
      for key in ":ctx away\n" { screen.keys.yield(.character(key)) }
      await screen.waits(for: "away cannot be shown: nobody answers")
      for key in ":ctx two\n" { screen.keys.yield(.character(key)) }
      await screen.waits(for: "bullflow  two")
      for await _ in ended.stream { break }
      old.picture.yield(Sample.picture)
      new.picture.yield(Sample.manyFlows(0..<3, of: 3))
      await screen.waits(for: "flow-2")
      screen.keys.yield(.character("q"))
      await group.waitForAll()
    }
    #expect(screen.log.withLock { $0 } == ["theme light", "end"])
    #expect(new.looks.withLock { !$0.isEmpty })
  }

  @Test func `of what has come meanwhile, inputs are all kept, pictures and times only the newest`() {
    let mailbox = Mailbox()
    for index in 1...3 {
      mailbox.put(.tick(Double(index)))
      var picture = Picture()
      picture.flowCount = KnownCount(index, isExact: true)
      mailbox.put(.picture(picture))
      mailbox.put(.input(.character("j")))
    }
    let kinds = mailbox.take().map { message in
      switch message {
      case .tick(let now): "tick \(now)"
      case .picture(let picture): "picture \(picture.flowCount.value)"
      default: "other"
      }
    }
    #expect(kinds == ["tick 3.0", "picture 3", "other", "other", "other"])
    #expect(mailbox.take().isEmpty)
  }

  @Test(arguments: [(0, 0), (250, 10), (2500, 100), (100_000, 1000)])
  func `the more is written for a picture, the later the next one is taken, within limits`(
    bytes: Int, milliseconds: Int
  ) {
    var pace = RefreshPace()
    pace.shown(bytes: bytes)
    #expect(pace.pause == .milliseconds(milliseconds))
  }
}
