import ArgumentParser
import Dashboard
import FlowMonitor
import Foundation
import QueueClient
import Redis

struct Watch: AsyncParsableCommand, Endless {
  static let configuration = CommandConfiguration(abstract: "The dashboard (what bullflow does without a command).")

  @OptionGroup var common: CommonOptions
  @OptionGroup var screen: ScreenOptions
  @OptionGroup var watched: WatchedOptions

  @Option(help: "auto: use keyspace notifications where they are on; enable: turn them on; off: never use them.")
  var notifications: MonitorConfiguration.Notifications = .auto

  func run() async throws {
    let settings = try common.resolved()
    if settings.isReadOnly, notifications == .enable {
      throw Failure(what: "--notifications enable", why: Failure.readOnly, code: .usage)
    }
    let client = settings.client()
    defer { client.close() }
    // A wrong URL or password is told before the screen is taken over, and ends the program.
    try await client.reach()
    try await Self.show(
      client, prefix: settings.prefix, server: "redis \(settings.endpoint)", queues: watched.queue,
      notifications: notifications, readOnly: settings.isReadOnly, screen: screen, theme: settings.theme,
      name: settings.name, hints: settings.hints, filters: settings.filters, masking: settings.masking,
      audit: settings.audit)
  }

  /// Shows the dashboard of a Redis until the person quits.
  static func show(
    _ client: RedisClient, prefix: String, server: String, queues: [String],
    notifications: MonitorConfiguration.Notifications, readOnly: Bool, screen: ScreenOptions, theme: String?,
    name: String = "", hints: [String] = [], filters: [String: String] = [:], masking: Masking = .usual,
    remembersQueues: Bool = true, audit: @escaping ChangeAudit
  ) async throws {
    let isColored = screen.isColored
    let themes = try screen.themes(preferring: theme, fitting: isColored ? TerminalBackground.ask() : nil)
    let terminal = try Terminal(theme: themes[0], isColored: isColored)
    let configuration = MonitorConfiguration(
      prefix: prefix, queueNames: queues, notifications: notifications,
      cacheFolder: remembersQueues ? QueueCache.folder() : nil)
    let monitor = FlowMonitor(redis: client, configuration: configuration)
    let setup = Scene.Setup(
      server: server, prefix: prefix, name: name, isReadOnly: readOnly,
      isASCII: screen.ascii || !Terminal.showsUnicode, hints: hints, filters: filters,
      masking: masking)
    var model = DashboardModel(
      setup: setup, size: Frame.Size(rows: 24, columns: 80), now: Date().timeIntervalSince1970,
      themeNames: themes.map(\.name))
    if remembersQueues, FirstStart.isNow() { model.welcome() }
    await DashboardLoop(
      screen: terminal, source: FlowSource(monitor, redis: client, configuration: configuration, audit: audit),
      themes: themes, model: model
    )
    .run()
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
