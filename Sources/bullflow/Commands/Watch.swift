import ArgumentParser
import Dashboard
import FlowMonitor
import Foundation
import QueueClient
import Redis

struct Watch: AsyncParsableCommand, Endless {
  static let configuration = CommandConfiguration(
    abstract: "The dashboard (what bullflow does without a command); with --until, a wait for scripts.",
    discussion: """
      --until stuck ends when a flow needs somebody, --until done when every flow has ended: of the whole Redis, or of the \
      flow of one job, with QUEUE ID. It needs no terminal, and prints one line that says what happened.

      Exit codes of --until: 0 it is so; 3 it has ended the other way (it is stuck, and will not be done by itself; or it \
      is done, and will not be stuck); 4 the time of --timeout is over; 1 there is no such job; 2 Redis is away.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var screen: ScreenOptions
  @OptionGroup var watched: WatchedOptions

  @Option(help: "auto: use keyspace notifications where they are on; enable: turn them on; off: never use them.")
  var notifications: MonitorConfiguration.Notifications = .auto

  @Option(help: "Wait until a flow is stuck, or until all are done, and end.") var until: WatchGoal?
  @Option(help: "How many seconds to wait at the most.", transform: Given.seconds) var timeout: Double?
  @Argument(help: ArgumentHelp("With --until: the queue and id of one of the flow's jobs.", valueName: "queue> <id"))
  var flow: [String] = []

  var isEndless: Bool { until == nil }

  func validate() throws {
    guard until != nil else {
      if let word = flow.first { throw ValidationError("Unexpected argument '\(word)'") }
      if timeout != nil { throw ValidationError("--timeout belongs to --until") }
      return
    }
    guard flow.isEmpty || flow.count == 2 else {
      throw ValidationError("a flow is a queue and a job's id: bullflow watch QUEUE ID --until done")
    }
    if let queue = flow.first, let id = flow.last { _ = (try Given.queueName(queue), try Given.jobID(id)) }
  }

  func run() async throws {
    let settings = try common.resolved()
    if settings.isReadOnly, notifications == .enable {
      throw Failure(what: "--notifications enable", why: Failure.readOnly, code: .usage)
    }
    if let until { return try await wait(until: until, settings) }
    let wishes = Wishes(
      queues: watched.queue, notifications: notifications, screen: screen, isReadOnly: common.readOnly)
    // A wrong URL or password is told before the screen is taken over, and ends the program.
    let client = settings.client()
    defer { client.close() }
    try await client.reach()
    try await Self.show(client, settings, wishes)
  }

  private func wait(until goal: WatchGoal, _ settings: Settings) async throws {
    let wait = WatchUntil(goal: goal, timeout: timeout)
    let client = settings.client()
    defer { client.close() }
    try await client.reach()
    if let queue = flow.first, let id = flow.last {
      let job = JobKey(queue: QueueKey(prefix: settings.prefix, name: queue), id: id)
      let sights = FlowSights(redis: client, job: job)
      return try await wait.run { try await sights.look() }
    }
    let configuration = MonitorConfiguration(
      prefix: settings.prefix, queueNames: watched.queue, notifications: notifications,
      cacheFolder: QueueCache.folder())
    try await RedisSights(redis: client, configuration: configuration)
      .watching(FlowMonitor(redis: client, configuration: configuration)) { sights in
        try await wait.run { try await sights.look() }
      }
  }

  /// What the command line says of the dashboard, whichever Redis it shows.
  struct Wishes {
    var queues: [String] = []
    var notifications = MonitorConfiguration.Notifications.auto
    var screen: ScreenOptions
    var isReadOnly = false
    /// What the header says instead of the server's address.
    var server: String?
    var remembersQueues = true
  }

  /// Shows the dashboard of a Redis until the person quits.
  static func show(_ client: RedisClient, _ settings: Settings, _ wishes: Wishes) async throws {
    let isColored = wishes.screen.isColored
    let background = isColored ? TerminalBackground.ask() : nil
    let themes = try wishes.screen.themes(preferring: settings.theme, fitting: background)
    let source = try source(client, settings, wishes)
    let terminal = try Terminal(theme: themes[0], isColored: isColored)
    var model = DashboardModel(
      setup: setup(settings, wishes), size: Frame.Size(rows: 24, columns: 80), now: Date().timeIntervalSince1970,
      themeNames: themes.map(\.name))
    if wishes.remembersQueues, FirstStart.isNow() { model.welcome() }
    let profiles = Profiles { name in
      do {
        return try await open(name, settings.file, wishes, background)
      } catch {
        throw ProfileTrouble(description: Failure(error).map { "\($0.what): \($0.why)" } ?? "\(error)")
      }
    }
    await DashboardLoop(screen: terminal, source: source, themes: themes, model: model, profiles: profiles).run()
  }

  /// Reaches the Redis of a profile.
  private static func open(
    _ profile: String, _ file: SettingsFile, _ wishes: Wishes, _ background: TerminalBackground?
  ) async throws -> Profiles.Opened {
    let settings = try Settings.of(profile: profile, in: file, isReadOnly: wishes.isReadOnly)
    let theme = try wishes.screen.themes(preferring: settings.theme, fitting: background)[0]
    let client = settings.client()
    do {
      try await client.reach()
      return Profiles.Opened(
        setup: setup(settings, wishes), source: try source(client, settings, wishes), theme: theme)
    } catch {
      client.close()
      throw error
    }
  }

  private static func source(_ client: RedisClient, _ settings: Settings, _ wishes: Wishes) throws -> FlowSource {
    let configuration = MonitorConfiguration(
      prefix: settings.prefix, queueNames: wishes.queues,
      notifications: settings.isReadOnly && wishes.notifications == .enable ? .auto : wishes.notifications,
      cacheFolder: wishes.remembersQueues ? QueueCache.folder() : nil)
    let monitor = FlowMonitor(redis: client, configuration: configuration)
    var source = FlowSource(monitor, redis: client, configuration: configuration, audit: settings.audit)
    let words = settings.file.onProblem.command
    if !words.isEmpty {
      let command = try ProblemCommand(words, settings: settings)
      source.call = { try await command.call($0) }
    }
    return source
  }

  /// How the dashboard shows a Redis.
  static func setup(_ settings: Settings, _ wishes: Wishes) -> Scene.Setup {
    let file = settings.file
    var setup = Scene.Setup(
      server: wishes.server ?? "redis \(settings.endpoint)", prefix: settings.prefix, name: settings.name,
      isReadOnly: settings.isReadOnly, isASCII: wishes.screen.ascii || !Terminal.showsUnicode, hints: file.look.hints,
      filters: file.filters, masking: file.masking)
    setup.keys = file.look.keys
    setup.columns = file.look.columns
    setup.confirmsQueue = settings.confirmsQueue
    setup.alarm.bell = file.onProblem.bell
    setup.alarm.command = !file.onProblem.command.isEmpty
    setup.profiles = file.profiles.keys.sorted()
    return setup
  }

  private struct ProfileTrouble: Error, CustomStringConvertible {
    let description: String
  }
}

/// Which queues are looked at.
struct WatchedOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only this queue; may be given again.", valueName: "name"), transform: Given.queueName)
  var queue: [String] = []
}

extension MonitorConfiguration.Notifications: ExpressibleByArgument {}

extension RedisClient {
  /// Makes sure that the server is there and takes us.
  func reach() async throws {
    do {
      try await send(["PING"])
    } catch let error as RedisError where error.isMissingRight {
      // A user without the right to PING may still read.
    }
  }
}
