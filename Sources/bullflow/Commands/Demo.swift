import ArgumentParser
import Dashboard
import FlowMonitor
import Foundation
import PrivateRedis
import QueueClient
import Redis

struct Demo: AsyncParsableCommand, Endless {
  static let configuration = CommandConfiguration(
    abstract: "Shows flows at work on a private Redis, which is gone afterwards.",
    discussion: "Without a terminal (or with --headless) it prints the flows as they go, and ends when they have."
  )

  @OptionGroup var screen: ScreenOptions
  @Option(help: ArgumentHelp("Which flows: \(DemoScenario.names).", valueName: "name")) var scenario: DemoScenario?
  @Option(help: "How fast: 2 is twice as fast.") var speed = 1.0
  @Flag(help: "Print instead of taking the terminal over.") var headless = false

  func validate() throws {
    guard (0.01...1000).contains(speed) else { throw ValidationError("--speed must be in 0.01...1000") }
  }

  func run() async throws {
    let server = try await PrivateRedis.start()
    defer { server.stop() }
    let client = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
    defer { client.close() }
    let isHeadless = headless || isatty(STDOUT_FILENO) == 0 || isatty(STDIN_FILENO) == 0
    let play = DemoPlay(redis: client, speed: speed)
    if isHeadless {
      try await HeadlessDemo(play: play, redis: client, scenario: scenario ?? .guide, isASCII: screen.ascii).run()
    } else {
      try await withThrowingTaskGroup { group in
        group.addTask { try await play.work() }
        group.addTask { try await play.perform(scenario) }
        var file = SettingsFile()
        file.audit = .nowhere
        try await Watch.show(
          client, Settings(endpoint: server.endpoint, prefix: QueueKey.defaultPrefix, file: file),
          Watch.Wishes(
            notifications: .enable, screen: screen, server: "private demo Redis", remembersQueues: false))
        group.cancelAll()
      }
    }
  }
}
