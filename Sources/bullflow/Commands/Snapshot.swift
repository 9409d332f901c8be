import ArgumentParser
import Dashboard
import FlowMonitor
import Foundation
import QueueClient

struct Snapshot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Prints one picture of the dashboard as text.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var screen: ScreenOptions
  @OptionGroup var watched: WatchedOptions

  @Option(help: "How many columns.") var width = 100
  @Option(help: "How many rows.") var height = 30
  @Flag(help: "With colours.") var ansi = false

  func validate() throws {
    guard (20...1000).contains(width), (5...10_000).contains(height) else {
      throw ValidationError("--width must be in 20...1000 and --height in 5...10000")
    }
  }

  func run() async throws {
    let settings = try common.resolved()
    let themes = try screen.themes(preferring: settings.theme)
    let client = settings.client()
    defer { client.close() }
    let monitor = FlowMonitor(
      redis: client,
      configuration: MonitorConfiguration(
        prefix: settings.prefix, queueNames: watched.queue, cacheFolder: QueueCache.folder()))
    var setup = Watch.setup(settings, Watch.Wishes(screen: screen))
    setup.isASCII = screen.ascii
    var model = DashboardModel(
      setup: setup,
      size: Frame.Size(rows: height, columns: width), now: Date().timeIntervalSince1970)
    _ = model.update(.picture(try await monitor.picture(of: model.window)))
    let frame = model.draw()
    print(ansi ? frame.ansi(theme: themes[0]) : frame.text)
  }
}
